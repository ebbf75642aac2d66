package org.espalier.objective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.espalier.data.DataSet;
import org.espalier.data.InputSpec;
import org.espalier.data.StorageType;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;

/**
 * How one input of a data set fills one input of a network.
 *
 * @param input the network's input
 * @param index of the data set's input
 * @param spec the data set's input
 * @param sizes of one example as the network wants it, without the batch
 * @param channelsLast whether images [C, H, W] have to become [H, W, C]
 */
public record InputMatch(Value input, int index, InputSpec spec, List<Integer> sizes, boolean channelsLast) {
    /**
     * Copies what is given.
     *
     * @param input the network's input
     * @param index of the data set's input
     * @param spec the data set's input
     * @param sizes of one example as the network wants it, without the batch
     * @param channelsLast whether images [C, H, W] have to become [H, W, C]
     */
    public InputMatch {
        sizes = List.copyOf(sizes);
    }

    /**
     * Matches a network's inputs with a data set's: by name, or the only one with the only one. Sizes must be the
     * same but for axes of size 1; images may have their channels last; a network that wants a vector gets the values
     * in their order.
     *
     * @param inputs by name
     * @param data the data set
     * @return one for each of the inputs
     * @throws IllegalArgumentException if an input is missing, its type or shape does not fit, or the data have one
     *     that the network does not take
     */
    public static List<InputMatch> of(List<Value> inputs, DataSet data) {
        List<InputMatch> fits = new ArrayList<>();
        boolean single = inputs.size() == 1 && data.inputs().size() == 1;
        for (Value v : inputs) {
            int index = single ? 0 : data.inputIndex(v.name());
            if (index < 0) {
                throw new IllegalArgumentException("input '" + v.name() + "' is not in data set '" + data.name()
                        + "', expected an array of that name, found "
                        + data.inputs().stream().map(InputSpec::name).toList());
            }
            fits.add(of(v, index, data));
        }
        List<String> unused = data.inputs().stream()
                .filter(spec -> fits.stream().noneMatch(f -> f.spec().equals(spec)))
                .map(InputSpec::name)
                .toList();
        if (!unused.isEmpty()) {
            throw new IllegalArgumentException("data set '" + data.name() + "' has arrays " + unused
                    + " that are no inputs of the network, expected "
                    + inputs.stream().map(Value::name).toList()
                    + ", and labels in an array y, or in the one that is named for them");
        }
        return fits;
    }

    /**
     * A network whose inputs have the data's sizes where they leave sizes open; how many examples they take stays as
     * it is.
     *
     * @param graph the network
     * @param data the data set
     * @return the network with that shape
     * @throws IllegalArgumentException as {@link #of}
     */
    public static Graph sized(Graph graph, DataSet data) {
        List<Value> inputs =
                of(graph.inputs(), data).stream().map(InputMatch::sized).toList();
        return withInputs(graph, inputs);
    }

    /**
     * A network with its inputs declared otherwise.
     *
     * @param graph the network
     * @param inputs by name
     * @return the same network
     */
    public static Graph withInputs(Graph graph, List<Value> inputs) {
        return inputs.equals(graph.inputs())
                ? graph
                : new Graph(
                        graph.name(),
                        graph.opsets(),
                        inputs,
                        graph.outputs(),
                        graph.nodes(),
                        graph.initializers(),
                        graph.metadata());
    }

    private Value sized() {
        List<Dimension> declared = input.shape();
        List<Dimension> shape = new ArrayList<>();
        shape.add(declared == null || declared.isEmpty() ? Dimension.symbol("N") : declared.get(0));
        sizes.forEach(n -> shape.add(Dimension.of(n)));
        return new Value(input.name(), input.type(), shape);
    }

    private static InputMatch of(Value v, int index, DataSet data) {
        InputSpec spec = data.inputs().get(index);
        if (!v.type().isFloating() && spec.type() == StorageType.FLOAT32) {
            throw new IllegalArgumentException("input '" + v.name()
                    + "' must have the data set's type, expected integers as " + v.type() + ", found " + spec.type()
                    + " in data set '" + data.name() + "'");
        }
        List<Integer> own = spec.shape();
        if (v.shape() == null) {
            return new InputMatch(v, index, spec, own, false);
        }
        List<Dimension> wanted =
                v.shape().subList(Math.min(1, v.shape().size()), v.shape().size());
        if (matches(wanted, own)) {
            return new InputMatch(v, index, spec, own, false);
        }
        if (own.size() == 3 && matches(wanted, List.of(own.get(1), own.get(2), own.get(0)))) {
            return new InputMatch(v, index, spec, List.of(own.get(1), own.get(2), own.get(0)), true);
        }
        long[] known = wanted.stream().mapToLong(Dimension::size).toArray();
        long[] few = Arrays.stream(known).filter(n -> n != 1).toArray();
        boolean fixed = !v.shape().isEmpty() && Arrays.stream(known).allMatch(n -> n >= 1);
        boolean flat = few.length == 1 && few[0] == spec.elements();
        if (fixed && (flat || Arrays.equals(few, notOne(own)))) {
            return new InputMatch(
                    v, index, spec, Arrays.stream(known).mapToObj(n -> (int) n).toList(), false);
        }
        throw new IllegalArgumentException("input '" + v.name() + "' does not fit data set '" + data.name()
                + "', expected [N, " + join(own) + "], found " + v.shape());
    }

    private static boolean matches(List<Dimension> wanted, List<Integer> own) {
        boolean fits = wanted.size() == own.size();
        for (int a = 0; fits && a < own.size(); a++) {
            fits = !wanted.get(a).isKnown() || wanted.get(a).size() == own.get(a);
        }
        return fits;
    }

    private static long[] notOne(List<Integer> sizes) {
        return sizes.stream().mapToLong(Integer::longValue).filter(n -> n != 1).toArray();
    }

    private static String join(List<Integer> sizes) {
        return String.join(", ", sizes.stream().map(String::valueOf).toList());
    }

    /**
     * Whether the data set holds integers here.
     *
     * @return true if it does
     */
    public boolean isIntegers() {
        return spec.type() == StorageType.INT64;
    }

    /**
     * The shape of a batch as the network wants it.
     *
     * @param rows of the result
     * @return the sizes
     */
    public long[] shape(int rows) {
        long[] shape = new long[sizes.size() + 1];
        shape[0] = rows;
        for (int a = 1; a < shape.length; a++) {
            shape[a] = sizes.get(a - 1);
        }
        return shape;
    }
}
