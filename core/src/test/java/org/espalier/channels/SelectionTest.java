package org.espalier.channels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.shrink.Shrinker;
import org.espalier.testing.Equivalence;
import org.espalier.testing.RandomNetwork;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SelectionTest {
    private final Graph lenet5 = Zoo.build("lenet5", 1);

    @Test
    void only_oneLayer_losesItsOutputsAndTheReaderItsInputs() {
        Selection conv1 = new Selection(n -> n.name().equals("conv1"), n -> false);
        ChannelGroups groups = ChannelGroups.of(lenet5, conv1);
        assertThat(Equivalence.sizes(groups)).containsExactly("conv1=20");
        assertThat(groups.frozen()).anyMatch(f -> f.reason().equals("left alone by request"));
    }

    @Test
    void except_oneLayer_keepsItsInputsAndOutputs() {
        Selection notFc1 = new Selection(n -> true, n -> n.name().equals("fc1"));
        ChannelGroups groups = ChannelGroups.of(lenet5, notFc1);
        assertThat(Equivalence.sizes(groups)).containsExactly("conv1=20");
    }

    @Test
    void except_lastLayer_freezesWhatItReads() {
        Selection notFc2 = new Selection(n -> true, n -> n.name().equals("fc2"));
        assertThat(Equivalence.sizes(ChannelGroups.of(lenet5, notFc2)))
                .containsExactly("conv1=20", "conv2=50", "fc1.in=800");
    }

    static java.util.stream.LongStream seeds() {
        return java.util.stream.LongStream.range(1000, 1040);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void except_randomLayers_stayBitForBitTheSame(long seed) {
        Graph graph = RandomNetwork.of(seed);
        Selection some = new Selection(n -> true, n -> (n.name().hashCode() & 3) == 0);
        ChannelGroups groups = ChannelGroups.of(graph, some);
        SplittableRandom random = new SplittableRandom(seed);
        boolean[] kept = Equivalence.randomKept(groups, 0.4, random);
        Equivalence.shrinkAndCompare(groups, graph, kept, random, 1, 3);
        double[] half = new double[groups.units()];
        java.util.Arrays.fill(half, 0.5);
        Graph smaller = Shrinker.shrink(groups, Shrinker.mask(groups, graph, half), kept)
                .graph();
        for (Node n : graph.nodes()) {
            if (some.except().test(n)) {
                for (String in : n.inputs()) {
                    assertThat(smaller.initializer(in)).as(n.label()).isEqualTo(graph.initializer(in));
                }
            }
        }
    }
}
