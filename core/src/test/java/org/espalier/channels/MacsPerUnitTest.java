package org.espalier.channels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.espalier.graph.Graph;
import org.espalier.prepare.GraphNormalizer;
import org.espalier.shapes.Cost;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.espalier.testing.FixedBatch;
import org.espalier.testing.ForeignBuilder;
import org.espalier.testing.RandomForeign;
import org.espalier.testing.RandomNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a group says that a unit saves is what the smaller network costs less. */
class MacsPerUnitTest {
    private static void check(Graph graph) {
        ChannelGroups groups = ChannelGroups.of(graph);
        long before = Cost.of(graph).macs();
        for (ChannelGroup g : groups.groups()) {
            double saved = 0;
            boolean alone = g.size() > 1;
            for (int u = g.offset(); u < g.offset() + g.size() && alone; u++) {
                boolean[] kept = without(groups, u);
                // A piece of one channel cannot lose it.
                alone = !kept[u];
                saved += before
                        - Cost.of(Shrinker.shrink(groups, graph, kept).graph()).macs();
            }
            if (alone) {
                assertThat(g.macsPerUnit())
                        .as("%s: %s of %s", graph.name(), g, groups.groups())
                        .isCloseTo(saved / g.size(), within(1e-9 * before));
            }
        }
    }

    private static boolean[] without(ChannelGroups groups, int unit) {
        boolean[] wish = new boolean[groups.units()];
        Arrays.fill(wish, true);
        wish[unit] = false;
        return KeptUnits.of(groups, wish, new double[wish.length]).kept();
    }

    @Test
    void of_weightFromTheLeft_countsWhatTheReaderSaves() {
        ForeignBuilder b = new ForeignBuilder("left", 1);
        String x = b.relu(b.op("MatMul", List.of(b.weight(6, 3), b.input("x", 3, 8))));
        b.output(b.op("MatMul", List.of(b.weight(5, 6), x)), 5, 8);
        ChannelGroups groups = ChannelGroups.of(b.build(1));
        assertThat(groups.groups()).extracting(ChannelGroup::macsPerUnit).containsExactly(144 / 6.0 + 240 / 6.0);
        check(b.build(1));
    }

    /** Products along both axes of a table of patches and features, as MLP-Mixer has them. */
    @Test
    void of_productsAlongTwoAxes_countsAllOfThem() {
        ForeignBuilder b = new ForeignBuilder("mixer", 1);
        String x = b.linear(b.input("x", 5, 3), 3, 6);
        x = b.transpose(b.linear(b.relu(b.linear(b.transpose(x, 0, 2, 1), 5, 7)), 7, 4), 0, 2, 1);
        b.output(b.linear(x, 6, 2), 4, 2);
        check(b.build(1));
    }

    /** A layer that reads the units that it makes. */
    @Test
    void of_residualStreamOfOneLayer_countsItsCornerOnce() {
        ForeignBuilder b = new ForeignBuilder("corner", 1);
        String x = b.relu(b.linear(b.input("x", 2, 3), 3, 6));
        x = b.op("Add", List.of(x, b.linear(x, 6, 6)));
        b.output(b.linear(x, 6, 2), 2, 2);
        ChannelGroups groups = ChannelGroups.of(b.build(1));
        assertThat(groups.groups()).extracting(ChannelGroup::macsPerUnit).containsExactly(2.0 * (3 + (36 - 25) + 2));
        check(b.build(1));
    }

    /** Two weights, of which one reads the units that the layer makes. */
    @Test
    void of_recurrentLayer_countsBothOfItsWeights() {
        ForeignBuilder b = new ForeignBuilder("recurrent", 1);
        String x = b.transpose(b.relu(b.linear(b.input("x", 5, 3), 3, 6)), 1, 0, 2);
        List<String> inputs = List.of(x, b.weight(1, 24, 6), b.weight(1, 24, 6));
        String y = b.op(
                "Squeeze", List.of(b.many("LSTM", 2, inputs, "hidden_size", 6).get(0), b.longs(1)));
        b.output(b.linear(b.op("Add", List.of(x, y)), 6, 2), 5, 2);
        check(b.build(1));
    }

    @Test
    void of_fixedBatch_countsTheWholeBatchAsCostDoes() {
        ForeignBuilder b = new ForeignBuilder("fixed", 1);
        b.output(b.gemm(b.relu(b.gemm(b.input("x", 3), 3, 6)), 6, 2), 2);
        Graph fixed = FixedBatch.of(b.build(1), 4);
        check(fixed);
        assertThat(Cost.of(fixed).macs()).isEqualTo(4 * (3 * 6 + 6 * 2));
        assertThat(Cost.macsPerExample(fixed)).isEqualTo(3 * 6 + 6 * 2);
    }

    static LongStream seeds() {
        return LongStream.range(0, 40);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void of_randomNetwork_isWhatTheSmallerOneCostsLess(long seed) {
        check(RandomNetwork.of(seed));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void of_randomForeignNetwork_isWhatTheSmallerOneCostsLess(long seed) {
        check(GraphNormalizer.normalize(RandomForeign.of(seed)));
    }
}
