package org.espalier.data;

import java.util.Set;
import java.util.stream.Collectors;

/**
 * A data set in two parts that share inputs and classes.
 *
 * @param train what a network learns from
 * @param test what it is judged by
 * @param heldOut whether the test part was taken out of one whole by chance, because the data brings none
 */
public record Splits(DataSet train, DataSet test, boolean heldOut) {
    /**
     * Two parts that the data brings.
     *
     * @param train what a network learns from
     * @param test what it is judged by
     */
    public Splits(DataSet train, DataSet test) {
        this(train, test, false);
    }

    /**
     * Checks that both parts fit.
     *
     * @param train what a network learns from
     * @param test what it is judged by
     * @param heldOut whether the test part was taken out of one whole by chance, because the data brings none
     * @throws IllegalArgumentException if inputs or classes differ
     */
    public Splits {
        if (!train.inputs().equals(test.inputs())) {
            throw new IllegalArgumentException(
                    "splits of '" + train.name() + "': both parts must have the same inputs, " + "expected "
                            + describe(train) + ", found " + describe(test));
        }
        if (!train.classNames().equals(test.classNames()) || train.labelKind() != test.labelKind()) {
            throw new IllegalArgumentException("splits of '" + train.name()
                    + "': both parts must have the same labels, "
                    + "expected " + train.labelKind() + " " + train.classNames() + ", found " + test.labelKind() + " "
                    + test.classNames());
        }
        // What labels mean follows from all of them: a few of the test part may look like another kind.
        LabelValues both = train.labelValues().and(test.labelValues());
        train = train.withLabelValues(both);
        test = test.withLabelValues(both);
    }

    private static String describe(DataSet data) {
        return data.inputs().stream()
                .map(i -> (i.name().isEmpty() ? "" : "'" + i.name() + "' ") + i.type() + " " + i.shape())
                .collect(Collectors.joining(", "));
    }

    /**
     * Both parts without some of their inputs.
     *
     * @param names of the inputs
     * @return the parts; values in memory are shared
     */
    public Splits without(Set<String> names) {
        return new Splits(train.without(names), test.without(names), heldOut);
    }

    /**
     * Both parts with another normalisation of the first input.
     *
     * @param normalization the new one
     * @return the parts; values in memory are shared
     */
    public Splits withNormalization(Normalization normalization) {
        return new Splits(train.withNormalization(normalization), test.withNormalization(normalization), heldOut);
    }

    /**
     * The same parts, the test part known to be held out.
     *
     * @return the parts
     */
    public Splits asHeldOut() {
        return new Splits(train, test, true);
    }
}
