package org.espalier.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.shrink.Shrinker;
import org.espalier.testing.ForeignBuilder;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Normalisations that count a part of the units: values and gradients here, in double precision. */
class MaskedNormalizationTest {
    private static final double STEP = 1e-6;

    private static Graph network(String norm) {
        ForeignBuilder b = new ForeignBuilder(norm, 7);
        String x = b.input("x", 3, 4);
        String h = b.op("MatMul", List.of(x, b.weight(4, 6)));
        String y =
                switch (norm) {
                    case "layer" -> b.layerNorm(h, 6);
                    case "layer, spelled out" -> b.oldLayerNorm(h, 6);
                    default -> b.rmsNorm(h, 6);
                };
        b.output(b.op("MatMul", List.of(b.op("Add", List.of(h, y)), b.weight(6, 2))), 3, 2);
        return b.build(7);
    }

    private static Graph inDouble(Graph g) {
        Map<String, TensorData> constants = new LinkedHashMap<>();
        g.initializers()
                .forEach((name, t) -> constants.put(name, t.type().isFloating() ? t.as(ElementType.DOUBLE) : t));
        List<Value> inputs = g.inputs().stream()
                .map(v -> new Value(v.name(), ElementType.DOUBLE, v.shape()))
                .toList();
        List<Value> outputs = g.outputs().stream()
                .map(v -> new Value(v.name(), ElementType.DOUBLE, v.shape()))
                .toList();
        return new Graph(g.name(), g.opsets(), inputs, outputs, g.nodes(), constants);
    }

    @ParameterizedTest
    @ValueSource(strings = {"layer", "layer, spelled out", "root mean square"})
    void masked_randomDirection_gradientEqualsCentralDifferenceAndShrunk(String norm) {
        Graph graph = network(norm);
        ChannelGroups groups = ChannelGroups.of(graph);
        assertThat(groups.normalizing()).isNotEmpty();
        boolean[] kept = new boolean[groups.units()];
        for (int u = 0; u < kept.length; u++) {
            kept[u] = u % 3 != 1;
        }
        double[] scale = new double[kept.length];
        Arrays.setAll(scale, u -> kept[u] ? 1 : 0);
        Graph masked = inDouble(Shrinker.mask(groups, graph, scale));
        Graph small = inDouble(Shrinker.shrink(groups, Shrinker.mask(groups, graph, scale), kept)
                .graph());
        SplittableRandom random = new SplittableRandom(11);
        TensorData at = Fixtures.random(random, ElementType.DOUBLE, -1, 1, 2, 3, 4);
        TensorData along = Fixtures.random(random, ElementType.DOUBLE, -1, 1, 2, 3, 4);
        try (TorchGraph full = new TorchGraph(masked);
                TorchGraph smaller = new TorchGraph(small);
                Scope scope = Scope.open()) {
            Tensor direction = TensorConversions.toTorch(along);
            double analytic = gradient(full, at, direction);
            double up = value(full, TensorConversions.toTorch(at).add(direction, new Scalar(STEP)));
            double down = value(full, TensorConversions.toTorch(at).add(direction, new Scalar(-STEP)));
            assertThat((up - down) / (2 * STEP)).isCloseTo(analytic, within(1e-6 * (1 + Math.abs(analytic))));
            assertThat(gradient(smaller, at, direction)).isCloseTo(analytic, within(1e-9 * (1 + Math.abs(analytic))));
            assertThat(value(smaller, TensorConversions.toTorch(at)))
                    .isCloseTo(value(full, TensorConversions.toTorch(at)), within(1e-9));
        }
    }

    private static double gradient(TorchGraph graph, TensorData at, Tensor direction) {
        Tensor x = TensorConversions.toTorch(at).set_requires_grad(true);
        objective(graph, x).backward();
        return x.grad().mul(direction).sum().item_double();
    }

    private static double value(TorchGraph graph, Tensor x) {
        return objective(graph, x).item_double();
    }

    private static Tensor objective(TorchGraph graph, Tensor x) {
        Tensor y = graph.forward(x, PassMode.evaluation().withGradients(true));
        return y.mul(y).sum();
    }
}
