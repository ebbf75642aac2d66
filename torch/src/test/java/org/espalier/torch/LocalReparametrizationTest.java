package org.espalier.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.testing.GoldenRows;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.Test;

class LocalReparametrizationTest {
    private static final PassMode EXACT = PassMode.training(Precision.FLOAT32).withExact(true);

    private static float[] floats(double[] row, int from, int count) {
        float[] out = new float[count];
        for (int i = 0; i < count; i++) {
            out[i] = (float) row[from + i];
        }
        return out;
    }

    private static Graph dense(double[] row, float alpha) {
        GraphBuilder b = new GraphBuilder("dense", 1);
        b.output("y", b.gemm("fc", b.input("x", 3), 3, 1), 1);
        Graph g = b.build()
                .withInitializers(Map.of(
                        "fc.weight", TensorData.ofFloats(floats(row, 3, 3), 1, 3),
                        "fc.bias", TensorData.ofFloats(floats(row, 9, 1), 1)));
        Node n = g.nodes().get(0).withAttribute("alpha", Attribute.of(alpha));
        return alpha == 1 ? g : g.with(java.util.List.of(n), g.initializers());
    }

    /** Mean and root of the variance of one output, from a draw whose standard normal number is known. */
    private static double[] meanAndDeviation(Graph graph, double[] row) {
        try (TorchGraph net = new TorchGraph(graph);
                Scope scope = Scope.open()) {
            Map<String, Tensor> inputs = Map.of("x", TensorConversions.floats(floats(row, 0, 3), 1, 3));
            Map<String, Tensor> variances = Map.of("fc.weight", TensorConversions.floats(floats(row, 6, 3), 1, 3));
            double mean = Objects.requireNonNull(
                            net.forward(inputs, Map.of(), EXACT).get("y"))
                    .item_double();
            Engine.seed(5);
            double drawn = Objects.requireNonNull(net.forward(inputs, PassChanges.ofVariances(variances), EXACT)
                            .get("y"))
                    .item_double();
            Engine.seed(5);
            double normal = torch.randn(1, 1).item_double();
            return new double[] {mean, (drawn - mean) / normal};
        }
    }

    @Test
    void dense_goldenMeanAndVariance() {
        for (double[] row : GoldenRows.of("local_reparametrization.csv")) {
            double[] found = meanAndDeviation(dense(row, 1), row);
            assertThat(found[0]).isCloseTo(row[10], within(1e-5));
            assertThat(found[1]).isCloseTo(Math.sqrt(row[11]), within(1e-4 * Math.sqrt(row[11]) + 1e-4));
            double[] doubled = meanAndDeviation(dense(row, 2), row);
            assertThat(doubled[1]).isCloseTo(2 * Math.sqrt(row[11]), within(1e-3 * Math.sqrt(row[11]) + 1e-3));
        }
    }

    /** The outputs' spread over 4,000 draws of an example; off by more than five of its own deviations in one seed of 10⁵. */
    @Test
    void convolution_spread_isThatOfRandomWeights() {
        GraphBuilder b = new GraphBuilder("conv", 2);
        b.output("y", b.conv("conv", b.input("x", 1, 3, 3), 1, 1, 3, 1, 1, 1, true), 1, 3, 3);
        int draws = 4000;
        try (TorchGraph net = new TorchGraph(b.build());
                Scope scope = Scope.open()) {
            float[] ones = new float[draws * 9];
            java.util.Arrays.fill(ones, 2);
            float[] variance = new float[9];
            java.util.Arrays.fill(variance, 0.25f);
            Engine.seed(1);
            Tensor y = Objects.requireNonNull(net.forward(
                            Map.of("x", TensorConversions.floats(ones, draws, 1, 3, 3)),
                            PassChanges.ofVariances(
                                    Map.of("conv.weight", TensorConversions.floats(variance, 1, 1, 3, 3))),
                            EXACT)
                    .get("y"));
            float[] values = TensorConversions.toGraph(y).toFloats();
            // In the corner four weights meet the picture, in the middle nine; each adds 2²·0.25.
            assertThat(variance(values, 0)).isCloseTo(4, within(5 * 4 * Math.sqrt(2.0 / draws)));
            assertThat(variance(values, 4)).isCloseTo(9, within(5 * 9 * Math.sqrt(2.0 / draws)));
        }
    }

    private static double variance(float[] values, int position) {
        double sum = 0;
        double squares = 0;
        int n = values.length / 9;
        for (int i = 0; i < n; i++) {
            sum += values[9 * i + position];
            squares += (double) values[9 * i + position] * values[9 * i + position];
        }
        return (squares - sum * sum / n) / (n - 1);
    }

    @Test
    void inputsOfZero_leaveFiniteGradients() {
        GraphBuilder b = new GraphBuilder("dense", 1);
        b.output("y", b.gemm("fc", b.input("x", 3), 3, 2), 2);
        try (TorchGraph net = new TorchGraph(b.build());
                Scope scope = Scope.open()) {
            Tensor variance = TensorConversions.floats(new float[6], 2, 3).set_requires_grad(true);
            Tensor y = Objects.requireNonNull(net.forward(
                            Map.of("x", TensorConversions.floats(new float[3], 1, 3)),
                            PassChanges.ofVariances(Map.of("fc.weight", variance)),
                            EXACT)
                    .get("y"));
            y.sum().backward();
            assertThat(TensorConversions.toGraph(variance.grad()).toDoubles()).containsOnly(0);
        }
    }
}
