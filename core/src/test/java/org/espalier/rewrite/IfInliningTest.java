package org.espalier.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.testing.Ort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IfInliningTest {
    private static NodeProto node(String op, List<String> in, List<String> out, AttributeProto... attributes) {
        return NodeProto.newBuilder()
                .setOpType(op)
                .setName(op + "-" + out.get(0))
                .addAllInput(in)
                .addAllOutput(out)
                .addAllAttribute(Arrays.asList(attributes))
                .build();
    }

    private static TensorProto number(String name, float value) {
        ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, value);
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(1)
                .setRawData(ByteString.copyFrom(bytes))
                .build();
    }

    private static GraphProto branch(List<String> outputs, List<TensorProto> constants, NodeProto... nodes) {
        GraphProto.Builder b = GraphProto.newBuilder().setName("branch").addAllInitializer(constants);
        b.addAllNode(Arrays.asList(nodes));
        TypeProto type = TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(1))
                .build();
        outputs.forEach(o -> b.addOutput(ValueInfoProto.newBuilder().setName(o).setType(type)));
        return b.build();
    }

    private static AttributeProto graph(String name, GraphProto g) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(g)
                .build();
    }

    private static Attribute.Opaque opaque(String name, GraphProto g, String... outer) {
        ByteBuffer bytes = graph(name, g).toByteString().asReadOnlyByteBuffer();
        return new Attribute.Opaque(bytes, List.of(outer));
    }

    /** y = x·2 or x·3, z = x or h; h is computed around the branches. */
    private static Graph choose(Graph conditionFrom, String condition) {
        GraphProto yes = branch(
                List.of("m", "i"),
                List.of(number("factor", 2)),
                node("Mul", List.of("x", "factor"), List.of("m")),
                node("Identity", List.of("x"), List.of("i")));
        GraphProto no = branch(
                List.of("m", "i"),
                List.of(number("factor", 3)),
                node("Mul", List.of("x", "factor"), List.of("m")),
                node("Identity", List.of("h"), List.of("i")));
        List<Node> nodes = new ArrayList<>(conditionFrom.nodes());
        nodes.add(Node.of("h", "Neg", List.of("x"), List.of("h"), Map.of()));
        nodes.add(Node.of(
                "choose",
                "If",
                List.of(condition),
                List.of("y", "z"),
                Map.of(
                        "then_branch", opaque("then_branch", yes, "x"),
                        "else_branch", opaque("else_branch", no, "x", "h"))));
        // A constant of the same name as those in the branches.
        Map<String, TensorData> constants = new LinkedHashMap<>(conditionFrom.initializers());
        constants.put("factor", TensorData.ofFloats(new float[] {5}));
        nodes.add(Node.of("w", "Mul", List.of("x", "factor"), List.of("w"), Map.of()));
        List<Value> outputs = List.of(
                Value.batched("y", ElementType.FLOAT, 4),
                Value.batched("z", ElementType.FLOAT, 4),
                Value.batched("w", ElementType.FLOAT, 4));
        return new Graph("choose", Map.of("", 17L), conditionFrom.inputs(), outputs, nodes, constants);
    }

    private static Graph bare(List<Value> inputs, List<Node> nodes, Map<String, TensorData> constants) {
        String out = nodes.isEmpty() ? "x" : nodes.get(nodes.size() - 1).output(0);
        return new Graph(
                "c", Map.of("", 17L), inputs, List.of(new Value(out, ElementType.BOOL, List.of())), nodes, constants);
    }

    private static final Value X = Value.batched("x", ElementType.FLOAT, 4);

    private static Graph onSize(int axis, long size) {
        List<Node> nodes = List.of(
                Node.of("s", "Shape", List.of("x"), List.of("s"), Map.of()),
                Node.of("d", "Gather", List.of("s", "axis"), List.of("d"), Map.of()),
                Node.of("e", "Equal", List.of("d", "size"), List.of("e"), Map.of()));
        return bare(
                List.of(X),
                nodes,
                Map.of(
                        "axis", TensorData.ofLongs(new long[] {axis}),
                        "size", TensorData.ofLongs(new long[] {size})));
    }

    private static void requireSame(Graph given, Graph plain) {
        Map<String, TensorData> inputs = Ort.randomInputs(plain, 3, 5);
        assertThat(Ort.run(plain, inputs)).isEqualTo(Ort.run(given, inputs));
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5})
    void condition_onAFixedSize_isDecided(long size) {
        Graph given = choose(onSize(1, size), "e");
        Rewritten plain = Rewritten.of(given);
        assertThat(plain.graph().nodes()).noneMatch(n -> n.opType().equals("If"));
        assertThat(plain.notes()).singleElement().asString().contains(size == 4 ? "then_branch" : "else_branch");
        requireSame(given, plain.graph());
        assertThat(Leftover.first(plain.graph())).isEmpty();
    }

    @Test
    void condition_onTheBatch_stays() {
        Graph given = choose(onSize(0, 1), "e");
        assertThat(Rewritten.of(given).graph()).isSameAs(given);
        Leftover left = Leftover.first(given).orElseThrow();
        assertThat(left.kind()).isEqualTo(Leftover.Kind.BRANCH);
        assertThat(left.text()).contains("If 'choose'").contains("sizes or values of input 'x'");
        assertThat(left.inputs()).isEmpty();
    }

    private static Graph onInput(ElementType type) {
        Value rate = new Value("rate", type, List.of());
        List<Node> nodes = List.of(Node.of("e", "Cast", List.of("rate"), List.of("e"), Map.of("to", Attribute.of(9L))));
        return choose(bare(List.of(X, rate), nodes, Map.of()), "e");
    }

    @ParameterizedTest
    @CsvSource({
        "INT64,16000,true",
        "INT64,0,false",
        "FLOAT,0.5,true",
        "BOOL,true,true",
        "BOOL,0,false",
        "UINT8,255,true"
    })
    void condition_onAnInput_isDecidedByItsFixedValue(ElementType type, String value, boolean then) {
        Graph given = onInput(type);
        assertThat(Rewritten.of(given).graph()).isSameAs(given);
        assertThat(Leftover.first(given).orElseThrow().inputs()).containsExactly("rate");
        Graph plain =
                Rewritten.of(FixedInputs.fix(given, Map.of("rate", value))).graph();
        assertThat(plain.inputs()).containsExactly(X);
        assertThat(plain.nodes()).noneMatch(n -> n.opType().equals("If"));
        requireSame(choose(onSize(1, then ? 4 : 5), "e"), plain);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "rates; 1; there is none of that name, expected one of [x, rate]",
                "x; 1; must hold one number, expected shape [] or [1], found x:FLOAT[N, 4]",
                "rate; fast; expected an integer from -9223372036854775808 to 9223372036854775807, found 'fast'",
                "rate; 1.5; expected an integer",
                "rate; 9223372036854775808; expected an integer",
            })
    void fixedInput_thatIsWrong_isRefused(String name, String value, String message) {
        Graph given = onInput(ElementType.INT64);
        assertThatThrownBy(() -> FixedInputs.fix(given, Map.of(name, value)))
                .isInstanceOf(GraphException.class)
                .hasMessageStartingWith("input '" + name + "' cannot be fixed")
                .hasMessageContaining(message)
                .hasMessageNotContaining("--");
    }

    @Test
    void fixedInputs_all_areRefused() {
        Graph given = new Graph(
                "g",
                Map.of("", 17L),
                List.of(new Value("a", ElementType.FLOAT, List.of())),
                List.of(new Value("b", ElementType.FLOAT, List.of())),
                List.of(Node.of("n", "Neg", List.of("a"), List.of("b"), Map.of())),
                Map.of());
        assertThatThrownBy(() -> FixedInputs.fix(given, Map.of("a", "1")))
                .hasMessageContaining("no other input is left");
        assertThatThrownBy(() -> FixedInputs.fix(given, Map.of("a", "NaN"))).hasMessageContaining("a finite number");
    }

    /** An If in the branch of an If, which reads what that branch computes under a name that is taken outside. */
    @Test
    void branch_insideABranch_isDecidedToo() {
        GraphProto innerYes = branch(List.of("r"), List.of(), node("Relu", List.of("h"), List.of("r")));
        GraphProto innerNo = branch(List.of("r"), List.of(), node("Exp", List.of("h"), List.of("r")));
        NodeProto inner =
                node("If", List.of("e"), List.of("q"), graph("then_branch", innerYes), graph("else_branch", innerNo));
        GraphProto yes =
                branch(List.of("q"), List.of(number("f", 2)), node("Mul", List.of("x", "f"), List.of("h")), inner);
        GraphProto no = branch(List.of("p"), List.of(), node("Identity", List.of("x"), List.of("p")));
        Graph from = onSize(1, 4);
        List<Node> nodes = new ArrayList<>(from.nodes());
        nodes.add(Node.of("h", "Neg", List.of("x"), List.of("h"), Map.of()));
        nodes.add(Node.of(
                "outer",
                "If",
                List.of("e"),
                List.of("y"),
                Map.of(
                        "then_branch", opaque("then_branch", yes, "x", "e"),
                        "else_branch", opaque("else_branch", no, "x"))));
        List<Value> outputs =
                List.of(Value.batched("y", ElementType.FLOAT, 4), Value.batched("h", ElementType.FLOAT, 4));
        Graph given = new Graph("nested", Map.of("", 17L), from.inputs(), outputs, nodes, from.initializers());
        Rewritten plain = Rewritten.of(given);
        assertThat(plain.graph().nodes()).noneMatch(n -> n.opType().equals("If"));
        Map<String, TensorData> inputs = Ort.randomInputs(given, 2, 3);
        double[] x = Objects.requireNonNull(inputs.get("x")).toDoubles();
        double[] y =
                Objects.requireNonNull(Ort.run(plain.graph(), inputs).get("y")).toDoubles();
        assertThat(y).isEqualTo(Arrays.stream(x).map(v -> Math.max(0, 2 * v)).toArray());
    }

    /** What a branch gives may be a value from around it, a constant, or one value twice. */
    @Test
    void output_thatNoNodeOfTheBranchComputes_isHandedOn() {
        GraphProto yes =
                branch(List.of("x", "c", "m", "m"), List.of(number("c", 2)), node("Neg", List.of("x"), List.of("m")));
        Graph from = onSize(1, 4);
        List<Node> nodes = new ArrayList<>(from.nodes());
        Map<String, Attribute> branches =
                Map.of("then_branch", opaque("then_branch", yes, "x"), "else_branch", opaque("else_branch", yes, "x"));
        nodes.add(Node.of("choose", "If", List.of("e"), List.of("a", "b", "p", "q"), branches));
        List<Value> outputs = List.of(
                Value.batched("a", ElementType.FLOAT, 4),
                new Value("b", ElementType.FLOAT, List.of()),
                Value.batched("p", ElementType.FLOAT, 4),
                Value.batched("q", ElementType.FLOAT, 4));
        Graph plain = Rewritten.of(new Graph("g", Map.of("", 17L), from.inputs(), outputs, nodes, from.initializers()))
                .graph();
        Map<String, TensorData> inputs = Ort.randomInputs(plain, 2, 3);
        Map<String, TensorData> found = Ort.run(plain, inputs);
        assertThat(found.get("a")).isEqualTo(inputs.get("x"));
        assertThat(Objects.requireNonNull(found.get("b")).toDoubles()).containsExactly(2);
        assertThat(found.get("p")).isEqualTo(found.get("q"));
        assertThat(Objects.requireNonNull(found.get("p")).getDouble(0))
                .isEqualTo(-Objects.requireNonNull(inputs.get("x")).getDouble(0));
    }

    @Test
    void loop_isNamed() {
        GraphProto body = branch(List.of("c"), List.of(), node("Identity", List.of("x"), List.of("c")));
        Node loop = Node.of("l", "Loop", List.of("n", ""), List.of("y"), Map.of("body", opaque("body", body, "x")));
        Graph g = new Graph(
                "g",
                Map.of("", 17L),
                List.of(X),
                List.of(Value.batched("y", ElementType.FLOAT, 4)),
                List.of(loop),
                Map.of("n", TensorData.ofLongs(new long[] {3})));
        Optional<Leftover> left = Leftover.first(g);
        assertThat(left.orElseThrow().kind()).isEqualTo(Leftover.Kind.LOOP);
        assertThat(left.orElseThrow().text()).startsWith("Loop 'l': loops are not trained; export");
    }

    @ParameterizedTest
    @ValueSource(strings = {"com.microsoft", "com.microsoft.nchwc"})
    void operator_ofOnnxRuntime_isNamed(String domain) {
        Node n = new Node("odd", "Odd", domain, List.of("x"), List.of("y"), Map.of());
        Graph g = new Graph(
                "g",
                Map.of("", 17L, domain, 1L),
                List.of(X),
                List.of(Value.batched("y", ElementType.FLOAT, 4)),
                List.of(n),
                Map.of());
        assertThat(Rewritten.of(g).graph()).isSameAs(g);
        assertThat(Leftover.first(g).orElseThrow().text())
                .contains(domain + ".Odd (node 'odd')")
                .contains("export without ONNX Runtime's optimisation");
    }
}
