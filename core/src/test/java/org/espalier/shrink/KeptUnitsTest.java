package org.espalier.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.Node;
import org.espalier.shapes.Cost;
import org.espalier.testing.Equivalence;
import org.espalier.testing.ForeignBuilder;
import org.espalier.testing.RandomNetwork;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeptUnitsTest {
    private final ChannelGroups lenet5 = ChannelGroups.of(Zoo.build("lenet5", 1));

    @Test
    void of_nothingWished_keepsTheBestOfEachGroupAndSaysSo() {
        double[] score = new double[lenet5.units()];
        score[7] = 1;
        score[20 + 11] = 2;
        KeptUnits kept = KeptUnits.of(lenet5, new boolean[lenet5.units()], score);
        assertThat(lenet5.count(kept.kept())).hasSize(4).allSatisfy((name, n) -> assertThat(n)
                .isOne());
        assertThat(kept.kept()[7]).isTrue();
        assertThat(kept.kept()[20 + 11]).isTrue();
        assertThat(kept.revived()).containsExactlyInAnyOrder("conv1", "conv2", "fc1.in", "fc1");
        assertThat(kept.ofNothing()).isTrue();
        double[] ones = new double[lenet5.units()];
        Arrays.fill(ones, 1);
        assertThat(kept.masked(ones)).containsOnly(0);
    }

    /** Two groups of one name: both halves of a layer, of which one is normalised. */
    @Test
    void of_onlyOneOfTwoHalvesWished_isNotOfNothing() {
        ForeignBuilder b = new ForeignBuilder("halves", 1);
        List<String> halves =
                b.many("Split", 2, List.of(b.conv(b.input("x", 3, 4, 4), 3, 8, 3), b.longs(4, 4)), "axis", 1);
        String y = b.conv(b.bn(halves.get(0), 4), 4, 5, 1);
        b.output(b.op("Add", List.of(y, b.conv(halves.get(1), 4, 5, 1))), 5, 4, 4);
        ChannelGroups groups = ChannelGroups.of(b.build(1));
        assertThat(Equivalence.sizes(groups)).containsExactly("conv_0=4", "conv_0=4");
        boolean[] wish = {false, false, false, false, true, true, true, true};
        double[] score = {0, 0, 0, 0, 50, 50, 50, 50};
        KeptUnits kept = KeptUnits.of(groups, wish, score);
        assertThat(kept.kept()).containsExactly(true, false, false, false, true, true, true, true);
        assertThat(kept.ofNothing()).isFalse();
        double[] mean = {1, 2, 3, 4, 5, 6, 7, 8};
        assertThat(kept.masked(mean)).containsExactly(1, 0, 0, 0, 5, 6, 7, 8);
    }

    @Test
    void masked_wrongLength_saysWhatIsExpected() {
        KeptUnits kept = KeptUnits.of(lenet5, all(), new double[lenet5.units()]);
        assertThatThrownBy(() -> kept.masked(new double[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected " + lenet5.units())
                .hasMessageContaining("found 3");
    }

    @Test
    void of_featureOfDroppedChannel_goesToo() {
        boolean[] wish = all();
        wish[20 + 3] = false;
        KeptUnits kept = KeptUnits.of(lenet5, wish, new double[wish.length]);
        assertThat(lenet5.count(kept.kept())).containsEntry("conv2", 49).containsEntry("fc1.in", 800 - 16);
        assertThat(kept.revived()).isEmpty();
    }

    @Test
    void of_channelWithoutFeatures_goesToo() {
        boolean[] wish = all();
        Arrays.fill(wish, 70 + 3 * 16, 70 + 4 * 16, false);
        KeptUnits kept = KeptUnits.of(lenet5, wish, new double[wish.length]);
        assertThat(kept.kept()[20 + 3]).isFalse();
        assertThat(lenet5.count(kept.kept())).containsEntry("conv2", 49);
    }

    @Test
    void of_wrongLength_saysWhatIsExpected() {
        assertThatThrownBy(() -> KeptUnits.of(lenet5, new boolean[3], new double[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected " + lenet5.units())
                .hasMessageContaining("found 3");
    }

    @Test
    void shrink_everythingKept_changesNothing() {
        Graph graph = Zoo.build("lenet5", 1);
        Shrunk shrunk = Shrinker.shrink(ChannelGroups.of(graph), graph, all());
        assertThat(shrunk.graph().nodes()).isEqualTo(graph.nodes());
        assertThat(shrunk.graph().initializers()).isEqualTo(graph.initializers());
        assertThat(shrunk.slices()).isEmpty();
    }

    @Test
    void shrink_lenet5ToStructuredBpsWidths_hasTheirCost() {
        boolean[] wish = all();
        Arrays.fill(wish, 3, 20, false);
        Arrays.fill(wish, 20 + 18, 70, false);
        Arrays.fill(wish, 70 + 284, 870, false);
        Arrays.fill(wish, 870 + 283, 1370, false);
        Graph graph = Zoo.build("lenet5", 1);
        KeptUnits kept = KeptUnits.of(lenet5, wish, new double[wish.length]);
        Graph smaller = Shrinker.shrink(lenet5, graph, kept.kept()).graph();
        assertThat(Cost.of(graph).macs()).isEqualTo(2_293_000);
        long expected = 3 * 25 * 576 + 18 * 3 * 25 * 64 + 284 * 283 + 283 * 10;
        assertThat(Cost.of(smaller).macs()).isEqualTo(expected);
        assertThat(smaller.nodes()).extracting(Node::opType).containsOnlyOnce("Gather");
    }

    @Test
    void shrink_nodeNamedLikeThePickInserted_staysBesideIt() {
        GraphBuilder b = new GraphBuilder("names", 1);
        String x = b.relu("fc1.pick", b.input("x", 6));
        b.declareOutput(b.gemm("fc2", b.gemm("fc1", x, 6, 5), 5, 3), 3);
        Graph graph = b.build();
        ChannelGroups groups = ChannelGroups.of(graph);
        assertThat(Equivalence.sizes(groups)).containsExactly("fc1.in=6", "fc1=5");
        boolean[] kept = Equivalence.randomKept(groups, 0.5, new SplittableRandom(1));
        Graph smaller = Equivalence.shrinkAndCompare(groups, graph, kept, new SplittableRandom(2), 1, 3);
        assertThat(smaller.nodes()).extracting(Node::opType).containsExactly("Relu", "Gather", "Gemm", "Gemm");
    }

    private boolean[] all() {
        boolean[] all = new boolean[lenet5.units()];
        Arrays.fill(all, true);
        return all;
    }

    @Test
    void of_roundedToEight_widthsAreMultiplesAndTheBestAreAdded() {
        double[] score = new double[lenet5.units()];
        boolean[] wish = new boolean[score.length];
        for (int u = 0; u < wish.length; u++) {
            score[u] = -u;
            wish[u] = u % 7 == 0;
        }
        KeptUnits kept = KeptUnits.of(lenet5, wish, score, 8);
        assertThat(lenet5.count(kept.kept()))
                .containsEntry("conv1", 8)
                .containsEntry("conv2", 8)
                .containsEntry("fc1", 72)
                .hasEntrySatisfying("fc1.in", n -> assertThat(n % 8).isZero());
        for (int u = 0; u < 8; u++) {
            assertThat(kept.kept()[u]).as("unit %d", u).isEqualTo(u <= 5 || u == 7);
        }
        Graph graph = Zoo.build("lenet5", 1);
        Equivalence.shrinkAndCompare(lenet5, graph, kept.kept(), new SplittableRandom(1), 1, 3);
    }

    @Test
    void of_roundedBeyondTheSize_keepsAll() {
        KeptUnits kept = KeptUnits.of(lenet5, new boolean[lenet5.units()], new double[lenet5.units()], 64);
        assertThat(lenet5.count(kept.kept()))
                .containsEntry("conv1", 20)
                .containsEntry("conv2", 50)
                .containsEntry("fc1", 64);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
    void of_roundedOnRandomNetworks_multiplesAndStillEqual(long seed) {
        Graph graph = RandomNetwork.of(seed);
        ChannelGroups groups = ChannelGroups.of(graph);
        SplittableRandom random = new SplittableRandom(seed);
        boolean[] wish = new boolean[groups.units()];
        double[] score = new double[groups.units()];
        for (int u = 0; u < wish.length; u++) {
            wish[u] = random.nextInt(4) == 0;
            score[u] = random.nextDouble();
        }
        KeptUnits kept = KeptUnits.of(groups, wish, score, 4);
        for (ChannelGroup g : groups.groups()) {
            int n = 0;
            for (int u = g.offset(); u < g.offset() + g.size(); u++) {
                n += kept.kept()[u] ? 1 : 0;
            }
            if (g.kind() == ChannelGroup.Kind.CHANNELS) {
                assertThat(n % 4 == 0 || n == g.size()).as("%s keeps %d", g, n).isTrue();
            }
        }
        Equivalence.shrinkAndCompare(groups, graph, kept.kept(), random, 1, 3);
    }

    @Test
    void of_nanScore_namesTheUnit() {
        double[] score = new double[lenet5.units()];
        score[21] = Double.NaN;
        assertThatThrownBy(() -> KeptUnits.of(lenet5, new boolean[score.length], score))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unit 1 of group 'conv2'");
    }
}
