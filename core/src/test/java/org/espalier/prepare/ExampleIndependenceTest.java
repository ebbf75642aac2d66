package org.espalier.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.ops.OperatorTable;
import org.espalier.ops.TensorInfo;
import org.espalier.shapes.InferredShapes;
import org.espalier.testing.Equivalence;
import org.espalier.testing.FixedBatch;
import org.espalier.testing.ForeignBuilder;
import org.espalier.testing.Ort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks of one operator that were written for one example: freed, two examples get what each gets by itself. */
class ExampleIndependenceTest {
    /** What an operator does to the input {@code x} of [1, 4, 6] or [1, 4, 6, 6]. */
    private interface Body extends Function<ForeignBuilder, String> {}

    /** @param image whether the input has two spatial axes */
    private record Case(String operator, String what, long opset, boolean image, Body body) {
        @Override
        public String toString() {
            return operator + (what.isEmpty() ? "" : ", " + what);
        }

        /** The network with a row of numbers as its output and sizes as an exporter writes them that was given one example. */
        Graph graph() {
            ForeignBuilder b = new ForeignBuilder(toString(), 1);
            String y = outputOf(b);
            b.output(y);
            TensorInfo info = InferredShapes.infer(fixed(b.build(1)), 1).info(y);
            ForeignBuilder again = new ForeignBuilder(toString(), 1);
            long size = info == null ? 1 : info.elements();
            again.output(again.op("Reshape", List.of(outputOf(again), again.longs(1, size))), size);
            return fixed(again.build(1));
        }

        private String outputOf(ForeignBuilder b) {
            b.input("x", image ? new long[] {4, 6, 6} : new long[] {4, 6});
            return b.op("Cast", body.apply(b), "to", 1);
        }

        private Graph fixed(Graph g) {
            Graph one = FixedBatch.of(g, 1);
            return new Graph(
                    one.name(), Map.of("", opset), one.inputs(), one.outputs(), one.nodes(), one.initializers());
        }
    }

    /** The names of all operators that behave like one. */
    private static List<String> family(String operator) {
        Node node = Node.of("n", operator, List.of("x"), List.of("y"), Map.of());
        return Objects.requireNonNull(OperatorTable.find(node)).names();
    }

    private static final List<Case> APART = new ArrayList<>();
    private static final List<Case> MIXED = new ArrayList<>();

    private static void apart(String operator, Body body) {
        APART.add(new Case(operator, "", 17, false, body));
    }

    private static void apart(String operator, long opset, Body body) {
        APART.add(new Case(operator, "", opset, false, body));
    }

    private static void apart(String operator, String what, Body body) {
        APART.add(new Case(operator, what, 17, false, body));
    }

    private static void ofImage(String operator, Body body) {
        APART.add(new Case(operator, "", 17, true, body));
    }

    private static void mixed(String operator, String what, Body body) {
        MIXED.add(new Case(operator, what, 17, false, body));
    }

    /** All rows of all examples, [4 N, 6]. */
    private static String rows(ForeignBuilder b) {
        return b.op("Reshape", List.of("x", b.longs(-1, 6)));
    }

    private static String positive(ForeignBuilder b) {
        return b.op("Greater", List.of("x", b.number(0)));
    }

    private static final Map<String, Long> LATE =
            Map.of("Gelu", 20L, "Mish", 18L, "Swish", 24L, "RMSNormalization", 23L);

    static {
        elementwise();
        combining();
        layers();
        normalizations();
        alongAxes();
        moving();
        mixing();
        mixingByPlaces();
    }

    private static void elementwise() {
        for (String op : family("Relu")) {
            switch (op) {
                case "Not" -> apart(op, b -> b.op(op, positive(b)));
                case "Cast" -> apart(op, b -> b.op(op, "x", "to", 7));
                case "CastLike" -> apart(op, b -> b.op(op, List.of("x", b.scalar0(1))));
                case "Acosh" -> apart(op, b -> b.op(op, b.op("Exp", b.op("Abs", "x"))));
                case "Log", "Sqrt" -> apart(op, b -> b.op(op, b.op("Exp", "x")));
                case "Clip" -> apart(op, b -> b.op(op, List.of("x", b.number(-0.5f), b.number(0.5f))));
                default -> apart(op, LATE.getOrDefault(op, 17L), b -> b.op(op, "x"));
            }
        }
        apart(
                "CastLike",
                "of a number to the data's type",
                b -> b.op("Mul", List.of("x", b.op("CastLike", List.of(b.scalar0(3), "x")))));
    }

    private static void combining() {
        for (String op : family("Add")) {
            switch (op) {
                case "And", "Or", "Xor" ->
                    apart(op, b -> b.op(op, List.of(positive(b), b.op("Less", List.of("x", b.number(0.3f))))));
                case "Where" -> apart(op, b -> b.op(op, List.of(positive(b), "x", b.weight(6))));
                case "Mod" -> apart(op, b -> b.op(op, List.of("x", b.number(0.3f)), "fmod", 1));
                case "Pow" -> apart(op, b -> b.op(op, List.of(b.op("Exp", "x"), b.weight(4, 1))));
                default -> apart(op, b -> b.op(op, List.of("x", b.weight(1, 4, 1))));
            }
        }
        apart("Add", "of two values", b -> b.op("Add", List.of("x", b.op("Softmax", "x", "axis", 1))));
        apart("PRelu", b -> b.op("PRelu", List.of("x", b.weight(4, 1))));
        apart("Gemm", b -> b.op("Gemm", List.of(rows(b), b.weight(6, 3), b.weight(3))));
        apart("MatMul", b -> b.op("MatMul", List.of(rows(b), b.weight(6, 3))));
        apart("Einsum", b -> b.op("Einsum", List.of(rows(b), b.weight(6, 3)), "equation", "nc,cd->nd"));
        apart("MatMul", "of two values", b -> b.op("MatMul", List.of("x", b.transpose("x", 0, 2, 1))));
        apart("MatMul", "from the left", b -> b.op("MatMul", List.of(b.weight(3, 4), "x")));
        apart("Concat", b -> b.op("Concat", List.of("x", b.op("Neg", "x")), "axis", -1));
    }

    private static void layers() {
        ofImage("Conv", b -> b.conv("x", 4, 3, 3));
        ofImage("ConvTranspose", b -> b.op("ConvTranspose", List.of("x", b.weight(4, 3, 2, 2))));
        for (String op : List.of("MaxPool", "AveragePool", "LpPool")) {
            ofImage(op, b -> b.op(op, "x", "kernel_shape", new long[] {2, 2}));
        }
        for (String op : List.of("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")) {
            ofImage(op, b -> b.op(op, "x"));
        }
        ofImage("DepthToSpace", b -> b.op("DepthToSpace", "x", "blocksize", 2));
        ofImage("SpaceToDepth", b -> b.op("SpaceToDepth", "x", "blocksize", 2));
        ofImage("Resize", b -> b.op("Resize", List.of("x", "", b.floats(1, 1, 2, 1.5f)), "mode", "linear"));
        APART.add(new Case(
                "Upsample", "", 9, true, b -> b.op("Upsample", List.of("x", b.floats(1, 1, 2, 2)), "mode", "nearest")));
    }

    private static void normalizations() {
        ofImage("BatchNormalization", b -> b.bn("x", 4));
        ofImage("InstanceNormalization", b -> b.op("InstanceNormalization", List.of("x", b.weight(4), b.weight(4))));
        APART.add(new Case(
                "GroupNormalization",
                "",
                21,
                true,
                b -> b.op("GroupNormalization", List.of("x", b.weight(4), b.weight(4)), "num_groups", 2)));
        ofImage("LRN", b -> b.op("LRN", "x", "size", 3));
        ofImage("MeanVarianceNormalization", b -> b.op("MeanVarianceNormalization", "x", "axes", new long[] {1, 2, 3}));
        apart("LayerNormalization", b -> b.layerNorm("x", 6));
        for (String op : List.of("RMSNormalization", "SimplifiedLayerNormalization")) {
            apart(op, LATE.getOrDefault(op, 17L), b -> b.op(op, List.of("x", b.weight(6)), "axis", -1));
        }
        apart("Attention", 23, b -> b.op("Attention", List.of("x", "x", "x"), "q_num_heads", 2, "kv_num_heads", 2));
        apart("LpNormalization", b -> b.op("LpNormalization", "x", "axis", 1));
        for (String op : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            apart(op, b -> b.op(op, "x", "axis", 1));
            APART.add(new Case(op, "of an old operator set", 11, false, b -> b.op(op, "x")));
        }
    }

    private static void alongAxes() {
        for (String op : family("ReduceMean")) {
            switch (op) {
                case "ArgMax", "ArgMin" -> apart(op, b -> b.op(op, "x", "axis", 1));
                case "ReduceSum" -> apart(op, b -> b.op(op, List.of("x", b.longs(-1)), "keepdims", 0));
                case "ReduceLogSum" -> apart(op, b -> b.op(op, b.op("Exp", "x"), "axes", new long[] {1}));
                default -> apart(op, b -> b.op(op, "x", "axes", new long[] {1, 2}));
            }
        }
        apart("CumSum", b -> b.op("CumSum", List.of("x", b.scalar0(1))));
        apart("Trilu", b -> b.op("Trilu", "x", "upper", 0));
        apart("TopK", b -> b.many("TopK", 2, List.of("x", b.longs(2)), "axis", 1)
                .get(0));
        apart("Split", b -> b.many("Split", 2, List.of("x", b.longs(1, 3)), "axis", 1)
                .get(1));
    }

    private static void moving() {
        apart("Reshape", b -> b.op("Reshape", List.of(rows(b), b.longs(-1, 2, 12))));
        apart("Flatten", b -> b.op("Flatten", "x", "axis", 2));
        apart("Transpose", b -> b.transpose("x", 0, 2, 1));
        apart("Unsqueeze", b -> b.op("Unsqueeze", List.of("x", b.longs(1))));
        apart("Squeeze", b -> b.op("Squeeze", List.of(b.op("ReduceMax", "x", "axes", new long[] {1}), b.longs(1))));
        apart("Gather", b -> b.op("Gather", List.of("x", b.longs(3, 0)), "axis", 1));
        apart(
                "Gather",
                "from a table",
                b -> b.op("Gather", List.of(b.weight(4, 5), b.op("ArgMax", "x", "axis", 1)), "axis", 0));
        apart("GatherElements", b -> b.op("GatherElements", List.of("x", b.op("ArgMax", "x", "axis", 1)), "axis", 1));
        apart(
                "GatherND",
                b -> b.op(
                        "GatherND", List.of("x", b.op("Unsqueeze", List.of(largest(b), b.longs(2)))), "batch_dims", 1));
        apart("Slice", b -> b.op("Slice", List.of("x", b.longs(-1), b.longs(-9), b.longs(1), b.longs(-2))));
        apart(
                "Slice",
                "of whole examples",
                b -> b.op("Slice", List.of("x", b.longs(0, 1), b.longs(Long.MAX_VALUE, 3))));
        apart("Pad", b -> b.op("Pad", List.of("x", b.longs(0, 1, 2, 0, 0, 1)), "mode", "reflect"));
        apart("Expand", b -> b.op("Expand", List.of("x", b.longs(1, 4, 6))));
        apart("Tile", b -> b.op("Tile", List.of("x", b.longs(1, 2, 1))));
    }

    private static void mixing() {
        for (String op : List.of("RMSNormalization", "SimplifiedLayerNormalization")) {
            mixed(op, "", b -> b.op(op, List.of("x", b.weight(1, 4, 6)), "axis", 0));
        }
        mixed("LayerNormalization", "", b -> b.op("LayerNormalization", List.of(rows(b), b.weight(6)), "axis", 0));
        MIXED.add(new Case("MeanVarianceNormalization", "", 17, true, b -> b.op("MeanVarianceNormalization", "x")));
        mixed("LpNormalization", "", b -> b.op("LpNormalization", rows(b), "axis", 0));
        mixed("CumSum", "", b -> b.op("CumSum", List.of(rows(b), b.scalar0(0))));
        mixed("CumSum", "from the back", b -> b.op("CumSum", List.of("x", b.scalar0(-3))));
        mixed("Trilu", "", b -> b.op("Trilu", rows(b)));
        for (String op : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            mixed(op, "", b -> b.op(op, rows(b), "axis", 0));
        }
        mixed("ReduceMax", "", b -> b.op("Sub", List.of("x", b.op("ReduceMax", "x", "axes", new long[] {0}))));
        mixed("ArgMax", "", b -> b.op("Sub", List.of("x", b.op("Cast", b.op("ArgMax", rows(b), "axis", 0), "to", 1))));
        mixed("TopK", "", b -> b.many("TopK", 2, List.of(rows(b), b.longs(4)), "axis", 0)
                .get(0));
        MIXED.add(new Case("BatchNormalization", "that takes statistics", 17, true, b -> b.many(
                        "BatchNormalization",
                        3,
                        List.of("x", b.weight(4), b.weight(4), b.weight(4), b.weight(4)),
                        "training_mode",
                        1)
                .get(0)));
    }

    private static void mixingByPlaces() {
        mixed("Concat", "", b -> b.op("Concat", List.of(rows(b), rows(b)), "axis", 0));
        mixed("Split", "", b -> b.many("Split", 2, List.of(rows(b)), "axis", 0).get(1));
        mixed(
                "Slice",
                "backwards",
                b -> b.op("Slice", List.of(rows(b), b.longs(-1), b.longs(-99), b.longs(0), b.longs(-1))));
        mixed(
                "Slice",
                "of every third row",
                b -> b.op("Slice", List.of(rows(b), b.longs(0), b.longs(99), b.longs(0), b.longs(2))));
        mixed("Pad", "that shifts rows", b -> b.op("Pad", List.of(rows(b), b.longs(1, 0, -1, 0))));
        mixed("Tile", "", b -> b.op("Tile", List.of(rows(b), b.longs(2, 1))));
        mixed("Gather", "", b -> b.op("Gather", List.of(rows(b), rowNumbers(b)), "axis", 0));
        mixed(
                "GatherElements",
                "",
                b -> b.op("GatherElements", List.of(rows(b), b.op("Cast", b.op("Abs", rows(b)), "to", 7)), "axis", 0));
        mixed(
                "GatherND",
                "",
                b -> b.op("GatherND", List.of(rows(b), b.op("Unsqueeze", List.of(rowNumbers(b), b.longs(1))))));
        mixed("Resize", "", b -> b.op("Resize", List.of(rows(b), "", b.floats(2, 1)), "mode", "linear"));
        MIXED.add(new Case("MaxPool", "its positions", 17, true, b -> b.many(
                        "MaxPool", 2, List.of("x"), "kernel_shape", new long[] {2, 2})
                .get(1)));
        mixed("Range", "", b -> b.op("Add", List.of(b.op("Unsqueeze", List.of(numbers(b), b.longs(1, 2))), "x")));
        mixed("Shape", "the batch as a number", b -> b.op("Mul", List.of("x", b.op("Cast", b.size("x", 0), "to", 1))));
        mixed("Unheard", "", b -> b.op("Unheard", "x"));
    }

    /** Of each column of an example the place of the largest number, [1, 6]. */
    private static String largest(ForeignBuilder b) {
        return b.op("ArgMax", "x", "axis", 1, "keepdims", 0);
    }

    /** As many numbers of rows as there are rows, [4 N]. */
    private static String rowNumbers(ForeignBuilder b) {
        return b.op("Cast", b.op("ReduceMax", b.op("Abs", rows(b)), "axes", new long[] {1}, "keepdims", 0), "to", 7);
    }

    /** 0, 1 … as many as there are examples. */
    private static String numbers(ForeignBuilder b) {
        String batch = b.op("Gather", List.of(b.op("Shape", "x"), b.scalar0(0)), "axis", 0);
        return b.op("Cast", b.op("Range", List.of(b.scalar0(0), batch, b.scalar0(1))), "to", 1);
    }

    static Stream<Case> apart() {
        return APART.stream();
    }

    static Stream<Case> mixed() {
        return MIXED.stream();
    }

    @ParameterizedTest
    @MethodSource("apart")
    void free_operatorThatKeepsExamplesApart_twoGetWhatEachGetsByItself(Case c) {
        Graph one = c.graph();
        Graph free = BatchFreeing.free(one);
        assertThat(free).isNotSameAs(one);
        Map<String, TensorData> both = Ort.randomInputs(free, 2, 3);
        Map<String, TensorData> found = Ort.run(free, both);
        for (int example = 0; example < 2; example++) {
            Map<String, TensorData> expected = Ort.run(one, row(both, example));
            Equivalence.assertClose(expected, row(found, example), "example " + example);
        }
    }

    private static Map<String, TensorData> row(Map<String, TensorData> values, int row) {
        Map<String, TensorData> rows = new LinkedHashMap<>();
        values.forEach((name, t) -> rows.put(name, t.take(0, new int[] {row})));
        return rows;
    }

    @ParameterizedTest
    @MethodSource("mixed")
    void free_operatorThatMixesExamples_staysAsItIs(Case c) {
        Graph one = c.graph();
        assertThat(BatchFreeing.free(one)).isSameAs(one);
    }

    /** Of each operator somebody decided whether it keeps examples apart, and each that does was tried. */
    @Test
    void names_allOperators_areTriedOrMakeNoRows() {
        TreeSet<String> tried = new TreeSet<>(List.of("Constant", "ConstantOfShape", "Range", "Shape", "Size"));
        tried.addAll(List.of("GRU", "LSTM", "OneHot", "RNN", "ScatterElements", "ScatterND"));
        APART.forEach(c -> tried.add(c.operator()));
        assertThat(tried).isEqualTo(OperatorTable.names());
    }
}
