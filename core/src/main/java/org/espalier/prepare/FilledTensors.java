package org.espalier.prepare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/**
 * Tensors all of whose elements are one number and whose shape is computed, such as the zeros that a hand-written recurrent layer starts from.
 *
 * <p>Each becomes an Expand of a constant that has the sizes that never vary. Units can live on those axes and go with what they are joined
 * with. A recurrent layer whose initial state is zeros loses that input: zeros are what ONNX takes without it.
 */
final class FilledTensors {
    private static final Set<String> RECURRENT = Set.of("LSTM", "GRU", "RNN");
    private static final int FIRST_STATE = 5;
    private static final int FIRST_CELL = 6;
    /** A constant in place of a node that makes it must not make the file much larger. */
    private static final int LARGEST = 1 << 12;

    private final Graph graph;
    private final Function<String, @Nullable TensorData> fixed;

    /**
     * Looks at a graph.
     *
     * @param fixed the value of that name where it is the same for all sizes of the inputs, else null
     */
    FilledTensors(Graph graph, Function<String, @Nullable TensorData> fixed) {
        this.graph = graph;
        this.fixed = fixed;
    }

    /**
     * An Expand of a constant in place of a node that fills a computed shape; the node itself where it is none.
     *
     * @param sizes of the node's output, −1 where they vary
     * @param constant adds a constant to the graph and returns its name
     */
    Node expanded(Node node, long @Nullable [] sizes, Function<TensorData, String> constant) {
        TensorData number = filling(node);
        boolean shaped = sizes != null && Arrays.stream(sizes).anyMatch(d -> d > 1);
        if (number == null || sizes == null || !shaped || graph.opset() < 8) {
            return node;
        }
        long[] known = Arrays.stream(sizes).map(d -> d < 0 ? 1 : d).toArray();
        if (TensorData.elements(known) == 0 || TensorData.elements(known) > LARGEST) {
            return node;
        }
        boolean expands = node.opType().equals("Expand");
        TensorData given = expands ? fixed.apply(node.input(0)) : null;
        if (given != null && Arrays.equals(given.shape(), known)) {
            return node;
        }
        List<String> inputs = List.of(constant.apply(number.expand(known)), node.input(expands ? 1 : 0));
        return Node.of(node.name(), "Expand", inputs, node.outputs(), Map.of());
    }

    /** A recurrent layer without initial states that are zeros; other nodes as they are. */
    Node withoutZeroStates(Node old, Node node) {
        if (!RECURRENT.contains(node.opType())) {
            return node;
        }
        List<String> inputs = new ArrayList<>(node.inputs());
        for (int i : List.of(FIRST_STATE, FIRST_CELL)) {
            if (node.hasInput(i) && isZero(old.input(i))) {
                inputs.set(i, "");
            }
        }
        while (inputs.get(inputs.size() - 1).isEmpty()) {
            inputs.remove(inputs.size() - 1);
        }
        return node.withInputs(inputs);
    }

    private boolean isZero(String value) {
        TensorData known = fixed.apply(value);
        Node maker = graph.producer(value);
        TensorData number = known != null ? first(known) : maker == null ? null : filling(maker);
        return number != null && number.getDouble(0) == 0;
    }

    /** The one number of which a node's output consists, as a vector of length 1; null where it is not known. */
    private @Nullable TensorData filling(Node node) {
        TensorData number =
                switch (node.opType()) {
                    case "ConstantOfShape" -> {
                        TensorData value = node.getTensor("value");
                        yield value == null ? TensorData.full(0, 1) : value.reshape(1);
                    }
                    case "Expand" -> {
                        TensorData value = fixed.apply(node.input(0));
                        yield value == null ? null : first(value);
                    }
                    default -> null;
                };
        return number != null && number.type().isFloating() ? number : null;
    }

    /** The number that all elements equal, as a vector of length 1; null where they differ. */
    private static @Nullable TensorData first(TensorData t) {
        double[] v = t.elements() == 0 || t.elements() > LARGEST ? new double[0] : t.toDoubles();
        boolean equal = v.length > 0 && Arrays.stream(v).allMatch(x -> Double.compare(x, v[0]) == 0);
        return equal ? TensorData.ofDoubles(new double[] {v[0]}, 1).as(t.type()) : null;
    }
}
