package org.espalier.torch.ops;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.espalier.graph.Attribute;
import org.espalier.graph.Node;
import org.jspecify.annotations.Nullable;

/**
 * A call of LSTM, GRU or RNN: T steps, N examples, I features, H hidden units, D directions, G gates.
 *
 * @param gates 4 of LSTM (input, output, forget, cell), 3 of GRU (update, reset, hidden), 1 of RNN
 * @param x [T, N, I]
 * @param lengths how many steps each example has; null where all have T
 * @param directions one or two
 */
record RecurrentLayer(
        Node node, int gates, Tensor x, @Nullable Lengths lengths, List<Direction> directions) {
    /** How many steps each example has, in main memory. */
    static final class Lengths {
        private final long[] steps;

        Lengths(long[] steps) {
            this.steps = steps;
        }

        /** Which examples have step {@code t}, as [N, 1] beside another tensor. */
        Tensor has(long t, Tensor beside) {
            long[] flags = Arrays.stream(steps).map(n -> t < n ? 1 : 0).toArray();
            return ArithmeticKernels.beside(TensorConversions.longs(flags, flags.length, 1), beside)
                    .gt(new Scalar(0));
        }
    }

    /**
     * The weights and states of one direction.
     *
     * @param reverse whether it runs from the last step to the first
     * @param w [G·H, I]
     * @param r [G·H, H]
     * @param inputBias [G·H], beside x·w
     * @param hiddenBias [G·H], beside h·r
     * @param hidden [N, H] before the first step
     * @param cell of LSTM, [N, H] before the first step
     * @param peepholes of LSTM, [3·H] for input, output, forget; null where absent
     * @param activations as many as the operator has
     */
    record Direction(
            boolean reverse,
            Tensor w,
            Tensor r,
            Tensor inputBias,
            Tensor hiddenBias,
            Tensor hidden,
            Tensor cell,
            @Nullable Tensor peepholes,
            List<RecurrentActivation> activations) {}

    /** Whether examples come before steps. */
    static boolean examplesFirst(Node n) {
        return n.getLong("layout", 0) != 0;
    }

    static RecurrentLayer of(KernelCall c) {
        Node n = c.node();
        int gates =
                switch (n.opType()) {
                    case "LSTM" -> 4;
                    case "GRU" -> 3;
                    default -> 1;
                };
        Tensor w = c.in(1);
        Tensor given = c.in(0, w);
        Tensor x = examplesFirst(n) ? given.transpose(0, 1) : given;
        String way = n.getString("direction", "forward");
        int count = (int) w.size(0);
        if (count != (way.equals("bidirectional") ? 2 : 1)) {
            throw c.wrong(
                    "weights must be those of direction '" + way + "'", way.equals("bidirectional") ? 2 : 1, count);
        }
        List<RecurrentActivation> activations = RecurrentActivation.of(c, count);
        int each = activations.size() / count;
        Direction[] all = new Direction[count];
        for (int d = 0; d < count; d++) {
            boolean reverse = d == 1 || way.equals("reverse");
            all[d] = direction(c, x, gates, d, reverse, activations.subList(d * each, (d + 1) * each));
        }
        return new RecurrentLayer(n, gates, x, lengths(c, x.size(0)), List.of(all));
    }

    private static Direction direction(
            KernelCall c, Tensor x, int gates, int d, boolean reverse, List<RecurrentActivation> activations) {
        Tensor w = c.in(1).select(0, d);
        Tensor r = c.in(2).select(0, d).to(w);
        long rows = w.size(0);
        Tensor bias = c.has(3)
                ? c.in(3).select(0, d).to(w)
                : torch.zeros_like(w.select(1, 0)).repeat(2);
        Tensor peepholes = c.has(7) ? c.in(7).select(0, d).to(w) : null;
        return new Direction(
                reverse,
                w,
                r,
                bias.narrow(0, 0, rows),
                bias.narrow(0, rows, rows),
                state(c, 5, x, d, rows / gates),
                state(c, 6, x, d, rows / gates),
                peepholes,
                activations);
    }

    private static Tensor state(KernelCall c, int input, Tensor x, int d, long hidden) {
        if (c.has(input)) {
            return c.in(input).select(examplesFirst(c.node()) ? 1 : 0, d).to(x);
        }
        return torch.zeros(new long[] {x.size(1), hidden}, x.options());
    }

    private static @Nullable Lengths lengths(KernelCall c, long steps) {
        long[] given = c.has(4) ? c.longs(4) : new long[0];
        return Arrays.stream(given).allMatch(n -> n >= steps) ? null : new Lengths(given);
    }

    /** Beyond which gates are cut off before their activation; infinite where they are not. */
    float clip() {
        return node.getFloat("clip", Float.POSITIVE_INFINITY);
    }

    boolean has(String attribute) {
        return node.getLong(attribute, 0) != 0;
    }

    /** Whether the activations are those that the operator has by default. */
    boolean hasUsualActivations() {
        List<String> usual = RecurrentActivation.usual(node.opType());
        return directions.stream().allMatch(d -> d.activations().stream()
                .map(RecurrentActivation::name)
                .toList()
                .equals(usual));
    }

    /** The given strings of an attribute; null where it is absent. */
    static @Nullable List<String> strings(Node n, String attribute) {
        return n.attributes().get(attribute) instanceof Attribute.OfStrings s ? s.values() : null;
    }

    static TensorVector vector(List<Tensor> all) {
        return new TensorVector(all.toArray(Tensor[]::new));
    }
}
