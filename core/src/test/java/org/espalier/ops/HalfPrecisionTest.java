package org.espalier.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.espalier.graph.Attribute;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.Tensor;
import org.espalier.graph.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HalfPrecisionTest {
    private static Tensor tensor(ElementType type, long... shape) {
        float[] v = new float[(int) Tensor.elements(shape)];
        for (int i = 0; i < v.length; i++) {
            v[i] = (i % 7 - 3) / 3f;
        }
        return Tensor.ofFloats(v, shape).as(type);
    }

    private static Node node(String op, String out, Map<String, Attribute> attributes, String... in) {
        return Node.of(out, op, List.of(in), List.of(out), attributes);
    }

    /** Half precision with a Softmax in float32, as exporters of mixed precision write it, and a Resize whose scales are float32. */
    private static Graph mixed(ElementType half) {
        Map<String, Tensor> constants = new LinkedHashMap<>();
        constants.put("w", tensor(half, 4, 3, 1, 1));
        constants.put("scales", Tensor.ofFloats(new float[] {1, 1, 2, 2}, 4));
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
        Map<String, Tensor> constants = new LinkedHashMap<>();
        for (String name : List.of("scale", "shift", "mean", "variance")) {
            constants.put(name, Tensor.ofFloats(new float[] {1e5f, 2, 3}, 3));
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
        Graph normal = Normalizer.normalize(HalfPrecision.widen(given));
        assertThat(normal.nodes()).extracting(Node::opType).containsExactly("Conv", "Resize", "Add", "Softmax", "Cast");
        Graph back = HalfPrecision.narrow(normal, given);
        assertThat(back.nodes())
                .extracting(Node::opType)
                .containsExactly("Conv", "Resize", "Cast", "Add", "Softmax", "Cast");
        assertThat(back.initializers()).isEqualTo(given.initializers());
        Shapes types = Shapes.infer(back, 2);
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
                        .map(Tensor::type))
                .containsExactlyInAnyOrder(ElementType.FLOAT, ElementType.FLOAT16);
    }

    @Test
    void narrow_weightThatDoesNotFit_isNamed() {
        Graph given = mixed(ElementType.FLOAT16);
        Graph wide = HalfPrecision.widen(given);
        Tensor large = Tensor.full(1e6f, 4, 3, 1, 1);
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
}
