package org.espalier.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Attribute;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.shapes.InferredShapes;
import org.espalier.shrink.Shrinker;
import org.espalier.testing.Equivalence;
import org.espalier.testing.Ort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HalfPrecisionTest {
    private static TensorData tensor(ElementType type, long... shape) {
        float[] v = new float[(int) TensorData.elements(shape)];
        for (int i = 0; i < v.length; i++) {
            v[i] = (i % 7 - 3) / 3f;
        }
        return TensorData.ofFloats(v, shape).as(type);
    }

    private static Node node(String op, String out, Map<String, Attribute> attributes, String... in) {
        return Node.of(out, op, List.of(in), List.of(out), attributes);
    }

    /** Half precision with a Softmax in float32, as exporters of mixed precision write it, and a Resize whose scales are float32. */
    private static Graph mixed(ElementType half) {
        Map<String, TensorData> constants = new LinkedHashMap<>();
        constants.put("w", tensor(half, 4, 3, 1, 1));
        constants.put("scales", TensorData.ofFloats(new float[] {1, 1, 2, 2}, 4));
        constants.put("bias", tensor(ElementType.FLOAT, 4, 1, 1));
        List<Node> nodes = List.of(
                node("Conv", "conv", Map.of(), "x", "w"),
                node("Resize", "resized", Map.of(), "conv", "", "scales"),
                node("Cast", "wide", Map.of("to", Attribute.of(ElementType.FLOAT.onnx())), "resized"),
                node("Add", "sum", Map.of(), "wide", "bias"),
                node("Softmax", "soft", Map.of("axis", Attribute.of(1)), "sum"),
                node("Cast", "y", Map.of("to", Attribute.of(half.onnx())), "soft"));
        List<Dimension> any = List.of(Dimension.symbol("N"), Dimension.of(4), Dimension.of(4), Dimension.of(4));
        return new Graph(
                "mixed",
                Map.of("", 17L),
                List.of(Value.batched("x", half, 3, 2, 2)),
                List.of(new Value("y", half, any)),
                nodes,
                constants);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void widen_thenNarrow_isTheSameNetwork(ElementType half) {
        Graph given = mixed(half);
        assertThat(HalfPrecision.of(given)).isEqualTo(half);
        Graph wide = HalfPrecision.widen(given);
        assertThat(HalfPrecision.of(wide)).isNull();
        Graph back = HalfPrecision.narrow(wide, given);
        assertThat(back.inputs()).isEqualTo(given.inputs());
        assertThat(back.outputs()).isEqualTo(given.outputs());
        assertThat(back.initializers()).isEqualTo(given.initializers());
        assertThat(back.nodes()).isEqualTo(given.nodes());
    }

    /** Whose statistics may be wider than what it computes. */
    @Test
    void narrow_batchNormalization_statisticsStayInFloat32() {
        Map<String, TensorData> constants = new LinkedHashMap<>();
        for (String name : List.of("scale", "shift", "mean", "variance")) {
            constants.put(name, TensorData.ofFloats(new float[] {1e5f, 2, 3}, 3));
        }
        Graph given = new Graph(
                "bn",
                Map.of("", 15L),
                List.of(Value.batched("x", ElementType.FLOAT16, 3, 2, 2)),
                List.of(Value.batched("y", ElementType.FLOAT16, 3, 2, 2)),
                List.of(node("BatchNormalization", "y", Map.of(), "x", "scale", "shift", "mean", "variance")),
                constants);
        Graph back = HalfPrecision.narrow(HalfPrecision.widen(given), given);
        assertThat(back.initializers()).isEqualTo(given.initializers());
        assertThat(back.nodes()).isEqualTo(given.nodes());
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void narrow_afterNormalizing_putsCastsWhereTypesMeet(ElementType half) {
        Graph given = mixed(half);
        Graph normal = GraphNormalizer.normalize(HalfPrecision.widen(given));
        assertThat(normal.nodes()).extracting(Node::opType).containsExactly("Conv", "Resize", "Add", "Softmax", "Cast");
        Graph back = HalfPrecision.narrow(normal, given);
        assertThat(back.nodes())
                .extracting(Node::opType)
                .containsExactly("Conv", "Resize", "Cast", "Add", "Softmax", "Cast");
        assertThat(back.initializers()).isEqualTo(given.initializers());
        InferredShapes types = InferredShapes.infer(back, 2);
        assertThat(types.type("conv")).isEqualTo(half);
        assertThat(types.type("soft")).isEqualTo(ElementType.FLOAT);
        assertThat(types.type("y")).isEqualTo(half);
    }

    @Test
    void narrow_constantReadInTwoTypes_isThereTwice() {
        Graph given = mixed(ElementType.FLOAT16);
        Graph wide = HalfPrecision.widen(given);
        List<Node> nodes = new java.util.ArrayList<>(wide.nodes());
        nodes.set(0, node("Conv", "before", Map.of(), "x", "w"));
        nodes.add(1, node("Add", "conv", Map.of(), "before", "bias"));
        Graph back = HalfPrecision.narrow(wide.with(nodes, wide.initializers()), given);
        assertThat(back.initializers().values().stream()
                        .filter(t -> t.rank() == 3)
                        .map(TensorData::type))
                .containsExactlyInAnyOrder(ElementType.FLOAT, ElementType.FLOAT16);
    }

    /** A mask that is too large to be folded is read by nothing but a Cast. */
    @Test
    void narrow_constantThatOnlyACastReads_staysAsItIs() {
        Map<String, TensorData> constants = new LinkedHashMap<>();
        constants.put("mask", tensor(ElementType.FLOAT16, 300, 300));
        constants.put("low", tensor(ElementType.FLOAT16, 1));
        Graph given = new Graph(
                "masked",
                Map.of("", 17L),
                List.of(Value.batched("x", ElementType.FLOAT16, 300, 300)),
                List.of(Value.batched("y", ElementType.FLOAT16, 300, 300)),
                List.of(
                        node("Cast", "seen", Map.of("to", Attribute.of(ElementType.BOOL.onnx())), "mask"),
                        node("Where", "y", Map.of(), "seen", "x", "low")),
                constants);
        PreparedGraph prepared = PreparedGraph.of(given);
        assertThat(prepared.graph().nodes()).hasSize(2);
        Graph back = prepared.asGiven(prepared.graph());
        assertThat(back.nodes()).isEqualTo(given.nodes());
        assertThat(back.initializers()).isEqualTo(given.initializers());
    }

    @Test
    void narrow_weightThatDoesNotFit_isNamed() {
        Graph given = mixed(ElementType.FLOAT16);
        Graph wide = HalfPrecision.widen(given);
        TensorData large = TensorData.full(1e6f, 4, 3, 1, 1);
        assertThatThrownBy(() -> HalfPrecision.narrow(wide.withInitializers(Map.of("w", large)), given))
                .isInstanceOf(GraphException.class)
                .hasMessage("constant 'w': value must fit FLOAT16, found 1000000.0");
    }

    @Test
    void widen_float32_isItself() {
        Graph wide = HalfPrecision.widen(mixed(ElementType.FLOAT16));
        assertThat(HalfPrecision.widen(wide)).isSameAs(wide);
        assertThat(Objects.requireNonNull(wide.initializer("w")).type()).isEqualTo(ElementType.FLOAT);
    }

    // ---- subgraphs

    private static AttributeProto.Builder branch(String name, NodeProto... nodes) {
        GraphProto body = GraphProto.newBuilder()
                .setName(name)
                .addAllNode(List.of(nodes))
                .addOutput(ValueInfoProto.newBuilder()
                        .setName(nodes[nodes.length - 1].getOutput(0))
                        .setType(TypeProto.newBuilder()
                                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(ElementType.FLOAT16.onnx()))))
                .build();
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(body);
    }

    private static NodeProto inner(String op, String out, String... in) {
        return NodeProto.newBuilder()
                .setOpType(op)
                .addAllInput(List.of(in))
                .addOutput(out)
                .build();
    }

    private static Attribute opaque(AttributeProto.Builder attribute, String... outer) {
        return new Attribute.Opaque(attribute.build().toByteString().asReadOnlyByteBuffer(), List.of(outer));
    }

    /**
     * Two layers in float16, an If whose branches read what the second computes, a constant that nobody else reads, and one that a node
     * behind reads as well; then float32.
     */
    private static Graph branching() {
        Map<String, TensorData> constants = new LinkedHashMap<>();
        constants.put("a", quarters(3, 6).as(ElementType.FLOAT16));
        constants.put("b", quarters(6, 4).as(ElementType.FLOAT16));
        constants.put("w", quarters(4).as(ElementType.FLOAT16));
        constants.put("v", quarters(1, 4).as(ElementType.FLOAT16));
        constants.put("f", quarters(4));
        constants.put("zero", TensorData.ofFloats(new float[] {0}));
        Attribute then = opaque(branch("then_branch", inner("Mul", "product", "c", "w")), "c", "w");
        Attribute otherwise = opaque(
                branch("else_branch", inner("Add", "sum", "c", "w"), inner("Sub", "less", "sum", "v")), "c", "w", "v");
        List<Node> nodes = List.of(
                node("ReduceSum", "total", Map.of("keepdims", Attribute.of(0)), "x"),
                node("Greater", "condition", Map.of(), "total", "zero"),
                node("Cast", "h", Map.of("to", Attribute.of(ElementType.FLOAT16.onnx())), "x"),
                node("MatMul", "first", Map.of(), "h", "a"),
                node("Relu", "positive", Map.of(), "first"),
                node("MatMul", "c", Map.of(), "positive", "b"),
                node("If", "chosen", Map.of("then_branch", then, "else_branch", otherwise), "condition"),
                node("Add", "shifted", Map.of(), "chosen", "v"),
                node("Cast", "wide", Map.of("to", Attribute.of(ElementType.FLOAT.onnx())), "shifted"),
                node("Add", "y", Map.of(), "wide", "f"));
        return new Graph(
                "branching",
                Map.of("", 17L),
                List.of(Value.batched("x", ElementType.FLOAT, 3)),
                List.of(Value.batched("y", ElementType.FLOAT, 4)),
                nodes,
                constants);
    }

    /** Numbers with which float16 computes exactly. */
    private static TensorData quarters(long... shape) {
        float[] v = new float[(int) TensorData.elements(shape)];
        for (int i = 0; i < v.length; i++) {
            v[i] = (i * 5 % 7 - 3) / 4f;
        }
        return TensorData.ofFloats(v, shape);
    }

    private static void assertSame(Graph expected, Graph found) {
        for (float sign : new float[] {1, -1}) {
            TensorData x = TensorData.ofFloats(new float[] {sign, 0.5f, sign, sign, -0.5f, 2 * sign}, 2, 3);
            Equivalence.assertClose(Ort.run(expected, Map.of("x", x)), Ort.run(found, Map.of("x", x)), "sign " + sign);
        }
    }

    @Test
    void asGiven_subgraphThatReadsConstants_isTheSameNetwork() {
        Graph given = branching();
        PreparedGraph prepared = PreparedGraph.of(given);
        Graph back = prepared.asGiven(prepared.graph());
        assertThat(back.initializers()).isEqualTo(given.initializers());
        assertSame(given, back);
        Graph unchanged = HalfPrecision.narrow(HalfPrecision.widen(given), given);
        assertThat(unchanged.initializers()).isEqualTo(given.initializers());
        assertThat(unchanged.nodes()).isEqualTo(given.nodes());
    }

    @Test
    void asGiven_shrunkBesideASubgraph_computesWhatTheMaskedNetworkDoes() {
        PreparedGraph prepared = PreparedGraph.of(branching());
        ChannelGroups groups = ChannelGroups.of(prepared.graph());
        assertThat(Equivalence.sizes(groups)).containsExactly("first.in=3", "first=6");
        boolean[] kept = {true, true, false, true, true, false, true, false, true};
        double[] scale = new double[kept.length];
        for (int u = 0; u < kept.length; u++) {
            scale[u] = kept[u] ? 1 : 0;
        }
        Graph masked = Shrinker.mask(groups, prepared.graph(), scale);
        Graph smaller = Shrinker.shrink(groups, masked, kept).graph();
        assertThat(Objects.requireNonNull(smaller.initializer("a")).shape()).containsExactly(2, 4);
        assertSame(prepared.asGiven(masked), prepared.asGiven(smaller));
    }

    /** Inputs of an operator that is not known have the types that they had, each its own. */
    @Test
    void narrow_unknownOperatorOfTwoTypes_readsBoth() {
        Map<String, TensorData> constants = new LinkedHashMap<>();
        constants.put("half", tensor(ElementType.FLOAT16, 3));
        constants.put("scale", tensor(ElementType.FLOAT, 3));
        Graph given = new Graph(
                "odd",
                Map.of("", 17L),
                List.of(Value.batched("x", ElementType.FLOAT16, 3)),
                List.of(Value.batched("y", ElementType.FLOAT, 3)),
                List.of(node("Oddity", "o", Map.of(), "x", "half", "scale"), node("Mul", "y", Map.of(), "o", "scale")),
                constants);
        Graph back = HalfPrecision.narrow(HalfPrecision.widen(given), given);
        assertThat(back.initializers()).isEqualTo(given.initializers());
        assertThat(back.nodes()).isEqualTo(given.nodes());
    }
}
