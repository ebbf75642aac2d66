package org.espalier.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.espalier.bayes.SnrRule;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.shrink.Shrinker;
import org.espalier.testing.ForeignBuilder;
import org.espalier.torch.PassChanges;
import org.espalier.torch.PassMode;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.Test;

/** Normalisations in a step of training that count a part of the units. */
class CountedUnitsTest {
    private final Graph graph = network();
    private final ChannelGroups groups = ChannelGroups.of(graph);

    private static Graph network() {
        ForeignBuilder b = new ForeignBuilder("norms", 7);
        String x = b.linear(b.input("x", 3, 4), 4, 6);
        x = b.op("Add", List.of(x, b.linear(b.layerNorm(x, 6), 6, 6)));
        x = b.op("Add", List.of(x, b.linear(b.oldLayerNorm(x, 6), 6, 6)));
        b.output(b.linear(b.rmsNorm(x, 6), 6, 2), 3, 2);
        return b.build(7);
    }

    private Tensor forward(Graph g, PassChanges changes) {
        SplittableRandom random = new SplittableRandom(2);
        float[] values = new float[24];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        try (TorchGraph torch = new TorchGraph(g)) {
            Map<String, Tensor> in = Map.of("x", TensorConversions.toTorch(TensorData.ofFloats(values, 2, 3, 4)));
            return torch.forward(in, changes, PassMode.evaluation())
                    .values()
                    .iterator()
                    .next();
        }
    }

    @Test
    void of_partKept_equalsTheMaskedNetwork() {
        boolean[] kept = new boolean[groups.units()];
        double[] scale = new double[kept.length];
        for (int u = 0; u < kept.length; u++) {
            kept[u] = u % 3 != 1;
            scale[u] = kept[u] ? 1 : 0;
        }
        Graph masked = Shrinker.mask(groups, graph, scale);
        Map<String, TensorData> read = new LinkedHashMap<>(masked.initializers());
        read.keySet().retainAll(graph.initializers().keySet());
        Map<String, org.espalier.torch.StatisticsMask> counted = new CountedUnits(groups).of(kept);
        assertThat(counted).hasSize(4);
        try (Scope scope = Scope.open()) {
            double[] expected =
                    TensorConversions.toGraph(forward(masked, PassChanges.NONE)).toDoubles();
            double[] found = TensorConversions.toGraph(
                            forward(graph.withInitializers(read), PassChanges.NONE.withStatistics(counted)))
                    .toDoubles();
            double[] all = TensorConversions.toGraph(forward(graph.withInitializers(read), PassChanges.NONE))
                    .toDoubles();
            assertThat(found).containsExactly(expected, within(1e-5));
            assertThat(Math.abs(all[0] - expected[0])).isGreaterThan(1e-3);
        }
    }

    @Test
    void of_allKeptOrNone_countsAll() {
        boolean[] kept = new boolean[groups.units()];
        assertThat(new CountedUnits(groups).of(kept)).isEmpty();
        Arrays.fill(kept, true);
        assertThat(new CountedUnits(groups).of(kept)).isEmpty();
    }

    /** With hardly any noise and multipliers of nearly 1. */
    @Test
    void changes_freshNoise_leavesTheNetworkAsItIs() {
        double[] mu = new double[groups.units()];
        double[] logSigma = new double[groups.units()];
        Arrays.fill(mu, 5);
        Arrays.fill(logSigma, -18);
        double[] weights = new double[groups.units()];
        try (StructuredBayes method =
                        new StructuredBayes(groups, new NoiseLayer(mu, logSigma, 1, 0), weights, new SnrRule(1));
                TorchGraph torch = new TorchGraph(graph);
                Scope scope = Scope.open()) {
            PassChanges changes = method.changes(torch.parameters());
            assertThat(changes.statistics()).isEmpty();
            double[] expected =
                    TensorConversions.toGraph(forward(graph, PassChanges.NONE)).toDoubles();
            double[] found = TensorConversions.toGraph(forward(graph, changes)).toDoubles();
            assertThat(found).containsExactly(expected, within(1e-5));
        }
    }

    @Test
    void changes_unitsBelowTheThreshold_areNotCounted() {
        double[] mu = new double[groups.units()];
        double[] logSigma = new double[groups.units()];
        Arrays.fill(logSigma, -5);
        int width = groups.groups().stream()
                .filter(g -> g.size() == 6)
                .findFirst()
                .orElseThrow()
                .offset();
        mu[width + 2] = -15;
        logSigma[width + 2] = 2;
        double[] weights = new double[groups.units()];
        try (StructuredBayes method =
                        new StructuredBayes(groups, new NoiseLayer(mu, logSigma, 1, 0), weights, new SnrRule(1));
                TorchGraph torch = new TorchGraph(graph);
                Scope scope = Scope.open()) {
            assertThat(method.changes(torch.parameters()).statistics().values())
                    .hasSize(4)
                    .allSatisfy(
                            mask -> assertThat(mask.inputs().get(0).indices()).containsExactly(0L, 1L, 3L, 4L, 5L));
        }
    }
}
