package org.espalier.shapes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.prepare.PreparedGraph;
import org.espalier.testing.Equivalence;
import org.espalier.testing.ForeignBuilder;
import org.espalier.testing.Ort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is the same at some sizes of a network's inputs must not be taken for what is always the same. */
class FreeSizesTest {
    private final ForeignBuilder b = new ForeignBuilder("free", 1);

    /** All axes of all inputs but the first are free. */
    private static Graph free(Graph g) {
        List<Value> inputs = new ArrayList<>();
        for (Value v : g.inputs()) {
            int rank = v.shape() == null ? 0 : v.shape().size();
            inputs.add(new Value(
                    v.name(),
                    v.type(),
                    IntStream.range(0, rank)
                            .mapToObj(i -> Dimension.symbol(i == 0 ? "N" : "d" + i))
                            .toList()));
        }
        List<Value> outputs = g.outputs().stream()
                .map(v -> new Value(v.name(), v.type(), null))
                .toList();
        return new Graph(g.name(), g.opsets(), inputs, outputs, g.nodes(), g.initializers());
    }

    private static Map<String, TensorData> waves(long... shape) {
        float[] v = new float[(int) TensorData.elements(shape)];
        for (int i = 0; i < v.length; i++) {
            v[i] = (float) Math.sin(i * 0.37);
        }
        return Map.of("x", TensorData.ofFloats(v, shape));
    }

    private static void assertSame(Graph given, Map<String, TensorData> inputs) {
        Equivalence.assertClose(
                Ort.run(given, inputs), Ort.run(PreparedGraph.of(given).graph(), inputs), inputs.toString());
    }

    /** A signal that is short beside the window gives one frame, and so one position, whatever its length. */
    @Test
    void prepare_framesOfLongSignals_haveTheirOwnPositions() {
        String x = b.op(
                "Conv",
                List.of(b.input("x", 1, 640), b.weight(16, 1, 320)),
                "strides",
                new long[] {320},
                "pads",
                new long[] {160, 160});
        String frames = b.transpose(x, 0, 2, 1);
        String positions = b.op("Slice", List.of(b.weight(1, 64, 16), b.longs(0), b.size(frames, 1), b.longs(1)));
        b.output(b.op("Add", List.of(frames, positions)), 3, 16);
        Graph given = free(b.build(1));
        assertSame(given, waves(2, 1, 300));
        assertSame(given, waves(2, 1, 5_000));
    }

    /** Layer after layer halves a signal, so that most usual sizes are too short for it. */
    @Test
    void prepare_deepConvolutionsOverASignal_findALengthThatFits() {
        String x = b.input("x", 1, 640);
        int channels = 1;
        for (int[] layer : new int[][] {{10, 5}, {3, 2}, {3, 2}, {3, 2}, {3, 2}, {2, 2}, {2, 2}}) {
            x = b.relu(b.op("Conv", List.of(x, b.weight(6, channels, layer[0])), "strides", new long[] {layer[1]}));
            channels = 6;
        }
        String frames = b.transpose(x, 0, 2, 1);
        String all = b.op("Concat", List.of(b.size(frames, 0), b.size(frames, 1), b.longs(2), b.longs(3)), "axis", 0);
        b.output(b.op("Reshape", List.of(frames, all)), 1, 2, 3);
        Graph given = free(b.build(1));
        assertSame(given, waves(2, 1, 700));
        assertSame(given, waves(1, 1, 3_000));
        assertThat(ChannelGroups.of(PreparedGraph.of(given).graph()).groups())
                .extracting(ChannelGroup::size)
                .contains(6);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void prepare_whatHoldsForOneExampleOnly_isNoConstant(int batch) {
        String x = b.input("x", 4);
        String one = b.op("Cast", b.op("Equal", List.of(b.size(x, 0), b.longs(1))), "to", 1);
        b.output(b.op("Add", List.of(x, one)), 4);
        assertSame(b.build(1), waves(batch, 4));
    }

    /** As exporters declare pictures: the weights that read them say how many channels they have. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4})
    void prepare_channelsDeclaredFree_areWhatTheFirstLayerReads(int channels) {
        for (boolean last : new boolean[] {false, true}) {
            ForeignBuilder f = new ForeignBuilder("channels", 2);
            String x = last ? f.input("x", 16, 16, channels) : f.input("x", channels, 16, 16);
            x = f.op("Sub", List.of(x, f.number(0.5f)));
            x = last ? f.transpose(x, 0, 3, 1, 2) : x;
            x = f.relu(f.conv(x, channels, 8, 3));
            String flat = f.op("Flatten", f.op("GlobalAveragePool", f.relu(f.conv(x, 8, 6, 3))));
            f.output(f.gemm(flat, 6, 5), 5);
            Graph given = free(f.build(1));
            assertSame(given, last ? waves(2, 12, 20, channels) : waves(2, channels, 12, 20));
            assertThat(ChannelGroups.of(PreparedGraph.of(given).graph()).groups())
                    .extracting(ChannelGroup::size)
                    .contains(8, 6);
            long[] shape = InferredShapes.infer(given, 1).shape("x");
            assertThat(shape[last ? 3 : 1]).isEqualTo(channels);
            assertThat(shape[last ? 1 : 2]).isEqualTo(224);
        }
    }

    @Test
    void prepare_featuresDeclaredFree_areWhatTheFirstLayerReads() {
        b.output(b.gemm(b.relu(b.linear(b.input("x", 7), 7, 9)), 9, 2), 2);
        Graph given = free(b.build(1));
        assertSame(given, waves(3, 7));
        assertThat(InferredShapes.infer(given, 1).shape("x")).containsExactly(1, 7);
    }

    /** As recognisers of text are: one height fits, which pooling brings to 1, and any width. */
    private Graph recogniser(int height) {
        String x = b.relu(b.conv(b.input("x", 3, height, 32), 3, 8, 4, 4));
        x = b.op("AveragePool", x, "kernel_shape", new long[] {height / 4, 1}, "strides", new long[] {height / 4, 1});
        String tokens = b.transpose(b.op("Squeeze", List.of(x, b.longs(2))), 0, 2, 1);
        String places = b.op("Slice", List.of(b.op("Shape", tokens), b.longs(0), b.longs(2)));
        String split = b.op("Concat", List.of(places, b.longs(2, 4)), "axis", 0);
        String heads = b.transpose(b.op("Reshape", List.of(b.linear(tokens, 8, 8), split)), 0, 2, 1, 3);
        String scores = b.op("Softmax", b.op("MatMul", List.of(heads, b.transpose(heads, 0, 1, 3, 2))));
        String mixed = b.transpose(b.op("MatMul", List.of(scores, heads)), 0, 2, 1, 3);
        String merge = b.op("Concat", List.of(places, b.longs(8)), "axis", 0);
        b.output(b.linear(b.op("Reshape", List.of(mixed, merge)), 8, 5), 8, 5);
        return free(b.build(3));
    }

    @Test
    void prepare_heightThatPoolingBringsToOne_leavesTheWidthFree() {
        Graph given = recogniser(48);
        assertThat(ChannelGroups.of(PreparedGraph.of(given).graph()).groups())
                .extracting(ChannelGroup::size)
                .contains(8);
        for (long width : new long[] {100, 160, 320}) {
            assertSame(given, waves(2, 3, 48, width));
        }
    }

    /** No usual size has so many rows: the data's does. */
    @Test
    void prepare_sizesOfTheData_fitWhereUsualOnesDoNot() {
        Graph given = recogniser(1_936);
        Map<String, TensorData> data = waves(1, 3, 1_936, 20);
        assertThatThrownBy(() -> PreparedGraph.of(given)).isInstanceOf(GraphException.class);
        PreparedGraph prepared = PreparedGraph.of(given, Map.of("x", new long[] {1, 3, 1_936, 20}));
        Equivalence.assertClose(Ort.run(given, data), Ort.run(prepared.graph(), data), "at the data's width");
        data = waves(2, 3, 1_936, 52);
        Equivalence.assertClose(Ort.run(given, data), Ort.run(prepared.graph(), data), "at another width");
    }

    /** A length that only fits one size is no reason to take what is computed from it for a constant. */
    @Test
    void prepare_axisOfWhichOneSizeFits_isNotKnown() {
        String x = b.input("x", 8);
        String pairs = b.op("Reshape", List.of(x, b.longs(0, 224)));
        b.output(b.op("Add", List.of(pairs, b.op("Cast", b.size(x, 1), "to", 1))), 8);
        Graph given = free(b.build(1));
        List<InferredShapes> probes = SizeProbes.of(given, Map.of());
        assertThat(probes.get(0).shape("x")).containsExactly(2, 224);
        assertThat(probes.get(probes.size() - 1).info(pairs)).isNull();
        assertSame(given, waves(3, 224));
    }

    @Test
    void prepare_lengthsOfMultiplesOnly_areFree() {
        String x = b.input("x", 35);
        String parts = b.op("Reshape", List.of(x, b.longs(0, 35, -1)));
        String back = b.op("Concat", List.of(b.size(x, 0), b.size(x, 1)), "axis", 0);
        b.output(b.op("Reshape", List.of(b.relu(parts), back)), 35);
        Graph given = free(b.build(1));
        assertSame(given, waves(2, 70));
        assertSame(given, waves(3, 105));
    }

    /** A cache of earlier positions, and a mask for those and the new ones. */
    @Test
    void infer_symbolThatIsASumOfOthers_hasTheSumOfTheirSizes() {
        String all = b.op("Concat", List.of(b.input("past", 4), b.input("x", 3)), "axis", 1);
        b.output(b.op("Add", List.of(all, b.input("mask", 7))), 7);
        Graph g = b.build(1);
        List<Value> inputs = List.of(symbols(g, 0, "before"), symbols(g, 1, "now"), symbols(g, 2, "before + now"));
        Graph given = new Graph(g.name(), g.opsets(), inputs, g.outputs(), g.nodes(), g.initializers());
        for (InferredShapes s : SizeProbes.of(given, Map.of())) {
            assertThat(s.shape("mask")[1]).isEqualTo(s.shape("past")[1] + s.shape("x")[1]);
        }
    }

    private static Value symbols(Graph g, int input, String second) {
        Value v = g.inputs().get(input);
        return new Value(v.name(), v.type(), List.of(Dimension.symbol("N"), Dimension.symbol(second)));
    }

    /** Ids of which exporters say that there are as many in each example as examples. */
    @Test
    void probes_symbolOfTheBatchOnAnotherAxis_isVariedByItself() {
        String e = b.op("Gather", List.of(b.weight(50, 8), b.longInput("ids", 5)));
        b.output(b.reshape(b.linear(e, 8, 4), -1, 2), 10, 2);
        Graph g = b.build(1);
        Value ids = new Value(
                "ids", g.inputs().get(0).type(), List.of(Dimension.symbol("batch"), Dimension.symbol("batch")));
        Graph given = new Graph(g.name(), g.opsets(), List.of(ids), g.outputs(), g.nodes(), g.initializers());
        assertThat(SizeProbes.of(given, Map.of())).anyMatch(s -> s.shape("ids")[0] == 2 && s.shape("ids")[1] > 2);
        Graph prepared = PreparedGraph.of(given).graph();
        Map<String, TensorData> in = Map.of("ids", TensorData.ofLongs(new long[] {3, 1, 4, 1, 5, 9}, 2, 3));
        Equivalence.assertClose(Ort.run(given, in), Ort.run(prepared, in), "2 x 3");
    }

    /** Frames of a video one after the other, eight to each. */
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 8})
    void infer_batchOfMultiplesOnly_isLookedAtWithMultiples(int frames) {
        String x = b.relu(b.conv(b.input("x", 3, 8, 8), 3, 6, 3));
        String clips = b.op("Reshape", List.of(x, b.longs(-1, frames, 6, 8, 8)));
        String apart = b.op("Sub", List.of(clips, b.op("ReduceMean", clips, "axes", new long[] {1})));
        String back = b.op("Reshape", List.of(apart, b.longs(-1, 6, 8, 8)));
        b.output(b.gemm(b.op("Flatten", b.op("GlobalAveragePool", b.relu(b.conv(back, 6, 5, 1)))), 5, 4), 4);
        Graph given = b.build(1);
        assertThat(InferredShapes.infer(given, 1).shape("x")[0]).isEqualTo(frames);
        Graph prepared = PreparedGraph.of(given).graph();
        assertThat(ChannelGroups.of(prepared).groups())
                .extracting(ChannelGroup::size)
                .contains(6, 5);
        assertThat(Cost.of(prepared).macsPerNode().values()).contains(3L * 9 * 6 * 64, 6L * 5 * 64, 20L);
        assertSame(given, waves(2L * frames, 3, 8, 8));
    }

    @Test
    void infer_windowLargerThanItsInput_isAnError() {
        b.output(b.op("MaxPool", b.input("x", 3, 4, 4), "kernel_shape", new long[] {7, 7}), 3, 1, 1);
        Graph graph = b.build(1);
        assertThatThrownBy(() -> InferredShapes.infer(graph, 1))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("a window of 7 must fit the padded size");
    }

    /** Operator set 6 says where a smaller operand belongs; from 7 on it belongs to the last axes. */
    @Test
    void infer_operandOfFirstAxes_isRefused() {
        String x = b.input("x", 8, 8, 8);
        b.output(b.op("Add", List.of(x, b.weight(8)), "broadcast", 1, "axis", 1), 8, 8, 8);
        Graph g = b.build(1);
        Graph old = new Graph(g.name(), Map.of("", 6L), g.inputs(), g.outputs(), g.nodes(), g.initializers());
        assertThatThrownBy(() -> InferredShapes.infer(old, 1))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("convert the network to operator set 7");
    }

    /** Eight bits: what comes before is left as it is, the rest can be pruned. */
    @Test
    void groups_castToATypeThatIsNotSupported_isFrozen() {
        String x = b.relu(b.gemm(b.relu(b.gemm(b.input("x", 6), 6, 10)), 10, 12));
        b.output(b.gemm(x, 12, 4), 4);
        b.output(b.op("Cast", x, "to", 17), 12);
        assertThat(ChannelGroups.of(b.build(1)).groups())
                .extracting(ChannelGroup::size)
                .containsExactlyInAnyOrder(6, 10);
    }
}
