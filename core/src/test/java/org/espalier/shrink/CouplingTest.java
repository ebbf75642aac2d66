package org.espalier.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.prepare.GraphNormalizer;
import org.espalier.testing.Equivalence;
import org.espalier.testing.FixedBatch;
import org.espalier.testing.ForeignBuilder;
import org.espalier.testing.Ort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How channels depend on each other in the building blocks of known networks, as exporters write them. */
class CouplingTest {
    private static final int ROUNDS = 8;

    private final ForeignBuilder b = new ForeignBuilder("coupling", 11);

    /** Checks masked = shrunk for several kept sets, and the groups' sizes. */
    private void check(Integer... sizes) {
        Graph foreign = b.build(11);
        Graph graph = GraphNormalizer.normalize(foreign);
        Map<String, TensorData> in = Ort.randomInputs(foreign, 3, 1);
        Equivalence.assertClose(Ort.run(foreign, in), Ort.run(graph, in), "normalised");
        ChannelGroups groups = ChannelGroups.of(graph);
        assertThat(groups.groups())
                .as("groups %s, frozen %s", groups.groups(), groups.frozen())
                .extracting(g -> g.size())
                .containsExactly(sizes);
        for (int round = 0; round < ROUNDS; round++) {
            try {
                Equivalence.check(graph, round, 1, 3);
            } catch (AssertionError e) {
                throw new AssertionError("round " + round + ": " + e.getMessage(), e);
            }
        }
    }

    private String classify(String x, int channels) {
        String y = b.op("Flatten", b.op("GlobalAveragePool", x), "axis", 1);
        return b.output(b.gemm(y, channels, 3), 3);
    }

    @Test
    void squeezeAndExcitation_gateSharesTheChannels() {
        String x = b.swish(b.bn(b.conv(b.input("x", 3, 6, 6), 3, 8, 3), 8));
        String s = b.op("ReduceMean", x, "axes", new long[] {2, 3});
        s = b.op("HardSigmoid", b.conv(b.swish(b.conv(s, 8, 4, 1)), 4, 8, 1));
        classify(b.conv(b.op("Mul", List.of(s, x)), 8, 6, 1), 6);
        check(8, 4, 6);
    }

    @Test
    void squeezeAndExcitation_throughDenseLayers_sharesTheChannels() {
        String x = b.relu(b.conv(b.input("x", 3, 6, 6), 3, 8, 3));
        String s = b.reshape(b.op("GlobalAveragePool", x), 8);
        s = b.op("Sigmoid", b.linear(b.relu(b.linear(s, 8, 4)), 4, 8));
        s = b.reshape(s, 8, 1, 1);
        classify(b.op("Mul", List.of(x, s)), 8);
        check(8, 4);
    }

    @Test
    void channelShuffle_repeatsUnitsOverGroups() {
        String x = b.relu(b.conv(b.input("x", 3, 6, 6), 3, 12, 3));
        x = b.conv(x, 12, 12, 1, 1, 3);
        x = b.reshape(b.transpose(b.reshape(x, 3, 4, 6, 6), 0, 2, 1, 3, 4), 12, 6, 6);
        classify(b.relu(b.conv(x, 12, 6, 1)), 6);
        check(4, 4, 6);
    }

    @Test
    void shuffleNetV2_splitBranchShuffle() {
        String x = b.relu(b.bn(b.conv(b.input("x", 3, 6, 6), 3, 8, 3), 8));
        for (int i = 0; i < 2; i++) {
            List<String> halves = b.many("Split", 2, List.of(x, b.longs(4, 4)), "axis", 1);
            String y = b.relu(b.bn(b.conv(halves.get(1), 4, 4, 1), 4));
            y = b.bn(b.conv(y, 4, 4, 3, 1, 4), 4);
            y = b.relu(b.bn(b.conv(y, 4, 4, 1), 4));
            x = b.op("Concat", List.of(halves.get(0), y), "axis", 1);
            x = b.reshape(b.transpose(b.reshape(x, 2, 4, 6, 6), 0, 2, 1, 3, 4), 8, 6, 6);
        }
        classify(x, 8);
        Graph graph = GraphNormalizer.normalize(b.build(11));
        assertThat(ChannelGroups.of(graph).units()).isPositive();
        for (int round = 0; round < ROUNDS; round++) {
            Equivalence.check(graph, round, 1, 3);
        }
    }

    @Test
    void sliceOfChannels_cutsUnits() {
        String x = b.relu(b.conv(b.input("x", 3, 6, 6), 3, 8, 3));
        String a = b.op("Slice", List.of(x, b.longs(0), b.longs(3), b.longs(1)));
        String c = b.op("Slice", List.of(x, b.longs(-5), b.longs(Long.MAX_VALUE), b.longs(1)));
        a = b.conv(a, 3, 4, 1);
        c = b.conv(c, 5, 4, 1);
        classify(b.op("Add", List.of(a, c)), 4);
        check(8, 4);
    }

    @Test
    void sliceWithAComputedStep_freezesWhatItReads() {
        String x = b.input("x", 2);
        String step = b.size(x, 1);
        String h = b.relu(b.gemm(x, 2, 8));
        h = b.op("Slice", List.of(h, b.longs(0), b.longs(8), b.longs(1), step));
        b.output(b.gemm(b.relu(b.gemm(h, 4, 5)), 5, 3), 3);
        Graph graph = b.build(11);
        ChannelGroups groups = ChannelGroups.of(graph);
        assertThat(groups.frozen()).anyMatch(f -> f.units() == 8 && f.reason().contains("computed from other values"));
        for (int round = 0; round < ROUNDS; round++) {
            Equivalence.check(graph, round, 1, 3);
        }
    }

    @Test
    void sliceWithBoundsInInt32_keepsTheirType() {
        String x = b.relu(b.conv(b.input("x", 3, 6, 6), 3, 8, 3));
        x = b.op("Slice", List.of(x, b.ints(0), b.ints(5), b.ints(1)));
        classify(b.conv(x, 5, 4, 1), 4);
        // The other three are read by nobody.
        check(5, 4);
    }

    @Test
    void gemmOfAWeightFromTheLeft_itsBiasGoesWithTheRows() {
        String x = b.input("x", 5);
        String y = b.relu(b.op("Gemm", List.of(b.weight(8, 5), x, b.weight(8, 1)), "transB", 1));
        b.output(b.op("Transpose", b.op("MatMul", List.of(b.weight(3, 8), y)), "perm", new long[] {1, 0}), 3);
        Graph graph = GraphNormalizer.normalize(b.build(11));
        for (int round = 0; round < ROUNDS; round++) {
            Equivalence.check(graph, round, 1, 3);
        }
    }

    /** What an output tells of the network's inside must stay. */
    @Test
    void sizesThatAreAnOutput_stay() {
        String x = b.relu(b.conv(b.input("x", 3, 4, 4), 3, 6, 3));
        String sizes = b.op("Shape", x);
        classify(b.conv(x, 6, 4, 3), 4);
        Graph g = b.build(11);
        List<org.espalier.graph.Value> outputs = new ArrayList<>(g.outputs());
        outputs.add(new org.espalier.graph.Value(sizes, ElementType.INT64, List.of(Dimension.of(4))));
        Graph both = new Graph(g.name(), g.opsets(), g.inputs(), outputs, g.nodes(), g.initializers());
        assertThat(ChannelGroups.of(GraphNormalizer.normalize(both)).groups())
                .extracting(group -> group.size())
                .containsExactly(4);
    }

    @Test
    void gatedLinearUnit_halvesAreTied() {
        String x = b.conv(b.input("x", 3, 6, 6), 3, 8, 3);
        List<String> halves = b.many("Split", 2, List.of(x), "axis", 1);
        x = b.op("Mul", List.of(halves.get(0), b.op("Sigmoid", halves.get(1))));
        classify(x, 4);
        check(4);
    }

    @Test
    void pixelShuffle_eitherWay_keepsChannels() {
        String x = b.relu(b.conv(b.input("x", 3, 4, 4), 3, 8, 3));
        x = b.op("DepthToSpace", b.conv(x, 8, 12, 3), "blocksize", 2, "mode", "CRD");
        x = b.op("DepthToSpace", b.conv(x, 3, 16, 3), "blocksize", 2);
        x = b.op("SpaceToDepth", x, "blocksize", 4);
        classify(x, 64);
        check(8, 3, 4);
    }

    @Test
    void pixelShuffle_asReshapes_keepsChannels() {
        String x = b.relu(b.conv(b.input("x", 3, 4, 4), 3, 12, 3));
        x = b.reshape(b.transpose(b.reshape(x, 3, 2, 2, 4, 4), 0, 1, 4, 2, 5, 3), 3, 8, 8);
        classify(b.conv(x, 3, 4, 3), 4);
        check(3, 4);
    }

    @Test
    void attention_separateProjections_losesWholeHeads() {
        String x = b.input("x", 5, 12);
        for (int layer = 0; layer < 2; layer++) {
            String h = b.layerNorm(x, 12);
            String q = b.heads(b.linear(h, 12, 12), 5, 4, 3);
            String k = b.heads(b.linear(h, 12, 12), 5, 4, 3);
            String v = b.heads(b.linear(h, 12, 12), 5, 4, 3);
            x = b.op("Add", List.of(x, b.linear(b.attend(q, k, v, 5, 4, 3), 12, 12)));
            h = b.gelu(b.linear(b.oldLayerNorm(x, 12), 12, 10));
            x = b.op("Add", List.of(x, b.linear(h, 10, 12)));
        }
        b.output(b.gemm(b.op("ReduceMean", x, "axes", new long[] {1}, "keepdims", 0), 12, 3), 3);
        check(4, 10, 4, 10, 12);
    }

    @Test
    void attention_packedByReshapeAndGather_losesWholeHeads() {
        String x = b.input("x", 5, 12);
        String qkv = b.transpose(b.reshape(b.linear(x, 12, 36), 5, 3, 4, 3), 2, 0, 3, 1, 4);
        String q = b.op("Gather", List.of(qkv, b.scalar0(0)), "axis", 0);
        String k = b.op("Gather", List.of(qkv, b.scalar0(1)), "axis", 0);
        String v = b.op("Gather", List.of(qkv, b.scalar0(2)), "axis", 0);
        x = b.linear(b.attend(q, k, v, 5, 4, 3), 12, 8);
        b.output(b.linear(b.relu(x), 8, 3), 5, 3);
        check(4, 8);
    }

    /** Query, key and value next to each other within each head, as BLOOM packs them, and within each of its features. */
    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void attention_packedWithinHeads_losesWholeHeads(int axis) {
        String x = b.input("x", 5, 12);
        String qkv = b.reshape(b.linear(x, 12, 36), 5, 4, 3, 3);
        x = b.linear(attendToParts(qkv, axis), 12, 8);
        b.output(b.linear(b.relu(x), 8, 3), 5, 3);
        check(4, 8);
    }

    /** Attention of four heads on the three parts along one axis. */
    private String attendToParts(String qkv, int axis) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            parts.add(b.transpose(b.op("Gather", List.of(qkv, b.scalar0(i)), "axis", axis), 0, 2, 1, 3));
        }
        return b.attend(parts.get(0), parts.get(1), parts.get(2), 5, 4, 3);
    }

    @Test
    void attention_packedBySplit_losesWholeHeads() {
        String x = b.input("x", 5, 12);
        List<String> qkv = b.many("Split", 3, List.of(b.linear(x, 12, 36), b.longs(12, 12, 12)), "axis", 2);
        x = b.attend(b.heads(qkv.get(0), 5, 4, 3), b.heads(qkv.get(1), 5, 4, 3), b.heads(qkv.get(2), 5, 4, 3), 5, 4, 3);
        b.output(b.linear(x, 12, 3), 5, 3);
        check(4);
    }

    /** As PyTorch writes nn.MultiheadAttention: tokens first, a Mod in the shape arithmetic, heads merged with the batch and split again. */
    @Test
    void attention_packedAndMergedWithTheBatch_losesWholeHeads() {
        packedAttention(b.input("x", 5, 12));
        check(4, 12, 8);
    }

    /** The axis of the only example gets a unit of its own from a table of positions, and stands beside that of the heads. */
    @Test
    void attention_packedForOneExampleWithPositions_losesWholeHeads() {
        packedAttention(b.op("Add", List.of(b.input("x", 5, 12), b.weight(1, 5, 12))));
        Graph graph = GraphNormalizer.normalize(FixedBatch.of(b.build(11), 1));
        ChannelGroups groups = ChannelGroups.of(graph);
        assertThat(groups.groups())
                .as("groups %s, frozen %s", groups.groups(), groups.frozen())
                .extracting(g -> g.size())
                .containsExactly(4, 12, 8);
        for (int round = 0; round < ROUNDS; round++) {
            Equivalence.check(graph, round, 1);
        }
    }

    private void packedAttention(String input) {
        String x = b.transpose(input, 1, 0, 2);
        String h = b.linear(x, 12, 36);
        String two = b.op("Mod", List.of(b.longs(2), b.longs(3)));
        String first = b.op("Slice", List.of(b.op("Shape", h), b.longs(0), two));
        String sizes = b.op("Concat", List.of(first, b.longs(3), b.longs(12)), "axis", 0);
        String packed = b.op("Reshape", List.of(h, sizes));
        packed = b.transpose(b.op("Unsqueeze", List.of(packed, b.longs(0))), 3, 1, 2, 0, 4);
        packed = b.op("Squeeze", List.of(packed, b.longs(3)));
        String heads = b.op("Mul", List.of(b.size(x, 1), b.longs(4)));
        String merged = b.op("Concat", List.of(b.longs(5), heads, b.longs(3)), "axis", 0);
        String apart = b.op("Concat", List.of(b.size(x, 1), b.longs(4, 5, 3)), "axis", 0);
        List<String> qkv = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String part = b.op("Gather", List.of(packed, b.scalar0(i)), "axis", 0);
            part = b.transpose(b.op("Reshape", List.of(part, merged)), 1, 0, 2);
            qkv.add(b.op("Reshape", List.of(part, apart)));
        }
        String scores = b.op("MatMul", List.of(qkv.get(0), b.transpose(qkv.get(1), 0, 1, 3, 2)));
        String y = b.op("MatMul", List.of(b.op("Softmax", scores, "axis", -1), qkv.get(2)));
        y = b.op("Reshape", List.of(b.transpose(y, 2, 0, 1, 3), b.longs(-1, 12)));
        y = b.gemm(b.relu(b.gemm(y, 12, 8)), 8, 6);
        y = b.op("Reshape", List.of(y, b.op("Concat", List.of(b.longs(5), b.size(x, 1), b.longs(6)), "axis", 0)));
        b.output(b.transpose(y, 1, 0, 2), 5, 6);
    }

    /** Exporters write equal constants once: a bias of zeros that two layers share does not tie them. */
    @Test
    void biasOfZeros_sharedByTwoLayers_doesNotTieThem() {
        String zeros = b.zeros(8);
        String x = b.op("Add", List.of(b.op("MatMul", List.of(b.input("x", 6), b.weight(6, 8))), zeros));
        x = b.op("Add", List.of(b.op("MatMul", List.of(b.relu(x), b.weight(8, 8))), zeros));
        b.output(b.linear(b.relu(x), 8, 3), 3);
        check(6, 8, 8);
    }

    @Test
    void groupNormalization_asReshapes_tiesItsGroups() {
        String x = b.conv(b.input("x", 3, 4, 4), 3, 12, 3);
        String n = b.op("InstanceNormalization", List.of(b.reshape(x, 4, -1), b.weight(4), b.weight(4)));
        n = b.reshape(n, 12, 4, 4);
        n = b.op("Add", List.of(b.op("Mul", List.of(n, b.weight(12, 1, 1))), b.weight(12, 1, 1)));
        classify(b.conv(b.relu(n), 12, 6, 1), 6);
        check(4, 6);
    }

    @Test
    void instanceNormalizationAndPRelu_passChannels() {
        String x = b.conv(b.input("x", 3, 4, 4), 3, 6, 3);
        x = b.op("InstanceNormalization", List.of(x, b.weight(6), b.weight(6)));
        x = b.op("PRelu", List.of(x, b.weight(6, 1, 1)));
        classify(b.conv(x, 6, 4, 1), 4);
        check(6, 4);
    }

    @Test
    void convNext_blockNormalisesOverChannels_bothWidthsAreFree() {
        String x = b.conv(b.input("x", 3, 6, 6), 3, 8, 1);
        String y = b.layerNorm(b.transpose(b.conv(x, 8, 8, 3, 1, 8), 0, 2, 3, 1), 8);
        y = b.linear(b.gelu(b.linear(y, 8, 16)), 16, 8);
        y = b.transpose(b.op("Mul", List.of(y, b.weight(8))), 0, 3, 1, 2);
        classify(b.op("Add", List.of(x, y)), 8);
        check(8, 16);
    }

    @Test
    void paddedShortcut_newChannelsGoWithTheOthers() {
        String x = b.relu(b.conv(b.input("x", 3, 6, 6), 3, 4, 3));
        String y = b.conv(x, 4, 8, 3, 2, 1);
        String s = b.op("Slice", List.of(x, b.longs(0, 0), b.longs(6, 6), b.longs(2, 3), b.longs(2, 2)));
        s = b.op("Pad", List.of(s, b.longs(0, 2, 0, 0, 0, 2, 0, 0)));
        classify(b.relu(b.op("Add", List.of(y, s))), 8);
        Graph graph = GraphNormalizer.normalize(b.build(11));
        ChannelGroups groups = ChannelGroups.of(graph);
        assertThat(groups.units()).isEqualTo(8);
        for (int round = 0; round < ROUNDS; round++) {
            Equivalence.check(graph, round, 1, 3);
        }
    }

    @Test
    void encoderDecoder_transposedConvolutionsAndConcatenation() {
        String x = b.relu(b.conv(b.input("x", 3, 8, 8), 3, 4, 3));
        String deep = b.relu(
                b.conv(b.op("MaxPool", x, "kernel_shape", new long[] {2, 2}, "strides", new long[] {2, 2}), 4, 6, 3));
        String up =
                b.op("ConvTranspose", List.of(deep, b.weight(6, 5, 2, 2), b.weight(5)), "strides", new long[] {2, 2});
        String grouped =
                b.op("ConvTranspose", List.of(deep, b.weight(6, 2, 2, 2)), "strides", new long[] {2, 2}, "group", 2);
        String each =
                b.op("ConvTranspose", List.of(deep, b.weight(6, 1, 2, 2)), "strides", new long[] {2, 2}, "group", 6);
        String sized = b.op("Resize", List.of(deep, "", b.floats(1, 1, 2, 2)), "mode", "nearest");
        x = b.op("Concat", List.of(x, up, grouped, each, sized), "axis", 1);
        b.output(b.conv(b.relu(b.conv(x, 4 + 5 + 4 + 6 + 6, 4, 3)), 4, 2, 1), 2, 8, 8);
        Graph graph = GraphNormalizer.normalize(b.build(11));
        assertThat(ChannelGroups.of(graph).units()).isEqualTo(4 + 3 + 5 + 2 + 4);
        for (int round = 0; round < ROUNDS; round++) {
            Equivalence.check(graph, round, 1, 3);
        }
    }

    @Test
    void tileAndExpand_repeatUnits() {
        String x = b.relu(b.conv(b.input("x", 3, 4, 4), 3, 4, 3));
        String t = b.op("Tile", List.of(x, b.longs(1, 2, 1, 1)));
        String e = b.op("Expand", List.of(b.op("GlobalMaxPool", x), b.longs(1, 4, 4, 4)));
        classify(b.conv(b.op("Concat", List.of(t, e), "axis", 1), 12, 3, 1), 3);
        check(4, 3);
    }

    @Test
    void castLike_passesUnitsAndDoesNotReadThoseOfWhoseTypeItTakes() {
        String x = b.relu(b.conv(b.input("x", 3, 4, 4), 3, 4, 3));
        String three = b.op("CastLike", List.of(b.scalar0(3), x));
        String y = b.op("CastLike", List.of(b.conv(x, 4, 6, 1), three));
        classify(b.op("Mul", List.of(y, three)), 6);
        check(4, 6);
    }

    @Test
    void whereAndSqueeze_passUnits() {
        String x = b.relu(b.conv(b.input("x", 3, 4, 4), 3, 4, 3));
        String positive = b.op("Greater", List.of(x, b.number(0.2f)));
        x = b.op("Where", List.of(positive, x, b.weight(4, 1, 1)));
        x = b.op("Squeeze", b.op("GlobalAveragePool", x));
        b.output(b.gemm(b.relu(b.gemm(x, 4, 5)), 5, 2), 2);
        Graph graph = GraphNormalizer.normalize(b.build(11));
        assertThat(ChannelGroups.of(graph).units()).isEqualTo(4 + 5);
        for (int round = 0; round < ROUNDS; round++) {
            Equivalence.check(graph, round, 3);
        }
    }

    @Test
    void tableOfPositions_byGatherNd_itsWidthCanShrink() {
        String x = b.relu(b.op("MatMul", List.of(b.input("x", 5, 3), b.weight(3, 6))));
        String places = b.op("Unsqueeze", List.of(b.longs(0, 3, 1, 1, 2), b.longs(-1)));
        String table = b.op("GatherND", List.of(b.weight(4, 6), places));
        x = b.relu(b.op("Add", List.of(x, table)));
        b.output(b.op("MatMul", List.of(x, b.weight(6, 2))), 5, 2);
        check(6);
    }

    @Test
    void embedding_itsWidthCanShrink() {
        String x = b.longInput("ids", 5);
        x = b.op("Gather", List.of(b.weight(4, 6), x), "axis", 0);
        x = b.op("Add", List.of(x, b.weight(1, 5, 6)));
        x = b.linear(b.relu(b.linear(x, 6, 8)), 8, 6);
        b.output(b.linear(b.op("ReduceMax", x, "axes", new long[] {1}, "keepdims", 0), 6, 2), 2);
        Graph graph = GraphNormalizer.normalize(b.build(11));
        assertThat(ChannelGroups.of(graph).units()).isEqualTo(6 + 8 + 6);
        for (int round = 0; round < ROUNDS; round++) {
            Equivalence.check(graph, round, 1, 3);
        }
    }

    @Test
    void visionTransformer_classTokenExpandedToTheBatch_headsAndWidthsAreFree() {
        String x = b.conv(b.input("x", 3, 8, 8), 3, 12, 4, 4);
        String flat = b.transpose(b.reshape(x, 12, -1), 0, 2, 1);
        String sizes = b.op("Concat", List.of(b.size(x, 0), b.longs(1), b.longs(12)), "axis", 0);
        String token = b.op("Expand", List.of(b.weight(1, 1, 12), sizes));
        String t = b.op("Add", List.of(b.op("Concat", List.of(token, flat), "axis", 1), b.weight(1, 5, 12)));
        String h = b.layerNorm(t, 12);
        String qkv = b.transpose(b.reshape(b.linear(h, 12, 36), 5, 3, 3, 4), 2, 0, 3, 1, 4);
        List<String> parts = b.many("Split", 3, List.of(qkv, b.longs(1, 1, 1)), "axis", 0);
        List<String> q =
                parts.stream().map(p -> b.op("Squeeze", List.of(p, b.longs(0)))).toList();
        t = b.op("Add", List.of(t, b.linear(b.attend(q.get(0), q.get(1), q.get(2), 5, 3, 4), 12, 12)));
        t = b.op("Add", List.of(t, b.linear(b.gelu(b.linear(b.layerNorm(t, 12), 12, 20)), 20, 12)));
        String first = b.op("Gather", List.of(b.layerNorm(t, 12), b.scalar0(0)), "axis", 1);
        b.output(b.gemm(first, 12, 3), 3);
        check(12, 3, 20);
    }

    @Test
    void encoder_withMaskAndFreeLength_headsAndWidthsAreFree() {
        String ids = b.longInput("ids", 5);
        String mask = b.op("Cast", b.op("Greater", List.of(ids, b.scalar0(0))), "to", 1);
        mask = b.op("Unsqueeze", List.of(mask, b.longs(1, 2)));
        mask = b.op("Mul", List.of(b.op("Sub", List.of(b.number(1), mask)), b.number(-10000)));
        String x = b.op("Gather", List.of(b.weight(4, 12), ids), "axis", 0);
        x = b.oldLayerNorm(b.op("Add", List.of(x, b.weight(1, 5, 12))), 12);
        String q = b.heads(b.linear(x, 12, 12), 5, 2, 6);
        String k = b.transpose(b.reshape(b.linear(x, 12, 12), 5, 2, 6), 0, 2, 3, 1);
        String v = b.heads(b.linear(x, 12, 12), 5, 2, 6);
        String scores = b.op("Div", List.of(b.op("MatMul", List.of(q, k)), b.number(2.4f)));
        scores = b.op("Softmax", b.op("Add", List.of(scores, mask)), "axis", -1);
        String y = b.reshape(b.transpose(b.op("MatMul", List.of(scores, v)), 0, 2, 1, 3), 5, 12);
        x = b.oldLayerNorm(b.op("Add", List.of(x, b.linear(y, 12, 12))), 12);
        x = b.oldLayerNorm(b.op("Add", List.of(x, b.linear(b.gelu(b.linear(x, 12, 16)), 16, 12))), 12);
        b.output(b.linear(b.op("Tanh", b.linear(x, 12, 8)), 8, 2), 5, 2);
        check(12, 2, 16, 8);
    }

    @Test
    void upsampling_toSizesComputedFromShapes_keepsChannels() {
        String x = b.relu(b.conv(b.input("x", 3, 4, 4), 3, 6, 3));
        String nc = b.op("Slice", List.of(b.op("Shape", x), b.longs(0), b.longs(2), b.longs(0)));
        String sizes = b.op("Concat", List.of(nc, b.longs(8, 8)), "axis", 0);
        x = b.op("Resize", List.of(x, "", "", sizes), "mode", "linear");
        classify(b.conv(x, 6, 4, 3), 4);
        check(6, 4);
    }

    @Test
    void detectionHeads_ofSeveralScales_eachKeepsItsOutputs() {
        String x = b.swish(b.conv(b.input("x", 3, 8, 8), 3, 6, 3));
        String y = b.swish(b.conv(x, 6, 8, 3, 2, 1));
        List<String> parts = b.many("Split", 2, List.of(y, b.longs(4, 4)), "axis", 1);
        y = b.op("Concat", List.of(parts.get(0), parts.get(1), b.swish(b.conv(parts.get(1), 4, 4, 3))), "axis", 1);
        String up = b.op("Resize", List.of(y, "", b.floats(1, 1, 2, 2)), "mode", "nearest");
        x = b.op("Concat", List.of(x, up), "axis", 1);
        String p1 = b.reshape(b.conv(x, 18, 5, 1), 5, 64);
        String p2 = b.reshape(b.conv(b.swish(b.conv(y, 12, 6, 1)), 6, 5, 1), 5, 16);
        String all = b.op("Concat", List.of(p1, p2), "axis", 2);
        List<String> boxes = b.many("Split", 2, List.of(all, b.longs(4, 1)), "axis", 1);
        b.output(b.op("Concat", List.of(boxes.get(0), b.op("Sigmoid", boxes.get(1))), "axis", 1), 5, 80);
        check(6, 8, 4, 6);
    }

    // ---- computed sizes of which some entries are fixed

    /** GroupNorm as exporters write it where height and width are free. */
    private String freeGroupNorm(String x, int channels, int groups) {
        String flat = b.op("Reshape", List.of(x, b.longs(0, groups, -1)));
        String n = b.op("InstanceNormalization", List.of(flat, b.floats(ones(groups)), b.floats(new float[groups])));
        n = b.op("Reshape", List.of(n, b.op("Shape", x)));
        n = b.op("Mul", List.of(n, b.weight(channels, 1, 1)));
        return b.op("Add", List.of(n, b.weight(channels, 1, 1)));
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        java.util.Arrays.fill(ones, 1);
        return ones;
    }

    private void free(String name) {
        b.output(b.conv(name, 16, 2, 1), 2, -1, -1);
    }

    @Test
    void groupNorm_freeHeightAndWidth_groupsAreFree() {
        String x = b.conv(b.input("x", 3, -1, -1), 3, 16, 3);
        x = b.relu(freeGroupNorm(x, 16, 4));
        free(b.relu(freeGroupNorm(b.conv(x, 16, 16, 3), 16, 4)));
        check(4, 4);
    }

    @Test
    void shuffle_freeHeightAndWidth_channelsAreFree() {
        String x = b.relu(b.conv(b.input("x", 3, -1, -1), 3, 16, 3));
        String sizes = b.op("Shape", x);
        String n = b.op("Slice", List.of(sizes, b.longs(0), b.longs(1)));
        String hw = b.op("Slice", List.of(sizes, b.longs(2), b.longs(4)));
        String split = b.op("Concat", List.of(n, b.longs(4, 4), hw), "axis", 0);
        String y = b.transpose(b.op("Reshape", List.of(x, split)), 0, 2, 1, 3, 4);
        String c = b.op("Slice", List.of(sizes, b.longs(1), b.longs(2)));
        free(b.op("Reshape", List.of(y, b.op("Concat", List.of(n, c, hw), "axis", 0))));
        check(4);
    }

    @Test
    void reshape_toTheSizesOfAnother_keepsTheirChannels() {
        String x = b.relu(b.conv(b.input("x", 3, -1, -1), 3, 16, 3));
        String flat = b.op("Reshape", List.of(b.conv(x, 16, 16, 1), b.longs(0, 16, -1)));
        free(b.op("Add", List.of(x, b.op("Reshape", List.of(flat, b.op("Shape", x))))));
        check(16);
    }

    @Test
    void resize_toTheSizeOfASkip_channelsAreFree() {
        String x = b.relu(b.conv(b.input("x", 3, -1, -1), 3, 6, 3));
        String y = b.relu(b.conv(
                b.op("MaxPool", x, "kernel_shape", new long[] {2, 2}, "ceil_mode", 1, "strides", new long[] {2, 2}),
                6,
                10,
                3));
        String own = b.op("Slice", List.of(b.op("Shape", y), b.longs(0), b.longs(2)));
        String skip = b.op("Slice", List.of(b.op("Shape", x), b.longs(2), b.longs(4)));
        String sizes = b.op("Concat", List.of(own, skip), "axis", 0);
        y = b.op(
                "Resize", List.of(y, "", "", sizes), "mode", "nearest", "coordinate_transformation_mode", "asymmetric");
        free(b.op("Concat", List.of(x, y), "axis", 1));
        check(6, 10);
    }

    @Test
    void zerosLike_inAConcat_channelsAreFree() {
        String x = b.relu(b.conv(b.input("x", 3, -1, -1), 3, 8, 3));
        String zeros = b.op("ConstantOfShape", List.of(b.op("Shape", x)));
        free(b.op("Concat", List.of(x, zeros), "axis", 1));
        check(8, 8);
    }

    @Test
    void size_thatIsASignal_keepsItsChannels() {
        String x = b.relu(b.conv(b.input("x", 3, -1, -1), 3, 16, 3));
        String count = b.op("Cast", b.op("ReduceProd", b.op("Shape", x), "axes", new long[] {0}), "to", 1);
        free(b.op("Div", List.of(x, count)));
        check();
    }

    /** Query, key and value of a convolution, taken apart on the axis before the heads. */
    @Test
    void attention_channelsFirst_headsAreFree() {
        String x = b.relu(b.conv(b.input("x", 3, 4, 6), 3, 16, 3));
        String qkv = b.reshape(b.conv(x, 16, 48, 1), 3, 4, 4, 24);
        List<String> parts = b.many("Split", 3, List.of(qkv, b.longs(1, 1, 1)), "axis", 1);
        List<String> q =
                parts.stream().map(p -> b.op("Squeeze", List.of(p, b.longs(1)))).toList();
        String scores =
                b.op("Softmax", b.op("MatMul", List.of(b.transpose(q.get(0), 0, 1, 3, 2), q.get(1))), "axis", -1);
        String y = b.op("MatMul", List.of(q.get(2), b.transpose(scores, 0, 1, 3, 2)));
        y = b.conv(b.reshape(y, 16, 4, 6), 16, 16, 1);
        b.output(b.conv(b.op("Add", List.of(x, y)), 16, 2, 1), 2, 4, 6);
        check(16, 4);
    }

    /** As Hugging Face repeats keys and values: over an axis that is added and merged again. */
    @Test
    void attention_groupedQueries_headsGoInGroups() {
        String x = b.relu(b.linear(b.input("x", 5, 7), 7, 16));
        String q = b.heads(b.linear(x, 16, 24), 5, 4, 6);
        String k = repeated(b.heads(b.linear(x, 16, 12), 5, 2, 6));
        String v = repeated(b.heads(b.linear(x, 16, 12), 5, 2, 6));
        b.output(b.linear(b.attend(q, k, v, 5, 4, 6), 24, 3), 5, 3);
        check(16, 2);
    }

    private String repeated(String kv) {
        String more = b.op("Unsqueeze", List.of(kv, b.longs(2)));
        String sizes = b.op("Concat", List.of(b.size(kv, 0), b.longs(2, 2, 5, 6)), "axis", 0);
        return b.reshape(b.op("Expand", List.of(more, sizes)), 4, 5, 6);
    }

    /** Heads that sums over letters relate, and whose last sum has a constant weight. */
    @Test
    void einsum_constantWeight_headsAndFeaturesAreFree() {
        String x = b.relu(b.linear(b.input("x", 5, 7), 7, 12));
        String q = b.reshape(b.linear(x, 12, 12), 5, 3, 4);
        String k = b.reshape(b.linear(x, 12, 12), 5, 3, 4);
        String v = b.op("Einsum", List.of(x, b.weight(12, 3, 4)), "equation", "btc,chd->bthd");
        String scores = b.op("Einsum", List.of(q, k), "equation", "bthd,bshd->bhts");
        String y = b.op("Einsum", List.of(b.op("Softmax", scores, "axis", -1), v), "equation", "bhts,bshd->bthd");
        b.output(b.linear(b.op("Einsum", List.of(y, b.weight(3, 4, 9)), "equation", "bthd,hde->bte"), 9, 2), 5, 2);
        check(12, 3, 4, 9);
    }

    @Test
    void einsum_withoutAConstantWeight_keepsWhatItSums() {
        String x = b.relu(b.linear(b.input("x", 5, 7), 7, 12));
        String y = b.op("Einsum", List.of(x, b.linear(x, 12, 12)), "equation", "btc,bsc->bts");
        b.output(b.linear(y, 5, 2), 5, 2);
        check();
    }

    @Test
    void einsum_letterTwiceInATerm_isNotFollowedButForPickedInputs() {
        String x = b.relu(b.linear(b.input("x", 6, 7), 7, 6));
        b.output(b.linear(b.op("Einsum", List.of(x), "equation", "bii->bi"), 6, 2), 2);
        check(6);
    }

    /** Four positions become one with four times the features, and come apart again. */
    @Test
    void reshape_foldsPositions_eachUnitIsAtSeveralPlaces() {
        String x = b.relu(b.linear(b.input("x", 8, 5), 5, 6));
        String folded = b.reshape(x, 2, 24);
        String y = b.relu(b.op("Conv", List.of(b.transpose(folded, 0, 2, 1), b.weight(7, 24, 1))));
        b.output(b.op("ReduceMean", b.linear(b.transpose(y, 0, 2, 1), 7, 3), "axes", new long[] {1}, "keepdims", 0), 3);
        b.output(b.op("ReduceMean", b.linear(b.reshape(folded, 8, 6), 6, 2), "axes", new long[] {1}, "keepdims", 0), 2);
        check(6, 7);
    }

    /** Four neighbours' features one after the other, normalised and joined, as Swin transformers merge patches. */
    @Test
    void patchMerging_byReshape_widthIsFree() {
        String x = b.linear(b.input("x", 8, 5), 5, 6);
        String y = b.linear(b.layerNorm(b.reshape(x, 2, 24), 24), 24, 10);
        b.output(b.linear(b.layerNorm(y, 10), 10, 3), 2, 3);
        check(6, 10);
    }

    /** Examples, patches and heads become one axis for the products, as PyTorch's newer exporter writes attention of images. */
    @Test
    void attention_headsFoldedIntoTheBatch_headsAreFree() {
        String x = b.relu(b.linear(b.input("x", 2, 5, 7), 7, 12));
        String q = folded(b.transpose(b.reshape(b.linear(x, 12, 12), 2, 5, 3, 4), 0, 1, 3, 2, 4), 5, 4);
        String k = folded(b.transpose(b.reshape(b.linear(x, 12, 12), 2, 5, 3, 4), 0, 1, 3, 4, 2), 4, 5);
        String v = folded(b.transpose(b.reshape(b.linear(x, 12, 12), 2, 5, 3, 4), 0, 1, 3, 2, 4), 5, 4);
        String y = b.op("MatMul", List.of(b.op("Softmax", b.op("MatMul", List.of(q, k)), "axis", -1), v));
        String apart =
                b.op("Reshape", List.of(y, b.op("Concat", List.of(b.size(x, 0), b.longs(2, 3, 5, 4)), "axis", 0)));
        String flat = b.op("Transpose", apart, "perm", new long[] {0, 1, 3, 2, 4});
        b.output(b.linear(b.reshape(flat, 2, 5, 12), 12, 3), 2, 5, 3);
        check(12, 3);
    }

    private String folded(String x, long rows, long columns) {
        return b.op("Reshape", List.of(x, b.longs(-1, rows, columns)));
    }

    /** Weights that a batch normalisation by their own statistics standardises, as NF-Nets are exported. */
    @Test
    void conv_weightsStandardisedByANode_channelsAreFree() {
        String x = b.relu(standardised(b.input("x", 3, 6, 6), 3, 8));
        classify(b.relu(standardised(x, 8, 6)), 6);
        check(8, 6);
    }

    private String standardised(String x, int in, int out) {
        String rows = b.op("Reshape", List.of(b.weight(out, in, 3, 3), b.longs(1, out, -1)));
        List<String> read =
                List.of(rows, b.weight(out), b.floats(new float[out]), b.floats(new float[out]), b.floats(ones(out)));
        String w = b.many("BatchNormalization", 3, read, "training_mode", 1).get(0);
        w = b.op("Reshape", List.of(w, b.longs(out, in, 3, 3)));
        return b.op("Conv", List.of(x, w, b.weight(out)), "pads", new long[] {1, 1, 1, 1});
    }
}
