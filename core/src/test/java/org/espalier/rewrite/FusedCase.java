package org.espalier.rewrite;

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

/** Writes small networks with operators of ONNX Runtime's own set; values are random, the seed is fixed. */
final class FusedCase {
    private final SplittableRandom random = new SplittableRandom(7);
    private final List<Value> inputs = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, TensorData> constants = new LinkedHashMap<>();
    private final long opset;

    FusedCase(long opset) {
        this.opset = opset;
    }

    /** A float input [N, …]. */
    String input(String name, long... exampleShape) {
        inputs.add(Value.batched(name, ElementType.FLOAT, exampleShape));
        return name;
    }

    /** An input of integers [N, …] in [0, 4), as int32. */
    String integers(String name, long... exampleShape) {
        inputs.add(Value.batched(name, ElementType.INT64, exampleShape));
        return op("", "Cast", List.of(name), 1, "to", 6L).get(0);
    }

    /** A random constant. */
    String weight(long... shape) {
        float[] v = new float[(int) TensorData.elements(shape)];
        for (int i = 0; i < v.length; i++) {
            v[i] = (float) random.nextDouble(-0.7, 0.7);
        }
        return constant(TensorData.ofFloats(v, shape));
    }

    /** Random bytes of a type as a constant. */
    String bytes(ElementType type, int low, int high, long... shape) {
        long[] v = new long[(int) TensorData.elements(shape)];
        for (int i = 0; i < v.length; i++) {
            v[i] = random.nextInt(low, high);
        }
        return constant(TensorData.ofLongs(v, shape).as(type));
    }

    String constant(TensorData value) {
        String name = "c" + constants.size();
        constants.put(name, value);
        return name;
    }

    String number(double value) {
        return constant(TensorData.ofFloats(new float[] {(float) value}));
    }

    String zero(ElementType type, long value) {
        return constant(TensorData.ofLongs(new long[] {value}).as(type));
    }

    /** A node of ONNX's own set with one output. */
    String plain(String op, List<String> in, Object... attributes) {
        return op("", op, in, 1, attributes).get(0);
    }

    /** A node of ONNX Runtime's set with one output. */
    String fused(String op, List<String> in, Object... attributes) {
        return op("com.microsoft", op, in, 1, attributes).get(0);
    }

    List<String> op(String domain, String op, List<String> in, int count, Object... attributes) {
        Map<String, Attribute> map = new LinkedHashMap<>();
        for (int i = 0; i < attributes.length; i += 2) {
            map.put((String) attributes[i], attribute(attributes[i + 1]));
        }
        String name = op.toLowerCase(java.util.Locale.ROOT) + nodes.size();
        List<String> out = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            out.add(name + ".out" + i);
        }
        nodes.add(new Node(name, op, domain, in, out, map));
        return out;
    }

    private static Attribute attribute(Object value) {
        if (value instanceof Long l) {
            return Attribute.of(l);
        } else if (value instanceof long[] l) {
            return Attribute.of(l);
        } else if (value instanceof Float f) {
            return Attribute.of(f);
        } else if (value instanceof float[] f) {
            List<Float> all = new ArrayList<>();
            for (float x : f) {
                all.add(x);
            }
            return new Attribute.OfFloats(all);
        } else if (value instanceof Attribute a) {
            return a;
        }
        return Attribute.of((String) value);
    }

    FusedCase output(String value, int rank) {
        return output(value, ElementType.FLOAT, rank);
    }

    FusedCase output(String value, ElementType type, int rank) {
        List<Dimension> shape = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
            shape.add(Dimension.symbol(i == 0 ? "N" : "d" + i));
        }
        outputs.add(new Value(value, type, shape));
        return this;
    }

    Graph build() {
        return new Graph("case", Map.of("", opset, "com.microsoft", 1L), inputs, outputs, nodes, constants);
    }
}
