package org.espalier.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.TensorData;
import org.espalier.shrink.Shrinker;
import org.espalier.shrink.Shrunk;
import org.espalier.testing.GoldenRows;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.Test;

class SslTest {
    private final Graph graph = StructuredBayesTest.leNet();
    private final ChannelGroups groups = ChannelGroups.of(graph);

    private static double[] values(Tensor t) {
        return TensorConversions.toGraph(t.to(torch.ScalarType.Double)).toDoubles();
    }

    private int offset(String group) {
        return groups.groups().stream()
                .filter(g -> g.name().equals(group))
                .mapToInt(ChannelGroup::offset)
                .findFirst()
                .orElseThrow();
    }

    /** One hidden unit with two weights in and two out, or the other way round. */
    @Test
    void penalty_goldenValuesAndGradients() {
        GraphBuilder b = new GraphBuilder("one", 1);
        String x = b.relu("relu", b.gemm("fc1", b.input("x", 2), 2, 2));
        b.output("y", b.gemm("fc2", x, 2, 4), 4);
        Graph net = b.build();
        for (double[] row : GoldenRows.of("group_lasso.csv")) {
            // The group is the column that reads the second hidden unit; everything else is zero.
            float[] w = new float[8];
            for (int i = 0; i < 4; i++) {
                w[2 * i + 1] = (float) row[i];
            }
            Graph filled = net.withInitializers(Map.of(
                    "fc1.weight", TensorData.ofFloats(new float[4], 2, 2),
                    "fc2.weight", TensorData.ofFloats(w, 4, 2)));
            ChannelGroups own = ChannelGroups.of(filled);
            try (Ssl method = new Ssl(own, KlWeights.one());
                    TorchGraph torchNet = new TorchGraph(filled);
                    Scope scope = Scope.open()) {
                method.changes(torchNet.parameters());
                Tensor penalty = Objects.requireNonNull(method.penalty());
                penalty.backward();
                assertThat(penalty.item_double()).isCloseTo(row[4], within(1e-6 * row[4] + 1e-10));
                Tensor weight = Objects.requireNonNull(torchNet.parameters().get("fc2.weight"));
                assertThat(values(weight.grad())[1]).isCloseTo(row[5], within(1e-5));
                assertThat(values(weight.grad())[0]).isZero();
            }
        }
    }

    @Test
    void penalty_constantThatIsNotTrained_isPassedOver() {
        GraphBuilder b = new GraphBuilder("single", 1);
        String x = b.conv("conv1", b.input("x", 1, 4, 4), 1, 1, 3, 1, 1, 1, false);
        b.constant("shift", TensorData.ofFloats(new float[] {2}, 1, 1, 1, 1));
        x = b.conv("conv2", b.relu("relu", b.add("sum", x, "shift")), 1, 2, 3, 1, 1, 1, false);
        b.output("y", b.flatten("flat", x), 32);
        Graph single = b.build();
        try (Ssl method = new Ssl(ChannelGroups.of(single), KlWeights.one());
                TorchGraph net = new TorchGraph(single);
                Scope scope = Scope.open()) {
            assertThat(net.parameters()).doesNotContainKey("shift");
            method.changes(net.parameters());
            assertThat(Objects.requireNonNull(method.penalty()).item_double()).isPositive();
        }
    }

    @Test
    void penalty_isTheSumOverAllGroups() {
        try (Ssl method = new Ssl(groups, KlWeights.byName(Map.of("conv*", 3.0)));
                TorchGraph net = new TorchGraph(graph);
                Scope scope = Scope.open()) {
            method.changes(net.parameters());
            double expected = 3 * sum("conv1.weight", 9, 1, 4, 0) // filters of conv1
                    + 3 * sum("conv2.weight", 4, 4, 5, 1) // its outputs' readers
                    + 3 * sum("conv2.weight", 16, 1, 5, 0)
                    + 3 * sum("fc1.weight", 1, 4, 7, 2) // conv2's channels are four features each
                    + sum("fc1.weight", 1, 1, 7, 3)
                    + sum("fc1.weight", 20, 1, 7, 0)
                    + sum("fc2.weight", 1, 1, 3, 3);
            assertThat(Objects.requireNonNull(method.penalty()).item_double())
                    .isCloseTo(expected, within(1e-4 * expected));
        }
    }

    /** Σ √n‖W‖ by hand: kind 0 rows of {@code inner} elements, 1 input channels of a convolution, 2 blocks of columns, 3 columns. */
    private double sum(String weight, int inner, int block, int outer, int kind) {
        float[] w = Objects.requireNonNull(graph.initializer(weight)).toFloats();
        int columns = kind == 0 ? outer : w.length / outer / (kind == 2 ? block : kind == 1 ? inner : 1);
        double[] squares = new double[columns];
        for (int i = 0; i < w.length; i++) {
            int group =
                    switch (kind) {
                        case 0 -> i / inner;
                        case 1 -> i / inner % columns;
                        case 2 -> i % (w.length / outer) / block;
                        default -> i % (w.length / outer);
                    };
            squares[group] += (double) w[i] * w[i];
        }
        double size = (double) w.length / columns;
        return Arrays.stream(squares).map(s -> Math.sqrt(size * s)).sum();
    }

    @Test
    void decide_groupsThatAreNearlyZero_go() {
        float[] w = Objects.requireNonNull(graph.initializer("conv2.weight")).toFloats();
        for (int i = 0; i < 16; i++) {
            w[2 * 16 + i] *= 1e-3f; // the third filter
        }
        float[] fc2 = Objects.requireNonNull(graph.initializer("fc2.weight")).toFloats();
        for (int row = 0; row < 3; row++) {
            fc2[row * 7 + 4] = 0; // what reads the fifth hidden unit
        }
        Graph changed = graph.withInitializers(Map.of(
                "conv2.weight", TensorData.ofFloats(w, 5, 4, 2, 2),
                "fc2.weight", TensorData.ofFloats(fc2, 3, 7)));
        try (Ssl method = new Ssl(groups, KlWeights.one())) {
            PruningMethod.Decision d = method.decide(changed);
            for (int u = 0; u < groups.units(); u++) {
                boolean gone = u == offset("conv2") + 2 || u == offset("fc1") + 4;
                assertThat(d.kept()[u]).as("unit %d", u).isEqualTo(!gone);
                assertThat(d.score()[u]).isBetween(0.0, 1.0);
            }
            assertThat(method.decide(graph).kept()).containsOnly(true);
            assertThat(method.parameters()).isEmpty();
        }
    }

    @Test
    void shrink_andState_keepTheWeightsOfUnits() {
        boolean[] kept = new boolean[groups.units()];
        Arrays.fill(kept, true);
        kept[offset("conv1")] = false;
        Shrunk cut = Shrinker.shrink(groups, graph, kept);
        try (Ssl method = new Ssl(groups, KlWeights.byName(Map.of("fc1", 2.0)));
                PruningMethod left = method.shrink(ChannelGroups.of(cut.graph()), cut)) {
            double[] before =
                    Objects.requireNonNull(method.state().get("lambda")).toDoubles();
            double[] after = Objects.requireNonNull(left.state().get("lambda")).toDoubles();
            assertThat(after).isEqualTo(Arrays.copyOfRange(before, 1, before.length));
            assertThatThrownBy(() -> left.load(method.state()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("one number per unit, expected 35");
            assertThatThrownBy(method::penalty)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("belongs to a step");
        }
    }
}
