package org.espalier.torch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.graph.Attribute;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;

/** One-node graphs that both the gradient test and the comparison with ONNX Runtime run. */
final class OperatorCases {
    /** In place of a shape: this input is not given. */
    static final List<Long> ABSENT = List.of(-1L);

    /**
     * A node with floating-point inputs of the given shapes, followed by constants; an empty name is an absent input.
     *
     * @param low lower bound of the random inputs
     * @param high upper bound of the random inputs
     * @param smooth whether a gradient is to be compared
     */
    record Case(
            String name,
            String op,
            long opset,
            int outputs,
            double low,
            double high,
            boolean smooth,
            List<List<Long>> shapes,
            Map<String, TensorData> constants,
            Map<String, Attribute> attributes) {
        Case from(double newLow, double newHigh) {
            return new Case(name, op, opset, outputs, newLow, newHigh, smooth, shapes, constants, attributes);
        }

        Case flat() {
            return new Case(name, op, opset, outputs, low, high, false, shapes, constants, attributes);
        }

        Case outputs(int n) {
            return new Case(name, op, opset, n, low, high, smooth, shapes, constants, attributes);
        }

        Case constant(String constantName, TensorData value) {
            Map<String, TensorData> all = new LinkedHashMap<>(constants);
            all.put(constantName, value);
            return new Case(name, op, opset, outputs, low, high, smooth, shapes, all, attributes);
        }

        /** The graph: inputs x0, x1, … of {@code type}, outputs y0, y1, … */
        Graph graph(ElementType type, ElementType outputType) {
            List<Value> inputs = new ArrayList<>();
            List<String> read = new ArrayList<>();
            for (int i = 0; i < shapes.size(); i++) {
                read.add(shapes.get(i).equals(ABSENT) ? "" : "x" + i);
                if (shapes.get(i).equals(ABSENT)) {
                    continue;
                }
                inputs.add(new Value(
                        "x" + i, type, shapes.get(i).stream().map(Dimension::of).toList()));
            }
            Map<String, TensorData> kept = new LinkedHashMap<>();
            constants.forEach((n, t) -> {
                boolean absent = n.startsWith("-");
                read.add(absent ? "" : n);
                if (!absent) {
                    boolean convert =
                            t.type() == ElementType.FLOAT && type == ElementType.DOUBLE && !n.endsWith("scales");
                    kept.put(n, convert ? TensorData.ofDoubles(t.toDoubles(), t.shape()) : t);
                }
            });
            List<String> written = new ArrayList<>();
            List<Value> values = new ArrayList<>();
            for (int i = 0; i < outputs; i++) {
                written.add("y" + i);
                values.add(new Value("y" + i, outputType, null));
            }
            if (op.equals("TopK")) {
                // ONNX wants the places, too, which are integers.
                written.add("places");
            }
            Node node = Node.of("node", op, read, written, attributes);
            return new Graph("case", Map.of("", opset), inputs, values, List.of(node), kept);
        }

        Map<String, TensorData> inputs(ElementType type, long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            Map<String, TensorData> out = new LinkedHashMap<>();
            for (int i = 0; i < shapes.size(); i++) {
                long[] shape = shapes.get(i).stream().mapToLong(Long::longValue).toArray();
                if (shapes.get(i).equals(ABSENT)) {
                    continue;
                }
                out.put("x" + i, Fixtures.random(random, type, low, high, shape));
            }
            return out;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private OperatorCases() {}

    static List<Long> shape(long... sizes) {
        return java.util.Arrays.stream(sizes).boxed().toList();
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // handed on to List.of, which copies
    static Case of(String name, long opset, Map<String, Attribute> attributes, List<Long>... shapes) {
        String op = name.indexOf(' ') < 0 ? name : name.substring(0, name.indexOf(' '));
        return new Case(name, op, opset, 1, -1, 1, true, List.of(shapes), Map.of(), attributes);
    }

    static Attribute ints(long... values) {
        return Attribute.of(values);
    }

    static List<Case> all() {
        List<Case> all = new ArrayList<>();
        products(all);
        pooling(all);
        normalization(all);
        activations(all);
        arithmetic(all);
        ShapeOperatorCases.add(all);
        RecurrentCases.add(all);
        AttentionCases.add(all);
        return all;
    }

    private static void products(List<Case> all) {
        for (String equation :
                List.of("bij,bjk->bik", "b i j, b j k", "...ij,...jk->...ki", "bij,bij->b", "bii,bik->ik")) {
            all.add(of(
                    "Einsum " + equation,
                    12,
                    Map.of("equation", Attribute.of(equation)),
                    shape(2, 3, 3),
                    shape(2, 3, 3)));
        }
        all.add(of("Einsum of one", 12, Map.of("equation", Attribute.of("ij->j")), shape(2, 3)));
        all.add(of("Conv plain", 17, Map.of(), shape(2, 3, 7, 6), shape(4, 3, 3, 2), shape(4)));
        all.add(of(
                "Conv grouped strided asymmetric",
                17,
                Map.of(
                        "group",
                        Attribute.of(2),
                        "strides",
                        ints(2, 1),
                        "pads",
                        ints(0, 1, 2, 0),
                        "dilations",
                        ints(1, 2)),
                shape(2, 4, 7, 6),
                shape(6, 2, 3, 2)));
        all.add(of(
                "Conv same upper",
                11,
                Map.of("auto_pad", Attribute.of("SAME_UPPER"), "strides", ints(2, 2)),
                shape(1, 2, 6, 7),
                shape(3, 2, 3, 4)));
        all.add(of(
                "Conv same lower 1-D",
                11,
                Map.of("auto_pad", Attribute.of("SAME_LOWER"), "strides", ints(2)),
                shape(1, 2, 6),
                shape(3, 2, 4)));
        all.add(of("Conv one channel", 17, Map.of(), shape(2, 1, 6, 6), shape(3, 1, 3, 3), shape(3)));
        all.add(of("Conv depthwise", 17, Map.of("group", Attribute.of(3)), shape(2, 3, 6, 6), shape(3, 1, 3, 3)));
        all.add(of("Conv 3-D", 17, Map.of("pads", ints(1, 0, 1, 1, 0, 1)), shape(1, 2, 4, 4, 3), shape(2, 2, 3, 2, 2)));
        all.add(of("ConvTranspose", 11, Map.of("strides", ints(2, 2)), shape(1, 3, 4, 3), shape(3, 2, 3, 3), shape(2)));
        all.add(of(
                "ConvTranspose padded",
                11,
                Map.of("strides", ints(3, 2), "pads", ints(1, 0, 1, 1), "output_padding", ints(2, 1)),
                shape(1, 3, 4, 3),
                shape(3, 2, 3, 3),
                shape(2)));
        all.add(of(
                "ConvTranspose grouped 1-D",
                11,
                Map.of("group", Attribute.of(2), "dilations", ints(2)),
                shape(1, 4, 5),
                shape(4, 2, 3)));
        all.add(of(
                "ConvTranspose output shape",
                11,
                Map.of("strides", ints(2, 2), "output_shape", ints(8, 7)),
                shape(1, 3, 4, 3),
                shape(3, 2, 3, 3)));
        all.add(of("Gemm", 13, Map.of("transB", Attribute.of(1)), shape(3, 4), shape(5, 4), shape(5)));
        all.add(of(
                "Gemm scaled",
                13,
                Map.of("alpha", Attribute.of(0.5f), "beta", Attribute.of(2f), "transA", Attribute.of(1)),
                shape(4, 3),
                shape(4, 5),
                shape(3, 1)));
        all.add(of("Gemm without bias", 13, Map.of(), shape(3, 4), shape(4, 5)));
        all.add(of("MatMul", 13, Map.of(), shape(2, 3, 4), shape(4, 5)));
    }

    private static void pooling(List<Case> all) {
        all.add(of("MaxPool", 12, Map.of("kernel_shape", ints(2, 2), "strides", ints(2, 2)), shape(2, 3, 6, 7)));
        all.add(of(
                "MaxPool ceil padded dilated",
                12,
                Map.of(
                        "kernel_shape", ints(3, 2),
                        "strides", ints(2, 2),
                        "pads", ints(1, 1, 1, 1),
                        "dilations", ints(2, 1),
                        "ceil_mode", Attribute.of(1)),
                shape(2, 3, 8, 7)));
        all.add(of(
                "MaxPool asymmetric",
                12,
                Map.of("kernel_shape", ints(3), "strides", ints(2), "pads", ints(0, 2)),
                shape(2, 3, 8)));
        all.add(of(
                "MaxPool ceil asymmetric",
                12,
                Map.of(
                        "kernel_shape", ints(2, 2),
                        "strides", ints(2, 2),
                        "pads", ints(0, 0, 1, 1),
                        "ceil_mode", Attribute.of(1)),
                shape(2, 3, 4, 5)));
        all.add(of(
                "MaxPool 3-D same",
                12,
                Map.of("kernel_shape", ints(2, 2, 2), "auto_pad", Attribute.of("SAME_UPPER")),
                shape(1, 2, 3, 4, 3)));
        all.add(of(
                "AveragePool",
                11,
                Map.of("kernel_shape", ints(3, 3), "strides", ints(2, 2), "pads", ints(1, 1, 1, 1)),
                shape(2, 3, 6, 7)));
        all.add(of(
                "AveragePool counted",
                11,
                Map.of(
                        "kernel_shape", ints(3, 3),
                        "pads", ints(1, 1, 1, 1),
                        "count_include_pad", Attribute.of(1)),
                shape(2, 3, 6, 7)));
        all.add(of(
                "AveragePool asymmetric",
                11,
                Map.of("kernel_shape", ints(3, 2), "strides", ints(2, 1), "pads", ints(0, 1, 2, 0)),
                shape(2, 3, 6, 7)));
        all.add(of(
                "AveragePool ceil",
                11,
                Map.of("kernel_shape", ints(3), "strides", ints(2), "ceil_mode", Attribute.of(1)),
                shape(2, 3, 8)));
        all.add(of(
                "AveragePool dilated",
                19,
                Map.of("kernel_shape", ints(2, 2), "dilations", ints(2, 1)),
                shape(2, 3, 6, 7)));
        all.add(of("GlobalAveragePool", 13, Map.of(), shape(2, 3, 4, 5)));
        all.add(of("GlobalMaxPool", 13, Map.of(), shape(2, 3, 4, 5)));
        all.add(of("GlobalLpPool", 13, Map.of(), shape(2, 3, 4, 5)));
        all.add(of("GlobalLpPool cubes", 13, Map.of("p", Attribute.of(3)), shape(2, 3, 4)));
        all.add(of(
                "LpPool",
                18,
                Map.of("kernel_shape", ints(3, 2), "strides", ints(2, 1), "pads", ints(0, 1, 2, 0)),
                shape(2, 3, 6, 7)));
        all.add(of("LpPool sums", 11, Map.of("kernel_shape", ints(2), "p", Attribute.of(1)), shape(2, 3, 6)));
        all.add(of(
                "LpPool ceil",
                18,
                Map.of("kernel_shape", ints(3), "strides", ints(2), "ceil_mode", Attribute.of(1)),
                shape(2, 3, 8)));
    }

    private static void normalization(List<Case> all) {
        all.add(of("BatchNormalization", 15, Map.of(), shape(2, 3, 4), shape(3), shape(3))
                .constant("mean", TensorData.ofFloats(new float[] {0.1f, -0.2f, 0.3f}, 3))
                .constant("variance", TensorData.ofFloats(new float[] {0.5f, 1, 2}, 3)));
        all.add(of(
                "InstanceNormalization",
                13,
                Map.of("epsilon", Attribute.of(1e-3f)),
                shape(2, 3, 4, 5),
                shape(3),
                shape(3)));
        all.add(of(
                "LayerNormalization", 17, Map.of("axis", Attribute.of(-2)), shape(2, 3, 4), shape(3, 4), shape(3, 4)));
        all.add(of(
                "GroupNormalization",
                21,
                Map.of("num_groups", Attribute.of(2)),
                shape(2, 4, 3, 3),
                shape(4),
                shape(4)));
        all.add(of(
                "LRN",
                13,
                Map.of("size", Attribute.of(3), "alpha", Attribute.of(0.5f), "bias", Attribute.of(2f)),
                shape(2, 5, 3, 3)));
        all.add(of("Dropout", 13, Map.of(), shape(2, 3)));
        all.add(of("RMSNormalization", 23, Map.of("axis", Attribute.of(-2)), shape(2, 3, 4), shape(3, 4)));
        all.add(of("SimplifiedLayerNormalization", 17, Map.of(), shape(2, 3, 4), shape(4)));
        all.add(of("LpNormalization", 17, Map.of("axis", Attribute.of(1)), shape(2, 3, 4)));
        all.add(of("LpNormalization sums", 17, Map.of("p", Attribute.of(1)), shape(2, 3))
                .from(0.2, 1));
        all.add(of("MeanVarianceNormalization", 13, Map.of(), shape(2, 3, 4, 2)));
    }

    private static void activations(List<Case> all) {
        for (String op : List.of(
                "Relu",
                "LeakyRelu",
                "Elu",
                "Selu",
                "Celu",
                "Sigmoid",
                "HardSigmoid",
                "Tanh",
                "Softplus",
                "Softsign",
                "ThresholdedRelu",
                "Exp",
                "Neg",
                "Abs",
                "Erf",
                "Sin",
                "Cos",
                "Atan",
                "Identity")) {
            all.add(of(op, 13, Map.of(), shape(3, 4)).from(-3, 3));
        }
        for (String op : List.of("HardSwish", "Mish")) {
            all.add(of(op, 18, Map.of(), shape(3, 4)).from(-4, 4));
        }
        all.add(of("Shrink", 13, Map.of("lambd", Attribute.of(0.5f), "bias", Attribute.of(0.25f)), shape(3, 4))
                .from(-2, 2));
        all.add(of("Swish", 24, Map.of("alpha", Attribute.of(1.5f)), shape(3, 4))
                .from(-4, 4));
        all.add(of("Asinh", 13, Map.of(), shape(3, 4)));
        all.add(of("Acosh", 13, Map.of(), shape(3, 4)).from(1.2, 3));
        all.add(of("Atanh", 13, Map.of(), shape(3, 4)).from(-0.8, 0.8));
        for (String op : List.of("Sqrt", "Log", "Reciprocal")) {
            all.add(of(op, 13, Map.of(), shape(3, 4)).from(0.2, 3));
        }
        for (String op : List.of("Floor", "Ceil", "Round", "Sign")) {
            all.add(of(op, 13, Map.of(), shape(3, 4)).from(-3, 3).flat());
        }
        all.add(of("Gelu", 20, Map.of(), shape(3, 4)).from(-3, 3));
        all.add(of("Gelu tanh", 20, Map.of("approximate", Attribute.of("tanh")), shape(3, 4))
                .from(-3, 3));
        all.add(of("PRelu", 9, Map.of(), shape(2, 3, 4), shape(3, 1)));
        all.add(of("PRelu scalar", 9, Map.of(), shape(2, 3, 4), shape(1)));
        all.add(of("Clip", 10, Map.of("min", Attribute.of(-0.5f), "max", Attribute.of(0.25f)), shape(3, 4)));
        all.add(of("Clip inputs", 13, Map.of(), shape(3, 4))
                .constant("-min", TensorData.ofFloats(new float[1]))
                .constant("max", TensorData.ofFloats(new float[] {0.3f})));
        all.add(of("Softmax", 13, Map.of("axis", Attribute.of(1)), shape(2, 3, 4)));
        all.add(of("Softmax old", 11, Map.of(), shape(2, 3, 4)));
        all.add(of("Hardmax", 13, Map.of("axis", Attribute.of(1)), shape(2, 3, 4))
                .flat());
        all.add(of("Hardmax old", 11, Map.of(), shape(2, 3, 4)).flat());
        all.add(of("LogSoftmax", 13, Map.of(), shape(2, 3, 4)));
        all.add(of("LogSoftmax old", 11, Map.of("axis", Attribute.of(0)), shape(2, 3, 4)));
    }

    private static void arithmetic(List<Case> all) {
        for (String op : List.of("Add", "Sub", "Mul", "Div")) {
            all.add(of(op, 13, Map.of(), shape(2, 3, 4), shape(3, 1)).from(0.3, 2));
        }
        for (String op : List.of("Sum", "Mean", "Max", "Min")) {
            all.add(of(op, 13, Map.of(), shape(2, 3), shape(3), shape(2, 1)));
        }
        all.add(of("Pow", 13, Map.of(), shape(2, 3), shape(3)).from(0.3, 2));
        all.add(of("Pow square", 13, Map.of(), shape(2, 3)).constant("two", TensorData.full(2, 1)));
        for (String op : List.of("ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceLogSumExp")) {
            all.add(of(op, 13, Map.of("axes", ints(1, -1)), shape(2, 3, 4)));
            all.add(of(op + " all", 13, Map.of("keepdims", Attribute.of(0)), shape(2, 3, 4)));
            all.add(of(op + " 18", 18, Map.of(), shape(2, 3, 4)).constant("axes", TensorData.vector(0, 2)));
        }
        all.add(of("ReduceSum", 13, Map.of("keepdims", Attribute.of(0)), shape(2, 3, 4))
                .constant("axes", TensorData.vector(1)));
        all.add(of("ReduceSum attribute", 11, Map.of("axes", ints(1)), shape(2, 3, 4)));
        all.add(of("CumSum", 13, Map.of(), shape(2, 3, 4)).constant("axis", TensorData.vector(1)));
        all.add(of(
                        "CumSum from the end",
                        13,
                        Map.of("reverse", Attribute.of(1), "exclusive", Attribute.of(1)),
                        shape(2, 3))
                .constant("axis", TensorData.vector(-1)));
        all.add(of("Trilu", 14, Map.of(), shape(2, 3, 4)));
        all.add(of("Trilu lower", 14, Map.of("upper", Attribute.of(0)), shape(2, 3, 4))
                .constant("k", TensorData.ofLongs(new long[] {1})));
        all.add(of("ReduceProd", 13, Map.of("axes", ints(0, 2)), shape(2, 3, 4)).from(0.5, 1.5));
        all.add(of("ReduceSumSquare", 13, Map.of("axes", ints(0)), shape(2, 3, 4)));
    }
}
