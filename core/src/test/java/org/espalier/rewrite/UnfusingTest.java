package org.espalier.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.testing.Ort;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class UnfusingTest {
    private static final double TOLERANCE = 2e-5;

    private static Arguments of(String name, Graph graph) {
        return Arguments.of(Named.of(name, graph));
    }

    static Stream<Arguments> convolutions() {
        return Stream.of("Relu", "Sigmoid", "Tanh", "LeakyRelu", "Clip", "HardSigmoid", "")
                .flatMap(a -> Stream.of(false, true).map(sum -> of("FusedConv " + a + sum, conv(a, sum))));
    }

    private static Graph conv(String activation, boolean sum) {
        FusedCase c = new FusedCase(13);
        String x = c.input("x", 3, 6, 6);
        String z = sum ? c.input("z", 8, 6, 6) : "";
        Object parameters =
                switch (activation) {
                    case "LeakyRelu" -> new float[] {0.3f};
                    case "Clip" -> new float[] {-0.2f, 0.4f};
                    case "HardSigmoid" -> new float[] {0.3f, 0.4f};
                    default -> new float[0];
                };
        List<String> in =
                sum ? List.of(x, c.weight(8, 3, 3, 3), c.weight(8), z) : List.of(x, c.weight(8, 3, 3, 3), c.weight(8));
        Object[] attributes = activation.isEmpty()
                ? new Object[] {"pads", new long[] {1, 1, 1, 1}}
                : new Object[] {
                    "pads", new long[] {1, 1, 1, 1}, "activation", activation, "activation_params", parameters
                };
        return c.output(c.fused("FusedConv", in, attributes), 4).build();
    }

    static Stream<Arguments> products() {
        return Stream.of(
                of("FusedGemm Relu", gemm("activation", "Relu", "transB", 1L, "alpha", 0.5f)),
                of("FusedGemm LeakyRelu", gemm("activation", "LeakyRelu", "activation_alpha", 0.2f, "transB", 1L)),
                of("FusedGemm Elu", gemm("activation", "Elu", "activation_alpha", 0.7f, "transB", 1L)),
                of(
                        "FusedGemm HardSigmoid",
                        gemm(
                                "activation",
                                "HardSigmoid",
                                "activation_alpha",
                                0.3f,
                                "activation_beta",
                                0.4f,
                                "transB",
                                1L)),
                of("FusedMatMul", matMul(false, "alpha", 0.25f)),
                of("FusedMatMul transB constant", matMul(false, "transB", 1L)),
                of("FusedMatMul of two values", matMul(true, "transB", 1L, "alpha", 2f)),
                of("FusedMatMul transA", matMul(true, "transA", 1L)));
    }

    private static Graph gemm(Object... attributes) {
        FusedCase c = new FusedCase(12);
        String x = c.input("x", 7);
        return c.output(c.fused("FusedGemm", List.of(x, c.weight(5, 7), c.weight(5)), attributes), 2)
                .build();
    }

    private static Graph matMul(boolean values, Object... attributes) {
        FusedCase c = new FusedCase(14);
        String x = c.input("x", 5, 5);
        String y = values ? c.input("y", 5, 5) : c.weight(5, 5);
        return c.output(c.fused("FusedMatMul", List.of(x, y), attributes), 3).build();
    }

    static Stream<Arguments> activations() {
        return Stream.of(11L, 13L, 20L)
                .flatMap(opset -> Stream.of(
                        of("Gelu " + opset, activation(opset, "Gelu", false)),
                        of("BiasGelu " + opset, activation(opset, "BiasGelu", true)),
                        of("FastGelu " + opset, activation(opset, "FastGelu", false)),
                        of("FastGelu of a sum " + opset, activation(opset, "FastGelu", true)),
                        of("QuickGelu " + opset, activation(opset, "QuickGelu", false, "alpha", 1.5f))));
    }

    private static Graph activation(long opset, String op, boolean bias, Object... attributes) {
        FusedCase c = new FusedCase(opset);
        String x = c.input("x", 6, 8);
        List<String> in = bias ? List.of(x, c.weight(8)) : List.of(x);
        return c.output(c.fused(op, in, attributes), 3).build();
    }

    static Stream<Arguments> normalisations() {
        return Stream.of(
                of("SkipLayerNormalization", skip("SkipLayerNormalization", true, false)),
                of("SkipLayerNormalization without shift", skip("SkipLayerNormalization", false, false)),
                of("SkipLayerNormalization with bias and sum", skip("SkipLayerNormalization", true, true)),
                of("SkipSimplifiedLayerNormalization", skip("SkipSimplifiedLayerNormalization", false, false)),
                of("SkipSimplified with bias and sum", skip("SkipSimplifiedLayerNormalization", false, true)),
                of("EmbedLayerNormalization", embedding(false, false)),
                of("EmbedLayerNormalization with segments", embedding(true, false)),
                of("EmbedLayerNormalization with a mask", embedding(true, true)));
    }

    private static Graph skip(String op, boolean shift, boolean biasAndSum) {
        FusedCase c = new FusedCase(13);
        String x = c.input("x", 5, 8);
        String y = c.input("y", 5, 8);
        String scale = c.weight(8);
        boolean simplified = op.contains("Simplified");
        List<String> in = new ArrayList<>(List.of(x, y, scale));
        if (!simplified && (shift || biasAndSum)) {
            in.add(shift ? c.weight(8) : "");
        }
        if (biasAndSum) {
            in.add(c.weight(8));
        }
        List<String> out = c.op("com.microsoft", op, in, biasAndSum ? 4 : 1, "epsilon", 1e-5f);
        c.output(out.get(0), 3);
        return biasAndSum ? c.output(out.get(3), 3).build() : c.build();
    }

    private static Graph embedding(boolean segments, boolean mask) {
        FusedCase c = new FusedCase(12);
        String ids = c.integers("ids", 6);
        String segment = segments ? c.integers("segment", 6) : "";
        List<String> in = new ArrayList<>(List.of(ids, segment, c.weight(10, 8), c.weight(9, 8)));
        in.addAll(List.of(segments ? c.weight(4, 8) : "", c.weight(8), c.weight(8)));
        if (mask) {
            in.add(c.integers("mask", 6));
        }
        List<String> out = c.op("com.microsoft", "EmbedLayerNormalization", in, 2, "epsilon", 1e-6f);
        c.output(out.get(0), 3);
        return c.output(c.plain("Cast", List.of(out.get(1)), "to", 1L), 1).build();
    }

    static Stream<Arguments> attentions() {
        return Stream.of(
                of("Attention", attention(0, "num_heads", 2L)),
                of("Attention with a scale", attention(0, "num_heads", 4L, "scale", 0.3f)),
                of("Attention with lengths", attention(1, "num_heads", 2L)),
                of("Attention with a mask", attention(2, "num_heads", 2L, "mask_filter_value", -50f)),
                of("Attention with a mask of pairs", attention(3, "num_heads", 2L)),
                of("Attention of what came before", attention(0, "num_heads", 2L, "unidirectional", 1L)),
                of("Attention of unlike sizes", attention(0, "num_heads", 2L, "qkv_hidden_sizes", new long[] {6, 6, 12
                })),
                of("MultiHeadAttention", multiHead(false, false, "num_heads", 2L)),
                of("MultiHeadAttention with a bias", multiHead(true, false, "num_heads", 4L, "scale", 0.4f)),
                of("MultiHeadAttention with a mask", multiHead(true, true, "num_heads", 2L)));
    }

    private static Graph attention(int maskRank, Object... attributes) {
        FusedCase c = new FusedCase(14);
        String x = c.input("x", 5, 8);
        List<String> in = new ArrayList<>(List.of(x, c.weight(8, 24), c.weight(24)));
        switch (maskRank) {
            case 1 ->
                in.add(c.plain(
                        "Add",
                        List.of(
                                c.integers("mask"),
                                c.constant(TensorData.vector(1).as(ElementType.INT32)))));
            case 2 -> in.add(bits(c, c.integers("mask", 5)));
            case 3 -> in.add(bits(c, c.integers("mask", 5, 5)));
            default -> {}
        }
        return c.output(c.fused("Attention", in, attributes), 3).build();
    }

    private static Graph multiHead(boolean bias, boolean mask, Object... attributes) {
        FusedCase c = new FusedCase(14);
        List<String> in = new ArrayList<>(List.of(c.input("q", 5, 8), c.input("k", 6, 8), c.input("v", 6, 8)));
        if (bias) {
            in.add(c.weight(24));
        }
        if (mask) {
            in.add(bits(c, c.integers("mask", 6)));
        }
        return c.output(c.fused("MultiHeadAttention", in, attributes), 3).build();
    }

    /** Integers as 0 or 1. */
    private static String bits(FusedCase c, String value) {
        String two = c.constant(TensorData.ofLongs(new long[] {2}).as(ElementType.INT32));
        return c.plain("Cast", List.of(c.plain("Less", List.of(value, two))), "to", 6L);
    }

    @ParameterizedTest
    @MethodSource({"convolutions", "products", "activations", "normalisations", "attentions"})
    void unfused_asOnnxRuntimesOwnKernel(Graph graph) {
        Rewritten plain = Rewritten.of(graph);
        assertThat(plain.graph().opsets()).containsOnlyKeys("");
        assertThat(plain.notes()).hasSize(1);
        assertThat(Rewritten.of(plain.graph()).graph()).isSameAs(plain.graph());
        for (long seed = 1; seed <= 3; seed++) {
            Map<String, TensorData> inputs = Ort.randomInputs(graph, 3, seed);
            Map<String, TensorData> expected = Ort.run(graph, inputs);
            Map<String, TensorData> found = Ort.run(plain.graph(), inputs);
            assertThat(found.keySet()).isEqualTo(expected.keySet());
            expected.forEach((name, e) -> {
                TensorData f = Objects.requireNonNull(found.get(name));
                assertThat(f.shape()).isEqualTo(e.shape());
                for (int i = 0; i < e.elements(); i++) {
                    assertThat(Math.abs(f.getDouble(i) - e.getDouble(i)))
                            .as("%s[%d]", name, i)
                            .isLessThanOrEqualTo(TOLERANCE * Math.max(1, Math.abs(e.getDouble(i))));
                }
            });
        }
    }

    @Test
    void attention_thatKeepsEarlierKeys_stays() {
        FusedCase c = new FusedCase(14);
        List<String> in = List.of(c.input("x", 5, 8), c.weight(8, 24), c.weight(24));
        List<String> out = c.op("com.microsoft", "Attention", in, 2, "num_heads", 2L);
        Graph graph = c.output(out.get(0), 3).output(out.get(1), 5).build();
        assertThat(Rewritten.of(graph).graph()).isSameAs(graph);
    }

    @Test
    void unfused_inHalfPrecision_makesConstantsOfThatType() {
        FusedCase c = new FusedCase(13);
        String x = c.plain("Cast", List.of(c.input("x", 6)), "to", 10L);
        String y = c.fused("QuickGelu", List.of(x));
        Graph graph = c.output(c.plain("Cast", List.of(y), "to", 1L), 2).build();
        Graph plain = Rewritten.of(graph).graph();
        assertThat(plain.initializers().values()).extracting(TensorData::type).containsOnly(ElementType.FLOAT16);
        Map<String, TensorData> inputs = new LinkedHashMap<>(Ort.randomInputs(graph, 2, 1));
        assertThat(Ort.run(plain, inputs)).hasSize(1);
        assertThat(plain.nodes())
                .noneMatch(n -> n.attributes().values().stream().anyMatch(Attribute.OfTensor.class::isInstance));
    }
}
