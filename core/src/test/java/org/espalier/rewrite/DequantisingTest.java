package org.espalier.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.testing.Ort;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Inputs lie on the grid of their scale, and beyond its ends: what differs from the file is the rounding of what follows alone. */
class DequantisingTest {
    private static final double STEP = 1 / 64.0;
    private static final double OUT = 1 / 16.0;

    /** A case: the network, and by how much rounding may change its outputs. */
    private static Arguments of(String name, Graph graph, double within) {
        return Arguments.of(Named.of(name, graph), within);
    }

    /** An input on the grid of {@link #STEP}, from −4 to 4. */
    private static String grid(FusedCase c, String name, long... exampleShape) {
        String x = c.plain("Mul", List.of(c.input(name, exampleShape), c.number(256)));
        return c.plain("Mul", List.of(c.plain("Floor", List.of(x)), c.number(STEP)));
    }

    private static String zero(FusedCase c, ElementType type) {
        return c.zero(type, type == ElementType.UINT8 ? 120 : type == ElementType.UINT16 ? 32000 : 3);
    }

    private static String quantised(FusedCase c, String x, ElementType type) {
        return c.plain("QuantizeLinear", List.of(x, c.number(STEP), zero(c, type)));
    }

    private static String floats(FusedCase c, String q, ElementType type) {
        return c.plain("DequantizeLinear", List.of(q, c.number(STEP), zero(c, type)));
    }

    private static String there(FusedCase c, String x, double scale, ElementType type) {
        String s = c.number(scale);
        String z = zero(c, type);
        return c.plain("DequantizeLinear", List.of(c.plain("QuantizeLinear", List.of(x, s, z)), s, z));
    }

    static Stream<Arguments> pairs() {
        List<Arguments> all = new ArrayList<>();
        for (long opset : new long[] {10, 13, 19, 21}) {
            for (ElementType type : List.of(ElementType.INT8, ElementType.UINT8)) {
                all.add(of("conv " + opset + " " + type, pair(opset, type, false), OUT / 2));
                if (opset >= 13) {
                    all.add(of("conv by channel " + opset + " " + type, pair(opset, type, true), OUT / 2));
                }
            }
        }
        all.add(of("conv 21 INT16", pair(21, ElementType.INT16, false), OUT / 2));
        all.add(of("conv 21 UINT16", pair(21, ElementType.UINT16, false), OUT / 2));
        all.add(of("weights in floats", weights(), 1e-5));
        all.add(of("moved integers", moved(), 1e-5));
        all.add(of("values by channel", channels(), 1e-5));
        all.add(of("weights by block", blocks(), 1e-5));
        all.add(of("embedding", embedding(), 1e-6));
        all.add(of("integers in and out", integers(), OUT));
        return all.stream();
    }

    private static Graph pair(long opset, ElementType type, boolean channels) {
        FusedCase c = new FusedCase(opset);
        String x = floats(c, quantised(c, grid(c, "x", 3, 6, 6), type), type);
        ElementType w = ElementType.INT8;
        String bytes = c.bytes(w, -100, 100, 4, 3, 3, 3);
        String scale = channels
                ? c.constant(TensorData.ofFloats(new float[] {.001f, .002f, .003f, .004f}, 4))
                : c.number(0.003);
        String zero = channels ? c.constant(TensorData.vector(0, 1, -2, 3).as(w)) : c.zero(w, 5);
        Object[] axis = channels ? new Object[] {"axis", 0L} : new Object[0];
        String weight = c.plain("DequantizeLinear", List.of(bytes, scale, zero), axis);
        // At operator set 10 ONNX Runtime quantises a bias with an operator that is not there.
        List<String> in = opset == 10 ? List.of(x, weight) : List.of(x, weight, c.weight(4));
        String y = c.plain("Conv", in, "pads", new long[] {1, 1, 1, 1});
        String z = c.plain("Relu", List.of(there(c, y, OUT, type)));
        return c.output(z, 4).build();
    }

    private static Graph weights() {
        FusedCase c = new FusedCase(13);
        String x = floats(c, quantised(c, grid(c, "x", 6), ElementType.UINT8), ElementType.UINT8);
        String w = there(c, c.weight(6, 5), 0.007, ElementType.INT8);
        return c.output(c.plain("MatMul", List.of(x, w)), 2).build();
    }

    private static Graph moved() {
        FusedCase c = new FusedCase(13);
        String q = quantised(c, grid(c, "x", 3, 4, 4), ElementType.INT8);
        String pool = c.plain("MaxPool", List.of(q), "kernel_shape", new long[] {2, 2}, "strides", new long[] {2, 2});
        String both = c.plain("Concat", List.of(pool, pool), "axis", 1L);
        String flat = c.plain("Flatten", List.of(both), "axis", 1L);
        return c.output(floats(c, flat, ElementType.INT8), 2).build();
    }

    private static Graph channels() {
        FusedCase c = new FusedCase(13);
        String s = c.constant(TensorData.ofFloats(new float[] {1 / 64f, 1 / 128f, 1 / 64f}, 3));
        String z = c.constant(TensorData.vector(0, 7, -100).as(ElementType.INT8));
        String q = c.plain("QuantizeLinear", List.of(grid(c, "x", 3, 4), s, z), "axis", 1L);
        return c.output(c.plain("DequantizeLinear", List.of(q, s, z), "axis", 1L), 3)
                .build();
    }

    private static Graph blocks() {
        FusedCase c = new FusedCase(21);
        String s = c.weight(3, 5);
        String w = c.plain(
                "DequantizeLinear", List.of(c.bytes(ElementType.INT8, -9, 9, 6, 5), s), "axis", 0L, "block_size", 2L);
        return c.output(c.plain("MatMul", List.of(c.input("x", 6), w)), 2).build();
    }

    private static Graph embedding() {
        FusedCase c = new FusedCase(13);
        String rows =
                c.plain("Gather", List.of(c.bytes(ElementType.UINT8, 0, 255, 9, 5), c.integers("ids", 3)), "axis", 0L);
        return c.output(floats(c, rows, ElementType.UINT8), 3).build();
    }

    /** An input of integers and an output of them, with casts around as the oracle takes no bytes. */
    private static Graph integers() {
        FusedCase c = new FusedCase(13);
        String x = c.plain("Cast", List.of(c.integers("x", 4)), "to", 2L);
        String y = c.plain("Mul", List.of(floats(c, x, ElementType.UINT8), c.number(4)));
        String q = c.plain("QuantizeLinear", List.of(y, c.number(OUT), zero(c, ElementType.UINT8)));
        return c.output(c.plain("DequantizeLinear", List.of(q, c.number(OUT), zero(c, ElementType.UINT8))), 2)
                .build();
    }

    static Stream<Arguments> operators() {
        return Stream.of(
                of("QLinearConv", qConv(), OUT / 2),
                of("QLinearMatMul", qMatMul(), OUT / 2),
                of("QGemm", qGemm(true), OUT / 2),
                of("QGemm in floats", qGemm(false), 1e-5),
                of("QLinearAdd", q("QLinearAdd", 2), OUT / 2),
                of("QLinearMul", q("QLinearMul", 2), OUT / 2),
                of("QLinearSigmoid", q("QLinearSigmoid", 1), OUT),
                of("QLinearLeakyRelu", q("QLinearLeakyRelu", 1, "alpha", 0.2f), OUT),
                of("QLinearSoftmax", q("QLinearSoftmax", 1, "opset", 13L, "axis", 1L), OUT),
                of("QLinearGlobalAveragePool", q("QLinearGlobalAveragePool", 1), OUT),
                of("QLinearAveragePool", q("QLinearAveragePool", 1, "kernel_shape", new long[] {2, 2}), OUT),
                of("QLinearConcat", qConcat(), OUT / 2));
    }

    private static String small(FusedCase c, String name) {
        return quantised(c, grid(c, name, 3, 4, 4), ElementType.UINT8);
    }

    private static List<String> scale(FusedCase c, double scale) {
        return List.of(c.number(scale), zero(c, ElementType.UINT8));
    }

    private static FusedCase result(FusedCase c, String q, int rank) {
        List<String> in = new ArrayList<>(List.of(q));
        in.addAll(scale(c, OUT));
        return c.output(c.plain("DequantizeLinear", in), rank);
    }

    private static Graph q(String op, int operands, Object... attributes) {
        FusedCase c = new FusedCase(13);
        List<String> in = new ArrayList<>();
        for (int i = 0; i < operands; i++) {
            in.add(small(c, "x" + i));
            in.addAll(scale(c, STEP));
        }
        in.addAll(scale(c, OUT));
        return result(c, c.fused(op, in, attributes), 4).build();
    }

    private static Graph qConcat() {
        FusedCase c = new FusedCase(13);
        List<String> in = new ArrayList<>(scale(c, OUT));
        for (String name : List.of("x", "y")) {
            in.add(small(c, name));
            in.addAll(scale(c, STEP));
        }
        return result(c, c.fused("QLinearConcat", in, "axis", 1L), 4).build();
    }

    private static Graph qConv() {
        FusedCase c = new FusedCase(13);
        List<String> in = new ArrayList<>(List.of(small(c, "x")));
        in.addAll(scale(c, STEP));
        in.add(c.bytes(ElementType.INT8, -90, 90, 4, 3, 3, 3));
        in.add(c.constant(TensorData.ofFloats(new float[] {.001f, .002f, .003f, .004f}, 4)));
        in.add(c.constant(TensorData.vector(0, 0, 0, 0).as(ElementType.INT8)));
        in.addAll(scale(c, OUT));
        in.add(c.bytes(ElementType.INT32, -9000, 9000, 4));
        return result(c, c.plain("QLinearConv", in, "pads", new long[] {1, 1, 1, 1}), 4)
                .build();
    }

    private static Graph qMatMul() {
        FusedCase c = new FusedCase(13);
        List<String> in = new ArrayList<>(List.of(small(c, "x")));
        in.addAll(scale(c, STEP));
        in.addAll(List.of(c.bytes(ElementType.INT8, -90, 90, 4, 5), c.number(0.004), c.zero(ElementType.INT8, 0)));
        in.addAll(scale(c, OUT));
        return result(c, c.plain("QLinearMatMul", in), 4).build();
    }

    private static Graph qGemm(boolean quantised) {
        FusedCase c = new FusedCase(13);
        List<String> in = new ArrayList<>(List.of(quantised(c, grid(c, "x", 6), ElementType.UINT8)));
        in.addAll(scale(c, STEP));
        in.addAll(List.of(c.bytes(ElementType.INT8, -90, 90, 5, 6), c.number(0.004), c.zero(ElementType.INT8, 0)));
        in.add(c.bytes(ElementType.INT32, -900, 900, 5));
        if (quantised) {
            in.addAll(scale(c, OUT));
        }
        String y = c.fused("QGemm", in, "transB", 1L, "alpha", 0.5f);
        return quantised ? result(c, y, 2).build() : c.output(y, 2).build();
    }

    /** Bounds are those of the step into which the largest values of ±4 are cut, times the sum of a row of weights. */
    static Stream<Arguments> dynamic() {
        return Stream.of(
                of("MatMulInteger", matMulInteger(), 0.5 * 8 / 255 * 16 * 0.7),
                of("ConvInteger", convInteger(), 0.5 * 8 / 255 * 27 * 0.7),
                of("MatMulIntegerToFloat", toFloat(), 0.5 * 8 / 255 * 16 * 0.7),
                of("DynamicQuantizeMatMul", dynamicMatMul(), 0.5 * 8 / 255 * 16 * 0.7),
                of("product of two values", twoValues(), 2 * 0.5 * 8 / 255 * 16 * 4),
                of("DynamicQuantizeLSTM", lstm(), 0.05));
    }

    private static List<String> dynamic(FusedCase c, String name, long... shape) {
        return c.op("", "DynamicQuantizeLinear", List.of(grid(c, name, shape)), 3);
    }

    private static Graph matMulInteger() {
        FusedCase c = new FusedCase(13);
        List<String> q = dynamic(c, "x", 4, 16);
        String w = c.bytes(ElementType.INT8, -100, 100, 16, 5);
        String i = c.plain("MatMulInteger", List.of(q.get(0), w, q.get(2), c.zero(ElementType.INT8, 3)));
        String scale = c.plain("Mul", List.of(q.get(1), c.number(0.004)));
        String y = c.plain("Mul", List.of(c.plain("Cast", List.of(i), "to", 1L), scale));
        return c.output(c.plain("Add", List.of(y, c.weight(5))), 3).build();
    }

    private static Graph convInteger() {
        FusedCase c = new FusedCase(13);
        List<String> q = dynamic(c, "x", 3, 5, 5);
        String w = c.bytes(ElementType.UINT8, 0, 200, 4, 3, 3, 3);
        String zero = c.zero(ElementType.UINT8, 100);
        String i = c.plain("ConvInteger", List.of(q.get(0), w, q.get(2), zero), "pads", new long[] {1, 1, 1, 1});
        String scale = c.plain("Mul", List.of(q.get(1), c.number(0.004)));
        return c.output(c.plain("Mul", List.of(c.plain("Cast", List.of(i), "to", 1L), scale)), 4)
                .build();
    }

    private static Graph toFloat() {
        FusedCase c = new FusedCase(13);
        List<String> q = dynamic(c, "x", 4, 16);
        String w = c.bytes(ElementType.INT8, -100, 100, 16, 3);
        String scale = c.constant(TensorData.ofFloats(new float[] {.001f, .002f, .004f}, 3));
        String zero = c.constant(TensorData.vector(0, 0, 0).as(ElementType.INT8));
        List<String> in = List.of(q.get(0), w, q.get(1), scale, q.get(2), zero, c.weight(3));
        return c.output(c.fused("MatMulIntegerToFloat", in), 3).build();
    }

    private static Graph dynamicMatMul() {
        FusedCase c = new FusedCase(13);
        String w = c.bytes(ElementType.INT8, -100, 100, 16, 3);
        List<String> in = List.of(grid(c, "x", 4, 16), w, c.number(0.004), c.zero(ElementType.INT8, 0), c.weight(3));
        return c.output(c.fused("DynamicQuantizeMatMul", in), 3).build();
    }

    private static Graph twoValues() {
        FusedCase c = new FusedCase(13);
        List<String> a = dynamic(c, "x", 4, 16);
        List<String> b = dynamic(c, "y", 16, 4);
        String i = c.plain("MatMulInteger", List.of(a.get(0), b.get(0), a.get(2), b.get(2)));
        String scale = c.plain("Mul", List.of(a.get(1), b.get(1)));
        return c.output(c.plain("Mul", List.of(c.plain("Cast", List.of(i), "to", 1L), scale)), 3)
                .build();
    }

    private static Graph lstm() {
        FusedCase c = new FusedCase(13);
        String x = c.plain("Transpose", List.of(c.input("x", 4, 6)), "perm", new long[] {1, 0, 2});
        List<String> in = new ArrayList<>(List.of(x, c.bytes(ElementType.INT8, -90, 90, 1, 6, 12)));
        in.addAll(List.of(c.bytes(ElementType.INT8, -90, 90, 1, 3, 12), c.weight(1, 24), "", "", "", ""));
        in.addAll(List.of(c.weight(1), c.constant(TensorData.vector(0).as(ElementType.INT8))));
        in.addAll(List.of(c.weight(1), c.constant(TensorData.vector(0).as(ElementType.INT8))));
        // Scales of a weight are small.
        in.set(8, c.constant(TensorData.ofFloats(new float[] {.005f}, 1)));
        in.set(10, c.constant(TensorData.ofFloats(new float[] {.004f}, 1)));
        String y = c.fused("DynamicQuantizeLSTM", in, "hidden_size", 3L);
        return c.output(y, 4).build();
    }

    @ParameterizedTest
    @MethodSource({"pairs", "operators", "dynamic"})
    void quantised_inFloats_differsByRounding(Graph graph, double within) {
        assertThat(Dequantising.reason(graph)).isNull();
        Rewritten plain = Rewritten.of(graph);
        assertThat(plain.notes()).hasSize(1);
        assertThat(plain.notes().get(0)).contains("read in floats").contains("quantise again");
        assertThat(plain.graph().nodes())
                .noneMatch(n -> n.opType().contains("Quant")
                        || n.opType().contains("QLinear")
                        || n.opType().contains("Integer"));
        assertThat(Rewritten.of(plain.graph()).graph()).isSameAs(plain.graph());
        for (long seed = 1; seed <= 3; seed++) {
            Map<String, TensorData> inputs = Ort.randomInputs(graph, 2, seed);
            TensorData e = Ort.run(graph, inputs).values().iterator().next();
            TensorData f = Ort.run(plain.graph(), inputs).values().iterator().next();
            assertThat(f.shape()).isEqualTo(e.shape());
            assertThat(Arrays.stream(e.toDoubles()).distinct().count()).isGreaterThan(1);
            for (int i = 0; i < e.elements(); i++) {
                assertThat(Math.abs(f.getDouble(i) - e.getDouble(i)))
                        .as("element %d, seed %d", i, seed)
                        .isLessThanOrEqualTo(within + 1e-5);
            }
        }
    }

    @Test
    void output_ofIntegers_isQuantisedAtTheEnd() {
        FusedCase c = new FusedCase(13);
        String q = quantised(c, c.input("x", 4), ElementType.UINT8);
        String y = quantised(c, c.plain("Relu", List.of(floats(c, q, ElementType.UINT8))), ElementType.UINT8);
        Graph plain = Rewritten.of(c.output(y, ElementType.UINT8, 2).build()).graph();
        assertThat(plain.nodes()).extracting(n -> n.opType()).containsExactly("Clip", "Relu", "QuantizeLinear");
        assertThat(plain.isOutput(plain.nodes().get(2).output(0))).isTrue();
    }

    @Test
    void quantised_inAWayThatIsNotKnown_staysWhole() {
        FusedCase c = new FusedCase(13);
        String q = quantised(c, c.input("x", 4), ElementType.UINT8);
        String sum = c.plain("Add", List.of(c.plain("Cast", List.of(q), "to", 6L), c.zero(ElementType.INT32, 1)));
        String y = c.plain("Cast", List.of(sum), "to", 1L);
        Graph graph = c.output(y, 2).build();
        assertThat(Rewritten.of(graph).graph()).isSameAs(graph);
        assertThat(Dequantising.reason(graph)).contains("Cast").contains("reads quantised numbers");
    }
}
