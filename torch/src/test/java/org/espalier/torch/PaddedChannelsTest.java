package org.espalier.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.Node;
import org.espalier.graph.Value;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With zeros as further channels a network computes the same as without: scores, gradients and running statistics. */
class PaddedChannelsTest {
    private static final int EXAMPLES = 4;

    /** Convolutions with odd numbers of channels, batch normalisation, pooling, a shortcut, and a part that cannot be padded. */
    private static Graph network(SplittableRandom random) {
        GraphBuilder b = new GraphBuilder("net", random.nextLong());
        int[] c = random.ints(4, 9, 40).toArray();
        String x = b.input("x", 3, 8, 8);
        String first = stage(b, 1, x, 3, c[0]);
        String second = b.maxPool("pool", stage(b, 2, first, c[0], c[1]), 2);
        String third = stage(b, 3, second, c[1], c[1]);
        String sum = b.relu("sum.relu", b.add("sum", second, third));
        String sigmoid = b.node("sigmoid", "Sigmoid", List.of(stage(b, 4, sum, c[1], c[2])), Map.of());
        String last = stage(b, 5, sigmoid, c[2], c[3]);
        b.output("y", b.gemm("fc", b.flatten("flat", last), c[3] * 16, 3), 3);
        return b.build();
    }

    private static String stage(GraphBuilder b, int i, String x, int in, int out) {
        String y = b.conv("conv" + i, x, in, out, 3, 1, 1, 1, true);
        return b.relu("relu" + i, b.batchNorm("norm" + i, y, out));
    }

    /** The same network, whose every value is an output, so that none can be padded. */
    private static Graph plain(Graph g) {
        List<Value> outputs = new ArrayList<>(g.outputs());
        for (Node n : g.nodes()) {
            if (!g.isOutput(n.output(0))) {
                outputs.add(new Value(n.output(0), ElementType.FLOAT, null));
            }
        }
        return new Graph(g.name(), g.opsets(), g.inputs(), outputs, g.nodes(), g.initializers());
    }

    private static Map<String, float[]> step(
            Graph g, Map<String, float[]> noise, float[] data, Precision precision, boolean frozen) {
        Map<String, float[]> out = new LinkedHashMap<>();
        PassMode mode = PassMode.training(precision).withExact(true);
        try (TorchGraph net = new TorchGraph(g);
                Scope scope = Scope.open()) {
            List<WeightMultiplier> multipliers = noise.entrySet().stream()
                    .map(e -> new WeightMultiplier(
                            e.getKey(), 1, TensorConversions.floats(e.getValue(), 2, e.getValue().length / 2)))
                    .toList();
            Tensor y = Objects.requireNonNull(net.forward(
                            Map.of("x", TensorConversions.floats(data, EXAMPLES, 3, 8, 8)),
                            PassChanges.ofMultipliers(multipliers),
                            frozen ? mode.withFrozenStatistics() : mode)
                    .get("y"));
            out.put("y", TensorConversions.toGraph(y).toFloats());
            y.square().sum().backward();
            net.parameters().forEach((name, p) -> {
                if (p.grad().defined()) {
                    out.put(
                            "gradient of " + name,
                            TensorConversions.toGraph(p.grad()).toFloats());
                }
            });
            net.state().forEach((name, value) -> out.put(name, value.toFloats()));
        }
        return out;
    }

    private static float[] random(SplittableRandom r, int count, double low) {
        float[] out = new float[count];
        for (int i = 0; i < count; i++) {
            out[i] = (float) (low + r.nextDouble());
        }
        return out;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void step_isThatWithoutPadding(long seed) {
        SplittableRandom r = new SplittableRandom(seed);
        Graph g = network(r);
        assertThat(new PaddedChannels(g, PaddedChannels.FLOATS).allows(PassChanges.ofMultipliers(List.of())))
                .as("something is padded")
                .isTrue();
        assertThat(new PaddedChannels(plain(g), PaddedChannels.HALVES).allows(PassChanges.ofMultipliers(List.of())))
                .isFalse();
        Map<String, float[]> noise = new LinkedHashMap<>();
        for (String w : List.of("conv2.weight", "conv3.weight", "conv5.weight")) {
            long channels = Objects.requireNonNull(g.initializer(w)).shape()[1];
            noise.put(w, random(r, 2 * (int) channels, 0.5));
        }
        float[] data = random(r, EXAMPLES * 3 * 64, -0.5);
        for (boolean frozen : new boolean[] {false, true}) {
            requireSame(g, noise, data, Precision.FLOAT32, frozen, 2e-4);
            requireSame(g, noise, data, Precision.MIXED, frozen, 0.1);
        }
    }

    /** Results are compared as vectors; bfloat16 rounds differently where sums are made in other blocks. */
    private static void requireSame(
            Graph g, Map<String, float[]> noise, float[] data, Precision precision, boolean frozen, double share) {
        Map<String, float[]> expected = step(plain(g), noise, data, precision, frozen);
        Map<String, float[]> found = step(g, noise, data, precision, frozen);
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        assertThat(expected).containsKeys("gradient of conv1.weight", "gradient of norm3.weight");
        expected.forEach((name, values) -> {
            if (!frozen && name.matches("gradient of conv\\d.bias")) {
                return; // 0 but for rounding: the batch's mean takes the bias away
            }
            float[] others = Objects.requireNonNull(found.get(name));
            assertThat(others).hasSameSizeAs(values);
            double square = 0;
            double difference = 0;
            for (int i = 0; i < values.length; i++) {
                square += (double) values[i] * values[i];
                difference += Math.pow(values[i] - others[i], 2);
            }
            assertThat(Math.sqrt(difference))
                    .as("%s, %s, frozen %s", name, precision, frozen)
                    .isLessThanOrEqualTo(share * Math.sqrt(square) + 1e-3);
        });
    }

    @Test
    void withoutBatchNormalization_nothingIsPadded() {
        GraphBuilder b = new GraphBuilder("net", 1);
        String first = b.relu("relu1", b.conv("conv1", b.input("x", 3, 8, 8), 3, 7, 3, 1, 1, 1, true));
        b.output("y", b.conv("conv2", first, 7, 5, 3, 1, 1, 1, true), 5, 8, 8);
        assertThat(new PaddedChannels(b.build(), PaddedChannels.HALVES).allows(PassChanges.ofMultipliers(List.of())))
                .isFalse();
    }
}
