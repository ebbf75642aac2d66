package org.espalier.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.prepare.GraphNormalizer;
import org.espalier.testing.Equivalence;
import org.espalier.testing.ForeignBuilder;
import org.espalier.testing.Ort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hidden units of LSTM, GRU and RNN: masked equals shrunk in ONNX Runtime, and nothing is frozen without need. */
class RecurrentLayersTest {
    private static final int STEPS = 5;

    /** Writes a recurrent layer as exporters do. */
    private static final class Layers {
        private final ForeignBuilder b;
        private final SplittableRandom random;

        Layers(ForeignBuilder b, long seed) {
            this.b = b;
            this.random = new SplittableRandom(seed);
        }

        /** Three outputs of a layer on [T, N, in]; all that is optional by chance. */
        List<String> layer(String x, String op, int in, int hidden, int directions, String batchOf) {
            long rows = hidden * (op.equals("LSTM") ? 4L : op.equals("GRU") ? 3 : 1);
            List<String> inputs =
                    new ArrayList<>(List.of(x, b.weight(directions, rows, in), b.weight(directions, rows, hidden)));
            inputs.add(random.nextBoolean() ? b.weight(directions, 2 * rows) : "");
            inputs.add("");
            inputs.add(state(directions, hidden, batchOf));
            if (op.equals("LSTM")) {
                inputs.add(state(directions, hidden, batchOf));
                inputs.add(random.nextBoolean() ? b.weight(directions, 3L * hidden) : "");
            }
            String way = directions == 2 ? "bidirectional" : random.nextBoolean() ? "forward" : "reverse";
            List<Object> attributes = new ArrayList<>(List.of("hidden_size", hidden, "direction", way));
            if (op.equals("GRU")) {
                attributes.addAll(List.of("linear_before_reset", random.nextInt(2)));
            }
            if (random.nextInt(3) == 0) {
                attributes.addAll(List.of("clip", 0.8f));
            }
            return b.many(op, op.equals("LSTM") ? 3 : 2, inputs, attributes.toArray());
        }

        /** None, zeros or another number in a computed shape, or numbers that are the same for all examples. */
        private String state(int directions, int hidden, String batchOf) {
            String batch = b.size(batchOf, 0);
            String shape = b.op("Concat", List.of(b.longs(directions), batch, b.longs(hidden)), "axis", 0);
            return switch (random.nextInt(4)) {
                case 0 -> "";
                case 1 -> b.op("ConstantOfShape", shape);
                case 2 -> b.op("Expand", List.of(b.number(0.3f), shape));
                default -> b.op("Expand", List.of(b.weight(directions, 1, hidden), shape));
            };
        }

        /** [T, D, N, H] → [T, N, D·H]. */
        String joined(String y, int hidden, int directions) {
            if (directions == 1 && random.nextBoolean()) {
                return b.op("Squeeze", List.of(y, b.longs(1)));
            }
            long width = random.nextBoolean() ? -1 : (long) hidden * directions;
            return b.op("Reshape", List.of(b.transpose(y, 0, 2, 1, 3), b.longs(0, 0, width)));
        }
    }

    private static Graph network(long seed) {
        ForeignBuilder b = new ForeignBuilder("recurrent-" + seed, seed);
        Layers l = new Layers(b, seed);
        String input = b.input("x", 2, 3, STEPS);
        String x = b.relu(b.conv(input, 2, 6, 3));
        x = b.op("Squeeze", List.of(b.op("ReduceMean", x, "axes", new long[] {2}), b.longs(2)));
        x = b.transpose(x, 2, 0, 1);
        int width = 6;
        List<String> last = List.of();
        int directions = 1;
        int hidden = 5;
        for (int i = l.random.nextInt(1, 3); i > 0; i--) {
            String op = List.of("LSTM", "GRU", "RNN").get(l.random.nextInt(3));
            directions = l.random.nextInt(1, 3);
            last = l.layer(x, op, width, hidden, directions, input);
            String y = l.joined(last.get(0), hidden, directions);
            boolean sum = width == hidden * directions && l.random.nextBoolean();
            x = sum ? b.op("Add", List.of(x, y)) : y;
            width = hidden * directions;
        }
        b.output(b.linear(b.transpose(x, 1, 0, 2), width, 3), STEPS, 3);
        for (String state : last.subList(1, last.size())) {
            if (l.random.nextBoolean()) {
                String flat = b.reshape(b.transpose(state, 1, 0, 2), (long) hidden * directions);
                b.output(b.gemm(flat, hidden * directions, 2), 2);
            }
        }
        return b.build(seed);
    }

    static LongStream seeds() {
        Long one = Long.getLong("tests.seed");
        return one == null ? LongStream.range(0, Integer.getInteger("tests.networks", 60)) : LongStream.of(one);
    }

    @ParameterizedTest(name = "-Dtests.seed={0}")
    @MethodSource("seeds")
    void shrink_randomRecurrentNetwork_equalsMasked(long seed) {
        Graph written = network(seed);
        Graph graph = GraphNormalizer.normalize(written);
        Map<String, TensorData> in = Ort.randomInputs(written, 3, seed);
        Equivalence.assertClose(Ort.run(written, in), Ort.run(graph, in), "normalised");
        ChannelGroups groups = Equivalence.check(graph, seed, 1, 3);
        assertThat(groups.units())
                .as("convolution and hidden units of %s", groups.groups())
                .isGreaterThanOrEqualTo(11);
    }

    /** Rows of every gate, columns of R, states and reader; the attribute follows. */
    @Test
    void shrink_oneUnitOfBothDirections_isCutEverywhere() {
        ForeignBuilder b = new ForeignBuilder("cut", 1);
        String x = b.transpose(b.input("x", STEPS, 3), 1, 0, 2);
        List<String> inputs = List.of(x, b.weight(2, 16, 3), b.weight(2, 16, 4), b.weight(2, 32));
        String y = b.many("LSTM", 3, inputs, "hidden_size", 4, "direction", "bidirectional")
                .get(0);
        y = b.op("Reshape", List.of(b.transpose(y, 2, 0, 1, 3), b.longs(0, 0, 8)));
        b.output(b.op("MatMul", List.of(y, b.weight(8, 2))), STEPS, 2);
        Graph graph = b.build(1);
        ChannelGroups groups = ChannelGroups.of(graph);
        assertThat(Equivalence.sizes(groups)).containsExactly("lstm_4=4");
        Graph small = Shrinker.shrink(groups, graph, new boolean[] {true, false, true, true})
                .graph();
        Node lstm = small.nodes().stream()
                .filter(n -> n.opType().equals("LSTM"))
                .findFirst()
                .orElseThrow();
        assertThat(lstm.getLong("hidden_size", 0)).isEqualTo(3);
        assertThat(constant(small, lstm, 1).shape()).containsExactly(2, 12, 3);
        assertThat(constant(small, lstm, 2).shape()).containsExactly(2, 12, 3);
        assertThat(constant(small, lstm, 3).shape()).containsExactly(2, 24);
        TensorData before = constant(graph, lstm, 2);
        int[] rows = {0, 2, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15};
        assertThat(constant(small, lstm, 2)).isEqualTo(before.take(1, rows).take(2, new int[] {0, 2, 3}));
    }

    private static TensorData constant(Graph g, Node n, int input) {
        return Objects.requireNonNull(g.initializer(n.input(input)));
    }

    /** A GRU unrolled by hand from zeros in a computed shape: 8 units, tied over gates and steps. */
    @Test
    void normalize_zerosThatACellStartsFrom_freezeNothing() {
        ForeignBuilder b = new ForeignBuilder("cell", 1);
        String x = b.input("x", 3, 4);
        String shape = b.op("Concat", List.of(b.size(x, 0), b.longs(8)), "axis", 0);
        String h = b.op("Expand", List.of(b.number(0), shape));
        String w = b.weight(4, 24);
        String r = b.weight(8, 24);
        for (int t = 0; t < 3; t++) {
            String step = b.op("Gather", List.of(x, b.scalar0(t)), "axis", 1);
            List<String> read = b.many("Split", 3, List.of(b.op("MatMul", List.of(step, w))), "axis", 1);
            List<String> own = b.many("Split", 3, List.of(b.op("MatMul", List.of(h, r))), "axis", 1);
            String reset = b.op("Sigmoid", b.op("Add", List.of(read.get(0), own.get(0))));
            String update = b.op("Sigmoid", b.op("Add", List.of(read.get(1), own.get(1))));
            String fresh = b.op("Tanh", b.op("Add", List.of(read.get(2), b.op("Mul", List.of(reset, own.get(2))))));
            String rest = b.op("Sub", List.of(b.number(1), update));
            h = b.op("Add", List.of(b.op("Mul", List.of(rest, fresh)), b.op("Mul", List.of(update, h))));
        }
        b.output(b.gemm(h, 8, 2), 2);
        Graph written = b.build(1);
        Graph graph = GraphNormalizer.normalize(written);
        Map<String, TensorData> in = Ort.randomInputs(written, 3, 1);
        Equivalence.assertClose(Ort.run(written, in), Ort.run(graph, in), "normalised");
        for (long seed = 0; seed < 5; seed++) {
            ChannelGroups groups = Equivalence.check(graph, seed, 1, 3);
            assertThat(groups.units()).isEqualTo(8);
            assertThat(groups.groups()).hasSize(1);
        }
    }

    /** Zeros are what ONNX takes without the input; what makes them goes. */
    @Test
    void normalize_firstStatesOfZeros_disappear() {
        ForeignBuilder b = new ForeignBuilder("zeros", 1);
        String given = b.input("x", STEPS, 3);
        String x = b.transpose(given, 1, 0, 2);
        String shape = b.op("Concat", List.of(b.longs(1), b.size(given, 0), b.longs(4)), "axis", 0);
        String zeros = b.op("ConstantOfShape", shape);
        List<String> inputs = List.of(x, b.weight(1, 16, 3), b.weight(1, 16, 4), b.weight(1, 32), "", zeros, zeros);
        String last = b.many("LSTM", 3, inputs, "hidden_size", 4).get(1);
        b.output(b.gemm(b.op("Squeeze", List.of(last, b.longs(0))), 4, 2), 2);
        Graph graph = GraphNormalizer.normalize(b.build(1));
        assertThat(graph.nodes()).extracting(Node::opType).containsExactly("Transpose", "LSTM", "Squeeze", "Gemm");
        Equivalence.check(graph, 1, 1, 3);
    }

    /** A state that the caller hands in has a fixed width. */
    @Test
    void of_stateFromAnInput_isFrozen() {
        ForeignBuilder b = new ForeignBuilder("state", 1);
        String x = b.transpose(b.input("x", STEPS, 3), 1, 0, 2);
        String first = b.transpose(b.input("h", 1, 4), 1, 0, 2);
        List<String> inputs = List.of(x, b.weight(1, 12, 3), b.weight(1, 12, 4), "", "", first);
        String last = b.many("GRU", 2, inputs, "hidden_size", 4).get(1);
        b.output(b.gemm(b.op("Squeeze", List.of(last, b.longs(0))), 4, 2), 2);
        assertThat(ChannelGroups.of(b.build(1)).units()).isZero();
    }
}
