package org.espalier.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects the inputs and labels of a data set. The arrays become the data set's own: do not change them after. */
public final class DataSetBuilder {
    private final String name;
    private final List<Column> columns = new ArrayList<>();
    private @Nullable Labels labels;

    DataSetBuilder(String name) {
        this.name = name;
    }

    /**
     * Adds an input of raw bytes, such as pixels.
     *
     * @param input its name; empty for the only one of an image set
     * @param rows one array per example, unsigned
     * @param normalization how bytes become floats
     * @param shape of one example
     * @return this
     * @throws IllegalArgumentException if an array has another length than the shape
     */
    public DataSetBuilder bytes(String input, byte[][] rows, Normalization normalization, int... shape) {
        return add(new InputSpec(input, StorageType.UINT8, boxed(shape), normalization), rows.clone());
    }

    /**
     * Adds an input of floats.
     *
     * @param input its name
     * @param rows one array per example, finite
     * @param normalization how stored values become the network's
     * @param shape of one example
     * @return this
     * @throws IllegalArgumentException if an array has another length than the shape or holds NaN or infinity
     */
    public DataSetBuilder floats(String input, float[][] rows, Normalization normalization, int... shape) {
        for (int example = 0; example < rows.length; example++) {
            for (float value : rows[example]) {
                if (!Float.isFinite(value)) {
                    throw new IllegalArgumentException("input '" + input + "': values must be finite, expected a "
                            + "number, found " + value + " in example " + example);
                }
            }
        }
        return add(new InputSpec(input, StorageType.FLOAT32, boxed(shape), normalization), rows.clone());
    }

    /**
     * Adds an input of integers.
     *
     * @param input its name
     * @param rows one array per example
     * @param shape of one example
     * @return this
     * @throws IllegalArgumentException if an array has another length than the shape
     */
    public DataSetBuilder longs(String input, long[][] rows, int... shape) {
        return add(new InputSpec(input, StorageType.INT64, boxed(shape), Normalization.identity()), rows.clone());
    }

    /**
     * Labels the examples with classes.
     *
     * @param classes one per example, 0 to the number of names − 1
     * @param names the classes' names
     * @return this
     */
    public DataSetBuilder classes(int[] classes, List<String> names) {
        labels = Labels.classes(classes, names);
        return this;
    }

    /**
     * Labels the examples with numbers to predict.
     *
     * @param rows one array per example
     * @param shape of one example's target; nothing for one number
     * @return this
     */
    public DataSetBuilder targets(float[][] rows, int... shape) {
        labels = Labels.targets(rows, boxed(shape));
        return this;
    }

    /**
     * Labels the examples with several integers each: a class at each position, such as of a pixel, or for each class 1
     * if it is there, else 0.
     *
     * @param rows one array per example, whole numbers
     * @param shape of one example's labels
     * @return this
     */
    public DataSetBuilder integers(float[][] rows, int... shape) {
        labels = Labels.integers(rows, boxed(shape));
        return this;
    }

    private DataSetBuilder add(InputSpec spec, Object[] rows) {
        int elements = spec.elements();
        for (int example = 0; example < rows.length; example++) {
            int length = java.lang.reflect.Array.getLength(rows[example]);
            if (length != elements) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "input '%s': example %d must fill the shape %s, expected %d values, found %d",
                        spec.name(),
                        example,
                        spec.shape(),
                        elements,
                        length));
            }
        }
        columns.add(new Column(spec, rows));
        return this;
    }

    private static List<Integer> boxed(int[] shape) {
        return Arrays.stream(shape).boxed().toList();
    }

    /**
     * Finishes the data set.
     *
     * @return it
     * @throws IllegalArgumentException if there is no input or no example, inputs have the same name, or counts or
     *     labels do not fit
     */
    public DataSet build() {
        if (columns.isEmpty() || columns.get(0).size() == 0) {
            throw new IllegalArgumentException("data set '" + name
                    + "': there must be something in it, expected an input with examples, " + "found none");
        }
        int size = columns.get(0).size();
        Set<String> names = new HashSet<>();
        for (Column column : columns) {
            if (!names.add(column.spec().name())) {
                throw new IllegalArgumentException("data set '" + name + "': input names must differ, found '"
                        + column.spec().name() + "' twice");
            }
            if (column.size() != size) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "data set '%s': inputs must have the same number of examples, expected %d, found %d in '%s'",
                        name,
                        size,
                        column.size(),
                        column.spec().name()));
            }
        }
        Labels checked = labels == null ? Labels.none() : labels;
        checked.check(name, size);
        return new DataSet(name, columns, checked, size);
    }
}
