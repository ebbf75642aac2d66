package org.espalier.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;
import org.espalier.torch.OperatorCases.Case;

/** LSTM, GRU and RNN in all that ONNX lets vary: 5 steps of 3 examples with 4 features, 2 or 3 hidden units. */
final class RecurrentCases {
    private static final int STEPS = 5;
    private static final int EXAMPLES = 3;
    private static final int FEATURES = 4;
    private static final List<String> WAYS = List.of("forward", "reverse", "bidirectional");

    private RecurrentCases() {}

    static void add(List<Case> all) {
        for (String way : WAYS) {
            for (String op : List.of("LSTM", "GRU", "RNN")) {
                all.add(of(op, "", way, 3, Map.of()));
                all.add(withStates(of(op, "with states", way, 3, Map.of())));
                all.add(withLengths(of(op, "of sequences of different lengths", way, 2, Map.of())));
                all.add(of(op, "clipped", way, 2, Map.of("clip", Attribute.of(0.3f))));
            }
            all.add(of("GRU", "reset after its product", way, 3, linearBeforeReset()));
            all.add(withStates(of("GRU", "reset after its product with states", way, 3, linearBeforeReset())));
            all.add(withLengths(
                    of("GRU", "reset after its product, of different lengths", way, 3, linearBeforeReset())));
            all.add(withPeepholes(of("LSTM", "with peepholes", way, 2, Map.of())));
            all.add(withPeepholes(of("LSTM", "clipped with peepholes", way, 2, Map.of("clip", Attribute.of(0.3f)))));
            all.add(of("LSTM", "with coupled gates", way, 2, Map.of("input_forget", Attribute.of(1))));
        }
        addActivations(all);
        addOptional(all);
    }

    private static void addActivations(List<Case> all) {
        all.add(of("RNN", "relu", "forward", 3, activations("Relu")));
        all.add(of("RNN", "relu and tanh", "bidirectional", 3, activations("Relu", "Tanh")));
        all.add(of("GRU", "of other activations", "reverse", 3, activations("HardSigmoid", "Softsign")));
        all.add(of("LSTM", "of other activations", "forward", 3, activations("Sigmoid", "Softplus", "Elu")));
        Map<String, Attribute> numbers = new LinkedHashMap<>(
                activations("HardSigmoid", "LeakyRelu", "ScaledTanh", "Affine", "ThresholdedRelu", "Tanh"));
        numbers.put("activation_alpha", new Attribute.OfFloats(List.of(0.3f, 0.2f, 1.2f, 0.4f, 0.1f)));
        numbers.put("activation_beta", new Attribute.OfFloats(List.of(0.4f, 0.7f, 0.5f)));
        all.add(of("LSTM", "of activations with numbers", "bidirectional", 2, numbers));
    }

    /** Without bias, or with a first state and none of the cell. */
    private static void addOptional(List<Case> all) {
        for (String op : List.of("LSTM", "GRU", "RNN")) {
            Case full = of(op, "without bias", "bidirectional", 2, Map.of());
            all.add(withShapes(full, full.shapes().subList(0, 3)));
        }
        Case lstm = of("LSTM", "with one state", "forward", 2, Map.of());
        List<List<Long>> shapes = new ArrayList<>(lstm.shapes());
        shapes.add(OperatorCases.ABSENT);
        shapes.add(OperatorCases.shape(1, EXAMPLES, 2));
        all.add(withShapes(lstm, shapes));
    }

    private static Map<String, Attribute> linearBeforeReset() {
        return Map.of("linear_before_reset", Attribute.of(1));
    }

    private static Map<String, Attribute> activations(String... names) {
        return Map.of("activations", new Attribute.OfStrings(List.of(names)));
    }

    private static int gates(String op) {
        return op.equals("LSTM") ? 4 : op.equals("GRU") ? 3 : 1;
    }

    private static Case of(String op, String what, String way, int hidden, Map<String, Attribute> attributes) {
        Map<String, Attribute> all = new LinkedHashMap<>(attributes);
        all.put("direction", Attribute.of(way));
        all.put("hidden_size", Attribute.of(hidden));
        long directions = way.equals("bidirectional") ? 2 : 1;
        long rows = (long) gates(op) * hidden;
        return OperatorCases.of(
                        op + " " + way + " " + what,
                        14,
                        all,
                        OperatorCases.shape(STEPS, EXAMPLES, FEATURES),
                        OperatorCases.shape(directions, rows, FEATURES),
                        OperatorCases.shape(directions, rows, hidden),
                        OperatorCases.shape(directions, 2 * rows))
                .outputs(op.equals("LSTM") ? 3 : 2);
    }

    private static Case withShapes(Case c, List<List<Long>> shapes) {
        return new Case(
                c.name(),
                c.op(),
                c.opset(),
                c.outputs(),
                c.low(),
                c.high(),
                c.smooth(),
                shapes,
                c.constants(),
                c.attributes());
    }

    private static long hidden(Case c) {
        return c.shapes().get(2).get(2);
    }

    private static List<Long> state(Case c) {
        return OperatorCases.shape(c.shapes().get(1).get(0), EXAMPLES, hidden(c));
    }

    private static Case withStates(Case c) {
        List<List<Long>> shapes = new ArrayList<>(c.shapes());
        shapes.add(OperatorCases.ABSENT);
        shapes.add(state(c));
        if (c.op().equals("LSTM")) {
            shapes.add(state(c));
        }
        return withShapes(c, shapes);
    }

    private static Case withPeepholes(Case c) {
        List<List<Long>> shapes = new ArrayList<>(withStates(c).shapes());
        shapes.add(OperatorCases.shape(c.shapes().get(1).get(0), 3 * hidden(c)));
        return withShapes(c, shapes);
    }

    private static Case withLengths(Case c) {
        TensorData lengths = TensorData.vector(2, STEPS, 4).as(ElementType.INT32);
        long[] shape = state(c).stream().mapToLong(Long::longValue).toArray();
        double[] first = new SplittableRandom(1)
                .doubles(TensorData.elements(shape), -1, 1)
                .toArray();
        Case timed = c.constant("lengths", lengths)
                .constant("first", TensorData.ofDoubles(first, shape).as(ElementType.FLOAT));
        double[] cell = Arrays.stream(first).map(v -> -v).toArray();
        return c.op().equals("LSTM")
                ? timed.constant("cell", TensorData.ofDoubles(cell, shape).as(ElementType.FLOAT))
                : timed;
    }
}
