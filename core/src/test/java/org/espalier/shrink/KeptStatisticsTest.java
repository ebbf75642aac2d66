package org.espalier.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.prepare.GraphNormalizer;
import org.espalier.testing.ForeignBuilder;
import org.espalier.testing.Ort;
import org.junit.jupiter.api.Test;

/** Normalisations over the units that are left, against the masked formula written out. */
class KeptStatisticsTest {
    private static final int UNITS = 6;
    private static final boolean[] KEPT = {true, false, true, true, false, true};

    /** How the formula normalises: with or without the mean taken off. */
    private enum Form {
        DEVIATION,
        ROOT_MEAN_SQUARE
    }

    private static Graph network(BiFunction<ForeignBuilder, String, String> norm) {
        ForeignBuilder b = new ForeignBuilder("norm", 5);
        String h = b.op("MatMul", List.of(b.input("x", 4), b.weight(4, UNITS)));
        String y = norm.apply(b, h);
        b.output(b.op("MatMul", List.of(y, b.weight(UNITS, 2))), 2);
        return GraphNormalizer.normalize(b.build(5));
    }

    /** m inside mean and variance, divided by Σ m; then scale and shift. */
    private static double[] masked(double[] h, double[] scale, double[] shift, Form form, double epsilon) {
        double count = 0;
        double mean = 0;
        for (int u = 0; u < UNITS; u++) {
            double m = KEPT[u] ? 1 : 0;
            count += m;
            mean += m * h[u];
        }
        mean = form == Form.DEVIATION ? mean / count : 0;
        double variance = 0;
        for (int u = 0; u < UNITS; u++) {
            variance += (KEPT[u] ? 1 : 0) * (h[u] - mean) * (h[u] - mean) / count;
        }
        double[] y = new double[UNITS];
        for (int u = 0; u < UNITS; u++) {
            y[u] = (KEPT[u] ? 1 : 0) * ((h[u] - mean) / Math.sqrt(variance + epsilon) * scale[u] + shift[u]);
        }
        return y;
    }

    private static double[] product(double[] x, double[] w, int columns) {
        double[] y = new double[columns];
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < columns; j++) {
                y[j] += x[i] * w[i * columns + j];
            }
        }
        return y;
    }

    private static void check(Graph graph, Form form, double epsilon, double[] scale, double[] shift) {
        List<TensorData> weights = graph.initializers().values().stream()
                .filter(t -> t.rank() == 2 && t.elements() > UNITS)
                .toList();
        ChannelGroups groups = ChannelGroups.of(graph);
        double[] factors = new double[groups.units()];
        boolean[] kept = new boolean[groups.units()];
        int first = groups.groups().stream()
                .filter(g -> g.size() == UNITS)
                .findFirst()
                .orElseThrow()
                .offset();
        for (int u = 0; u < factors.length; u++) {
            kept[u] = u < first || u >= first + UNITS || KEPT[u - first];
            factors[u] = kept[u] ? 1 : 0;
        }
        Graph masked = Shrinker.mask(groups, graph, factors);
        Graph small = Shrinker.shrink(groups, masked, kept).graph();
        Map<String, TensorData> in = Ort.randomInputs(graph, 1, 3);
        double[] h = product(
                in.values().iterator().next().toDoubles(), weights.get(0).toDoubles(), UNITS);
        double[] expected =
                product(masked(h, scale, shift, form, epsilon), weights.get(1).toDoubles(), 2);
        for (Graph g : List.of(masked, small)) {
            double[] found = Ort.run(g, in).values().iterator().next().toDoubles();
            for (int i = 0; i < 2; i++) {
                assertThat(found[i]).as("%d nodes", g.nodes().size()).isCloseTo(expected[i], within(1e-5));
            }
        }
        assertThat(small.nodes()).hasSameSizeAs(graph.nodes());
    }

    private static double[] vector(Graph graph, int number) {
        return graph.initializers().values().stream()
                .filter(t -> t.rank() == 1 && t.elements() == UNITS)
                .skip(number)
                .findFirst()
                .orElseThrow()
                .toDoubles();
    }

    private static final double[] ONES = {1, 1, 1, 1, 1, 1};
    private static final double[] ZEROS = new double[UNITS];

    @Test
    void layerNormalization_unitsMasked_countsTheOthers() {
        Graph g = network((b, h) -> b.layerNorm(h, UNITS));
        check(g, Form.DEVIATION, 1e-5, vector(g, 0), vector(g, 1));
    }

    @Test
    void layerNormalization_spelledOut_countsTheOthers() {
        Graph g = network((b, h) -> b.oldLayerNorm(h, UNITS));
        check(g, Form.DEVIATION, 1e-5, vector(g, 0), vector(g, 1));
    }

    @Test
    void rootMeanSquare_spelledOut_countsTheOthers() {
        Graph g = network((b, h) -> b.rmsNorm(h, UNITS));
        check(g, Form.ROOT_MEAN_SQUARE, 1e-6, vector(g, 0), ZEROS);
    }

    @Test
    void simplifiedLayerNormalization_unitsMasked_countsTheOthers() {
        Graph g = network((b, h) ->
                b.op("SimplifiedLayerNormalization", List.of(h, b.weight(UNITS)), "axis", -1, "epsilon", 1e-5f));
        check(g, Form.ROOT_MEAN_SQUARE, 1e-5, vector(g, 0), ZEROS);
    }

    @Test
    void meanVarianceNormalization_unitsMasked_countsTheOthers() {
        Graph g = network((b, h) -> b.op("MeanVarianceNormalization", h, "axes", new long[] {1}));
        check(g, Form.DEVIATION, 0, ONES, ZEROS);
    }

    @Test
    void mask_allKept_isTheSameNetwork() {
        Graph g = network((b, h) -> b.layerNorm(h, UNITS));
        ChannelGroups groups = ChannelGroups.of(g);
        double[] ones = new double[groups.units()];
        java.util.Arrays.fill(ones, 1);
        assertThat(Shrinker.mask(groups, g, ones).nodes()).isEqualTo(g.nodes());
    }

    @Test
    void mean_thatNormalisesNothing_keepsItsUnits() {
        Graph g = network(
                (b, h) -> b.op("Mul", List.of(h, b.op("Sigmoid", b.op("ReduceMean", h, "axes", new long[] {1})))));
        assertThat(ChannelGroups.of(g).groups()).noneMatch(group -> group.name().startsWith("matmul_2"));
        assertThat(ChannelGroups.of(g).frozen()).anyMatch(f -> f.reason().contains("ReduceMean"));
    }

    @Test
    void normalization_overChannelsAndFreePositions_keepsItsUnits() {
        ForeignBuilder b = new ForeignBuilder("free", 5);
        String x = b.conv(b.input("x", 3, -1, -1), 3, 4, 3);
        String shape = b.op("Shape", x);
        String flat = b.op("Reshape", List.of(x, b.longs(0, 1, -1)));
        String n = b.op("InstanceNormalization", List.of(flat, b.floats(1), b.floats(0)));
        n = b.op("Reshape", List.of(n, shape));
        b.output(b.conv(n, 4, 2, 1), 2, -1, -1);
        Graph g = GraphNormalizer.normalize(b.build(5));
        assertThat(ChannelGroups.of(g).groups()).noneMatch(group -> group.size() == 4);
    }
}
