package org.espalier.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.TensorData;

/** Writes networks the way exporters do: one node per operation, shapes computed from shapes. */
public final class ForeignBuilder {
    private final GraphBuilder b;
    private final SplittableRandom random;
    private int counter;

    public ForeignBuilder(String name, long seed) {
        this.b = new GraphBuilder(name, seed);
        this.random = new SplittableRandom(seed);
    }

    public String input(String name, long... shape) {
        return b.input(name, shape);
    }

    public String output(String value, long... shape) {
        return b.declareOutput(value, shape);
    }

    /** The finished network with random biases and statistics. */
    public Graph build(long seed) {
        return RandomNetwork.randomised(b.build(), seed);
    }

    private String fresh(String op) {
        return op.toLowerCase(java.util.Locale.ROOT) + "_" + counter++;
    }

    /** A node with one output; attributes as name, value, name, value … */
    public String op(String op, List<String> in, Object... attributes) {
        return many(op, 1, in, attributes).get(0);
    }

    public String op(String op, String in, Object... attributes) {
        return op(op, List.of(in), attributes);
    }

    /** A node with several outputs. */
    public List<String> many(String op, int outputs, List<String> in, Object... attributes) {
        String name = fresh(op);
        Map<String, Attribute> map = new LinkedHashMap<>();
        for (int i = 0; i < attributes.length; i += 2) {
            map.put((String) attributes[i], attribute(attributes[i + 1]));
        }
        List<String> out = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            out.add(outputs == 1 ? name : name + "_" + i);
        }
        b.node(name, op, in, out, map);
        return out;
    }

    private static Attribute attribute(Object value) {
        if (value instanceof Integer i) {
            return Attribute.of(i.longValue());
        } else if (value instanceof long[] l) {
            return Attribute.of(l);
        } else if (value instanceof Float f) {
            return Attribute.of(f);
        }
        return Attribute.of((String) value);
    }

    public String longs(long... values) {
        return b.constant(fresh("longs"), TensorData.vector(values));
    }

    /** Integers of another shape than a list. */
    public String reshaped(long[] shape, long... values) {
        return b.constant(fresh("longs"), TensorData.ofLongs(values, shape));
    }

    public String ints(long... values) {
        return b.constant(fresh("ints"), TensorData.vector(values).as(ElementType.INT32));
    }

    /** A constant without axes. */
    public String scalar0(long value) {
        return b.constant(fresh("scalar"), TensorData.ofLongs(new long[] {value}));
    }

    public String floats(float... values) {
        return b.constant(fresh("floats"), TensorData.ofFloats(values, values.length));
    }

    /** An int64 input [N, exampleShape…]. */
    public String longInput(String name, long... exampleShape) {
        return b.input(name, ElementType.INT64, exampleShape);
    }

    public String number(float value) {
        return b.constant(fresh("number"), TensorData.ofFloats(new float[] {value}));
    }

    /** A random float constant. */
    public String weight(long... shape) {
        float[] v = new float[(int) TensorData.elements(shape)];
        for (int i = 0; i < v.length; i++) {
            v[i] = (float) random.nextDouble(-0.7, 0.7);
        }
        return b.constant(fresh("w"), TensorData.ofFloats(v, shape));
    }

    /** A vector of zeros that stays one: {@link #build} leaves integers alone. */
    public String zeros(int size) {
        return op("Cast", longs(new long[size]), "to", 1);
    }

    public String conv(String x, int in, int out, int kernel, int stride, int group) {
        return b.conv(fresh("conv"), x, in, out, kernel, stride, kernel / 2, group, true);
    }

    /** Patches: a convolution whose stride is its kernel. */
    public String conv(String x, int in, int out, int kernel, int stride) {
        String w = weight(out, in, kernel, kernel);
        return op("Conv", List.of(x, w, weight(out)), "strides", new long[] {stride, stride});
    }

    public String conv(String x, int in, int out, int kernel) {
        return conv(x, in, out, kernel, 1, 1);
    }

    public String bn(String x, int channels) {
        return b.batchNorm(fresh("bn"), x, channels);
    }

    public String gemm(String x, int in, int out) {
        return b.gemm(fresh("gemm"), x, in, out);
    }

    public String relu(String x) {
        return op("Relu", x);
    }

    /** x · W + bias on the last axis. */
    public String linear(String x, int in, int out) {
        return op("Add", List.of(op("MatMul", List.of(x, weight(in, out))), weight(out)));
    }

    /** x · sigmoid(x). */
    public String swish(String x) {
        return op("Mul", List.of(x, op("Sigmoid", x)));
    }

    /** Gelu as exporters spell it out. */
    public String gelu(String x) {
        String erf = op("Erf", op("Div", List.of(x, number(1.4142135f))));
        return op("Mul", List.of(op("Mul", List.of(x, op("Add", List.of(erf, number(1))))), number(0.5f)));
    }

    public String layerNorm(String x, int features) {
        return op("LayerNormalization", List.of(x, weight(features), weight(features)), "axis", -1);
    }

    /** LayerNorm as older exporters spell it out. */
    public String oldLayerNorm(String x, int features) {
        String centred = op("Sub", List.of(x, op("ReduceMean", x, "axes", new long[] {-1})));
        String variance = op("ReduceMean", op("Pow", List.of(centred, number(2))), "axes", new long[] {-1});
        String normal = op("Div", List.of(centred, op("Sqrt", op("Add", List.of(variance, number(1e-5f))))));
        return op("Add", List.of(op("Mul", List.of(normal, weight(features))), weight(features)));
    }

    /** Without taking the mean off, as exporters spell it out. */
    public String rmsNorm(String x, int features) {
        String square = op("ReduceMean", op("Pow", List.of(x, number(2))), "axes", new long[] {-1});
        String root = op("Sqrt", op("Add", List.of(square, number(1e-6f))));
        return op("Mul", List.of(weight(features), op("Mul", List.of(x, op("Reciprocal", root)))));
    }

    /** Size of an axis as a node, as a vector of one number. */
    public String size(String x, int axis) {
        String at = op("Gather", List.of(op("Shape", x), scalar0(axis)), "axis", 0);
        return op("Unsqueeze", List.of(at, longs(0)));
    }

    /** A Reshape whose first size is computed from its input's. */
    public String reshape(String x, long... rest) {
        List<String> sizes = new ArrayList<>(List.of(size(x, 0)));
        for (long r : rest) {
            sizes.add(longs(r));
        }
        return op("Reshape", List.of(x, op("Concat", sizes, "axis", 0)));
    }

    public String transpose(String x, long... perm) {
        return op("Transpose", x, "perm", perm);
    }

    /** [B, T, heads·d] → [B, heads, T, d]. */
    public String heads(String x, int tokens, int heads, int d) {
        return transpose(reshape(x, tokens, heads, d), 0, 2, 1, 3);
    }

    /** Attention on q, k, v [B, heads, T, d] → [B, T, heads·d]. */
    public String attend(String q, String k, String v, int tokens, int heads, int d) {
        String scores =
                op("Div", List.of(op("MatMul", List.of(q, transpose(k, 0, 1, 3, 2))), number((float) Math.sqrt(d))));
        String mixed = op("MatMul", List.of(op("Softmax", scores, "axis", -1), v));
        return reshape(transpose(mixed, 0, 2, 1, 3), tokens, (long) heads * d);
    }
}
