package org.espalier.channels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.Node;
import org.espalier.shrink.Shrinker;
import org.espalier.testing.Equivalence;
import org.espalier.testing.RandomNetwork;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayerSelectionTest {
    private final Graph lenet5 = Zoo.build("lenet5", 1);

    @Test
    void only_oneLayer_losesItsOutputsAndTheReaderItsInputs() {
        LayerSelection conv1 = new LayerSelection(n -> n.name().equals("conv1"), n -> false);
        ChannelGroups groups = ChannelGroups.of(lenet5, conv1);
        assertThat(Equivalence.sizes(groups)).containsExactly("conv1=20");
        assertThat(groups.frozen()).anyMatch(f -> f.reason().equals("left alone by request"));
    }

    @Test
    void only_layerBehindAnEmbedding_leavesTheEmbeddingAlone() {
        GraphBuilder b = new GraphBuilder("embedding", 1);
        b.constant("E", b.uniform(8, 20, 8));
        String x = b.node("emb", "Gather", List.of("E", b.input("ids", ElementType.INT64)), Map.of());
        x = b.relu("relu1", product(b, "mm1", x, 8, 6));
        x = b.relu("relu2", product(b, "mm2", x, 6, 5));
        b.declareOutput(product(b, "mm3", x, 5, 3), 3);
        Graph graph = b.build();
        assertThat(Equivalence.sizes(ChannelGroups.of(graph))).containsExactly("emb=8", "mm1=6", "mm2=5");
        ChannelGroups groups =
                ChannelGroups.of(graph, new LayerSelection(n -> n.name().equals("mm2"), n -> false));
        assertThat(Equivalence.sizes(groups)).containsExactly("mm2=5");
        assertThat(groups.frozen())
                .anyMatch(f ->
                        f.value().equals("E") && f.units() == 8 && f.reason().equals("left alone by request"));
        LayerSelection embedding = new LayerSelection(n -> n.name().equals("emb"), n -> false);
        assertThat(Equivalence.sizes(ChannelGroups.of(graph, embedding))).containsExactly("emb=8");
    }

    private static String product(GraphBuilder b, String name, String x, int in, int out) {
        return b.node(name, "MatMul", List.of(x, b.constant(name + ".weight", b.uniform(in, in, out))), Map.of());
    }

    /** What lies between a layer and its readers and only scales, shifts or filters each channel. */
    @Test
    void only_layerWithFollowers_losesItsUnits() {
        GraphBuilder b = new GraphBuilder("followers", 1);
        String x = b.batchNorm("bn", b.conv("conv1", b.input("x", 3, 4, 4), 3, 6, 3, 1, 1, 1, true), 6);
        x = b.node("prelu", "PRelu", List.of(x, b.constant("slope", b.uniform(6, 6, 1, 1))), Map.of());
        x = b.node("shift", "Add", List.of(b.constant("by", b.uniform(6, 1, 6, 1, 1)), x), Map.of());
        x = b.batchNorm("bn2", b.conv("depthwise", x, 6, 6, 3, 1, 1, 6, true), 6);
        b.declareOutput(b.conv("last", x, 6, 2, 1, 1, 0, 1, true), 2, 4, 4);
        LayerSelection conv1 = new LayerSelection(n -> n.name().equals("conv1"), n -> false);
        assertThat(Equivalence.sizes(ChannelGroups.of(b.build(), conv1))).containsExactly("conv1=6");
        LayerSelection bn = new LayerSelection(n -> n.name().equals("bn"), n -> false);
        assertThat(ChannelGroups.of(b.build(), bn).units()).isZero();
    }

    /** A constant that is joined with a chosen layer's channels makes channels, too. */
    @Test
    void only_constantChannelsOfAnotherNode_stay() {
        GraphBuilder b = new GraphBuilder("joined", 1);
        String x = b.gemm("fc1", b.input("x", 4), 4, 6);
        String y = b.node(
                "outer", "Mul", List.of(b.gemm("one", "x", 4, 1), b.constant("rates", b.uniform(5, 5))), Map.of());
        x = b.node("join", "Concat", List.of(x, y), Map.of("axis", Attribute.of(1)));
        b.declareOutput(b.gemm("fc2", x, 11, 3), 3);
        Graph graph = b.build();
        assertThat(Equivalence.sizes(ChannelGroups.of(graph))).contains("outer=5");
        LayerSelection fc1 = new LayerSelection(n -> n.name().startsWith("fc1"), n -> false);
        assertThat(Equivalence.sizes(ChannelGroups.of(graph, fc1))).containsExactly("fc1.in=4", "fc1=6");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void only_randomLayers_maskedAndShrunkAgree(long seed) {
        Graph graph = RandomNetwork.of(seed);
        LayerSelection some = new LayerSelection(n -> (n.name().hashCode() & 1) == 0, n -> false);
        ChannelGroups groups = ChannelGroups.of(graph, some);
        SplittableRandom random = new SplittableRandom(seed);
        Equivalence.shrinkAndCompare(groups, graph, Equivalence.randomKept(groups, 0.4, random), random, 1, 3);
    }

    @Test
    void except_oneLayer_keepsItsInputsAndOutputs() {
        LayerSelection notFc1 = new LayerSelection(n -> true, n -> n.name().equals("fc1"));
        ChannelGroups groups = ChannelGroups.of(lenet5, notFc1);
        assertThat(Equivalence.sizes(groups)).containsExactly("conv1=20");
    }

    @Test
    void except_lastLayer_freezesWhatItReads() {
        LayerSelection notFc2 = new LayerSelection(n -> true, n -> n.name().equals("fc2"));
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
        LayerSelection some = new LayerSelection(n -> true, n -> (n.name().hashCode() & 3) == 0);
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
