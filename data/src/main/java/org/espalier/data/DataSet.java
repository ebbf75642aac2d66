package org.espalier.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Examples in memory: one or several inputs and a label each. Immutable; safe to share between threads.
 *
 * <p>Parts made by {@link #subset} and {@link #holdOut} share their values with the whole.
 */
public final class DataSet {
    /** So many take no time to speak of, and whatever makes data others reaches some of them. */
    private static final int FINGERPRINT_EXAMPLES = 1000;

    private final String name;
    private final List<Column> columns;
    private final List<InputSpec> inputs;
    private final Labels labels;
    private final int size;

    DataSet(String name, List<Column> columns, Labels labels, int size) {
        this.name = name;
        this.columns = List.copyOf(columns);
        this.inputs = columns.stream().map(Column::spec).toList();
        this.labels = labels;
        this.size = size;
    }

    /**
     * Starts a data set.
     *
     * @param name for messages and reports
     * @return a builder with no inputs yet
     */
    public static DataSetBuilder builder(String name) {
        return new DataSetBuilder(name);
    }

    /**
     * The name for messages and reports.
     *
     * @return such as {@code mnist}
     */
    public String name() {
        return name;
    }

    /**
     * The number of examples.
     *
     * @return at least 1
     */
    public int size() {
        return size;
    }

    /**
     * The inputs, in the order in which they were added.
     *
     * @return at least one
     */
    public List<InputSpec> inputs() {
        return inputs;
    }

    /**
     * The first input, the only one of an image set.
     *
     * @return its description
     */
    public InputSpec input() {
        return inputs.get(0);
    }

    /**
     * The position of an input.
     *
     * @param inputName its name; the only input of an unnamed set answers to every name
     * @return the index in {@link #inputs()}, or −1
     */
    public int inputIndex(String inputName) {
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).name().equals(inputName)) {
                return i;
            }
        }
        return inputs.size() == 1 && inputs.get(0).name().isEmpty() ? 0 : -1;
    }

    /**
     * What examples are labelled with.
     *
     * @return classes, targets or nothing
     */
    public LabelKind labelKind() {
        return labels.kind();
    }

    /**
     * The number of classes.
     *
     * @return at least 1, or 0 where labels are no classes
     */
    public int classCount() {
        return labels.names().size();
    }

    /**
     * The classes' names, by class number.
     *
     * @return {@link #classCount()} names
     */
    public List<String> classNames() {
        return labels.names();
    }

    /**
     * The class of an example.
     *
     * @param example 0 to size − 1
     * @return 0 to classCount − 1
     * @throws IllegalStateException if labels are no classes
     */
    public int label(int example) {
        return labels.classOf(name, example);
    }

    /**
     * The shape of one example's numbers to predict, or of its several integers.
     *
     * @return empty for one number per example
     * @throws IllegalStateException if labels are neither
     */
    public List<Integer> targetShape() {
        return labels.targetShape(name);
    }

    /**
     * Whether examples are labelled with numbers to predict, or with several integers.
     *
     * @return true if they are: {@link #readTarget} reads them
     */
    public boolean hasTargets() {
        return labels.areNumbers();
    }

    /**
     * What is known of the numbers that label examples, in this part and the whole that it was taken from.
     *
     * @return of no numbers where labels are classes, or there are none
     */
    public LabelValues labelValues() {
        return labels.values();
    }

    /** The same examples, of whose labels more is known. */
    DataSet withLabelValues(LabelValues known) {
        return known.equals(labels.values()) ? this : new DataSet(name, columns, labels.withValues(known), size);
    }

    /**
     * Reads the numbers to predict of an example, or its several integers.
     *
     * @param example 0 to size − 1
     * @param out receives as many numbers as {@link #targetShape()} has
     * @param offset where in {@code out}
     * @throws IllegalStateException if labels are neither
     */
    public void readTarget(int example, float[] out, int offset) {
        labels.readTarget(name, example, out, offset);
    }

    /**
     * Reads an input of an example as a network sees it, normalised.
     *
     * @param input index in {@link #inputs()}
     * @param example 0 to size − 1
     * @param out receives {@link InputSpec#elements()} values, in the order of the input's shape
     * @param offset where in {@code out}
     * @throws IllegalStateException if the input is {@link StorageType#INT64}
     */
    public void readFloats(int input, int example, float[] out, int offset) {
        columns.get(input).readNormalized(example, out, offset);
    }

    /**
     * Reads an integer input of an example.
     *
     * @param input index in {@link #inputs()}
     * @param example 0 to size − 1
     * @param out receives {@link InputSpec#elements()} values
     * @param offset where in {@code out}
     * @throws IllegalStateException if the input is not {@link StorageType#INT64}
     */
    public void readLongs(int input, int example, long[] out, int offset) {
        columns.get(input).readLongs(example, out, offset);
    }

    /**
     * The first input of an example, normalised.
     *
     * @param example 0 to size − 1
     * @return a new array in the order of the input's shape
     * @throws IllegalStateException if the input is {@link StorageType#INT64}
     */
    public float[] example(int example) {
        float[] values = new float[input().elements()];
        readFloats(0, example, values, 0);
        return values;
    }

    /**
     * The raw pixels of an example.
     *
     * @param example 0 to size − 1
     * @return a copy, [C, H, W]
     * @throws IllegalStateException if the first input is not {@link StorageType#UINT8}
     */
    public byte[] pixels(int example) {
        if (input().type() != StorageType.UINT8) {
            throw new IllegalStateException("data set '" + name
                    + "': pixels must be bytes to be read as such, expected UINT8, found " + input().type());
        }
        return columns.get(0).bytes(example).clone();
    }

    /**
     * The examples with these numbers, in this order.
     *
     * @param indices 0 to size − 1 each; may repeat
     * @return a part that shares the values
     * @throws IllegalArgumentException if there is none, or one is out of range
     */
    public DataSet subset(int... indices) {
        if (indices.length == 0) {
            throw new IllegalArgumentException(
                    "data set '" + name + "': a subset must not be empty, expected at least one index, found none");
        }
        for (int index : indices) {
            if (index < 0 || index >= size) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "data set '%s': index must be in the data set, expected 0 to %d, found %d",
                        name,
                        size - 1,
                        index));
            }
        }
        return new DataSet(
                name,
                columns.stream().map(column -> column.select(indices)).toList(),
                labels.select(indices),
                indices.length);
    }

    /**
     * The first examples.
     *
     * @param count how many; more than there are means all
     * @return a part that shares the values
     * @throws IllegalArgumentException if {@code count} is not positive
     */
    public DataSet take(int count) {
        return count >= size
                ? this
                : subset(IntStream.range(0, Math.max(0, count)).toArray());
    }

    /**
     * Holds examples out of training, chosen by chance and with the same share of each class.
     *
     * @param count how many to hold out, 1 to size − 1
     * @param seed the same seed holds out the same examples
     * @return train and test, disjoint, together the whole, both in the original order
     * @throws IllegalArgumentException if {@code count} is out of range
     */
    public Splits holdOut(int count, long seed) {
        if (count < 1 || count >= size) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "data set '%s': the held-out part must leave something, expected 1 to %d, found %d",
                    name,
                    size - 1,
                    count));
        }
        int[] order = SeededRandom.permutation(size, seed);
        int[] perClass = new int[Math.max(1, classCount())];
        for (int example = 0; example < size; example++) {
            perClass[stratum(example)]++;
        }
        // The r-th of a class with n examples ranks (r + ½)/n: any prefix of that ranking has every class's share.
        int[] seen = new int[perClass.length];
        double[] rank = new double[size];
        for (int example : order) {
            int stratum = stratum(example);
            rank[example] = (seen[stratum]++ + 0.5) / perClass[stratum];
        }
        int[] byRank = Arrays.stream(order)
                .boxed()
                .sorted(Comparator.comparingDouble(example -> rank[example]))
                .mapToInt(Integer::intValue)
                .toArray();
        int[] held = Arrays.stream(byRank, 0, count).sorted().toArray();
        int[] kept = Arrays.stream(byRank, count, size).sorted().toArray();
        return new Splits(subset(kept), subset(held));
    }

    /**
     * Holds a fraction of the examples out of training.
     *
     * @param fraction between 0 and 1; at least one example is held out and one kept
     * @param seed the same seed holds out the same examples
     * @return train and test as {@link #holdOut(int, long)} makes them
     * @throws IllegalArgumentException if {@code fraction} is not inside (0, 1) or there are fewer than two examples
     */
    public Splits holdOut(double fraction, long seed) {
        if (!(fraction > 0) || !(fraction < 1)) {
            throw new IllegalArgumentException("data set '" + name
                    + "': the held-out fraction must leave something, expected inside (0, 1), found " + fraction);
        }
        int count = (int) Math.round(fraction * size);
        return holdOut(Math.max(1, Math.min(size - 1, count)), seed);
    }

    private int stratum(int example) {
        return labels.kind() == LabelKind.CLASSES ? labels.classOf(name, example) : 0;
    }

    /**
     * The same inputs with labels drawn by chance, each class equally likely: there is nothing to learn.
     *
     * @param seed the same seed draws the same labels
     * @return a data set that shares the inputs
     * @throws IllegalStateException if labels are no classes
     */
    public DataSet withRandomLabels(long seed) {
        label(0);
        SeededRandom random = new SeededRandom(seed, 1);
        int[] drawn = IntStream.range(0, size)
                .map(example -> random.nextInt(classCount()))
                .toArray();
        return new DataSet(name, columns, Labels.classes(drawn, classNames()), size);
    }

    /**
     * The same values with another normalisation of the first input.
     *
     * @param normalization the new one
     * @return a data set that shares the values
     * @throws IllegalArgumentException if it has another number of channels
     */
    public DataSet withNormalization(Normalization normalization) {
        List<Column> changed = new ArrayList<>(columns);
        changed.set(0, columns.get(0).withNormalization(normalization));
        return new DataSet(name, changed, labels, size);
    }

    /**
     * The same examples without some of their inputs; those that are not there are passed over, and one input always stays.
     *
     * @param names of the inputs
     * @return a data set that shares the values
     */
    public DataSet without(Set<String> names) {
        List<Column> left =
                columns.stream().filter(c -> !names.contains(c.spec().name())).toList();
        return left.isEmpty() || left.size() == columns.size() ? this : new DataSet(name, left, labels, size);
    }

    /**
     * Measures mean and standard deviation per channel of the first input, over all examples.
     *
     * @return a normalisation with this scale that makes every channel mean 0 and deviation 1; a constant channel keeps
     *     its unit
     * @throws IllegalStateException if the input is {@link StorageType#INT64}
     */
    public Normalization measureNormalization() {
        return columns.get(0).measure();
    }

    /**
     * A number that is another one for other data, most likely: it follows from all labels and from examples spread over all of them.
     *
     * @return the same for the same data in every process
     */
    public long fingerprint() {
        Fingerprint sum = new Fingerprint();
        labels.addTo(sum);
        int step = Math.max(1, size / FINGERPRINT_EXAMPLES);
        for (Column c : columns) {
            for (int example = 0; example < size; example += step) {
                sum.add(c.row(example));
            }
        }
        return sum.value();
    }

    /** The stored values of an input. */
    Column column(int input) {
        return columns.get(input);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "DataSet[%s, %d examples, %s]", name, size, inputs);
    }
}
