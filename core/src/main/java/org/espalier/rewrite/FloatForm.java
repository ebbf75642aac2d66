package org.espalier.rewrite;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** A quantised graph on its way into floats: which float value stands for which quantised one. */
final class FloatForm {
    /**
     * Integers at scales that are known.
     *
     * @param value the floats that they stand for
     */
    record Quantised(String value, Quantisation how) {}

    /**
     * Numbers that are a float value times powers of scales which show only when the network runs: integers of a value are that value by
     * its scale, to the power of −1.
     *
     * @param value the float value; empty for 1
     * @param powers of the scales, by their names in the file; none is 0
     */
    record Scaled(String value, Map<String, Integer> powers) {
        Scaled times(Scaled other, String product) {
            Map<String, Integer> sum = new TreeMap<>(powers);
            other.powers.forEach((scale, p) -> sum.merge(scale, p, Integer::sum));
            sum.values().removeIf(p -> p == 0);
            return new Scaled(product, sum);
        }
    }

    private final GraphEdit edit;
    private final Map<String, Quantised> quantised = new HashMap<>();
    private final Map<String, Scaled> scaled = new HashMap<>();
    /** Zero points that show only when the network runs, and the scale that goes with each. */
    private final Map<String, String> zeros = new HashMap<>();

    private final Map<String, String> renamed = new HashMap<>();
    /** Nodes that move elements of constants of integers about, by their outputs. */
    private final Map<String, Node> moved = new HashMap<>();

    private final Bounds bounds = new Bounds();

    FloatForm(GraphEdit edit) {
        this.edit = edit;
    }

    GraphEdit edit() {
        return edit;
    }

    /** The value's name by now. */
    String now(String value) {
        return renamed.getOrDefault(value, value);
    }

    @Nullable
    TensorData known(String value) {
        return edit.known(value);
    }

    TensorData required(Node n, int i) {
        TensorData t = known(n.input(i));
        if (t == null) {
            throw new NotInFloats(n.label() + ": input " + i + " must be a constant");
        }
        return t;
    }

    @Nullable
    Quantised quantised(String value) {
        return quantised.get(value);
    }

    @Nullable
    Scaled scaled(String value) {
        return scaled.get(value);
    }

    boolean isInteger(String value) {
        return quantised.containsKey(value)
                || scaled.containsKey(value)
                || zeros.containsKey(value)
                || moved.containsKey(value);
    }

    /** Scale and zero point that are inputs {@code i} and {@code i + 1} of a node. */
    Quantisation scale(Node n, int i) {
        return scale(n, i, 0);
    }

    Quantisation scale(Node n, int i, int axis) {
        return Quantisation.of(
                required(n, i), n.hasInput(i + 1) ? required(n, i + 1) : null, axis, 0, ElementType.UINT8);
    }

    /** The floats that a quantised value stands for. */
    String floats(Node n, String value, Quantisation how) {
        Quantised q = quantised.get(value);
        if (q != null) {
            if (!q.how.means(how)) {
                throw new NotInFloats(n.label() + ": reads '" + value + "' at another scale than it was written");
            }
            return q.value;
        }
        TensorData constant = known(value);
        if (constant != null) {
            return edit.constant(value + ".float", how.floats(constant));
        }
        Node mover = moved.get(value);
        if (mover != null) {
            String out = edit.free(value + ".float");
            edit.keep(mover.withInput(0, floats(n, mover.input(0), how)).withOutputs(List.of(out)));
            return out;
        }
        if (scaled.containsKey(value) || !how.isOfOneScale()) {
            throw new NotInFloats(n.label() + ": reads '" + value + "' at a scale that it does not have");
        }
        ElementType type = how.scale().type();
        String cast = edit.cast(n, now(value), type);
        String zero = edit.constant(value + ".zero", how.zero().reshape().as(type));
        return edit.add(
                n,
                "Mul",
                edit.add(n, "Sub", cast, zero),
                edit.constant(value + ".scale", how.scale().reshape()));
    }

    /** Notes that a quantised value stands for a float one. */
    void define(String integers, String value, Quantisation how) {
        quantised.put(integers, new Quantised(value, how));
    }

    /** Cuts a value off where its integers end, and notes that they stand for it. */
    void quantise(Node n, String value, String integers, Quantisation how) {
        define(integers, cut(n, value, how), how);
    }

    private String cut(Node n, String value, Quantisation how) {
        if (!how.isBounded()) {
            return value;
        }
        if (!how.isOfOneScale()) {
            return cutEach(n, value, how);
        }
        double low = how.low(0);
        double high = how.high(0);
        double[] is = bounds.of(value);
        if (is[0] >= low && is[1] <= high) {
            return value;
        }
        String out = edit.free(n.name() + "/Clip");
        edit.clip(
                n,
                value,
                out,
                is[0] >= low ? Double.NEGATIVE_INFINITY : low,
                is[1] <= high ? Double.POSITIVE_INFINITY : high);
        bounds.set(out, Math.max(is[0], low), Math.min(is[1], high));
        return out;
    }

    private String cutEach(Node n, String value, Quantisation how) {
        int rank = edit.rank(n.input(0));
        if (rank < 0 || how.block() > 0) {
            throw new NotInFloats(n.label() + ": scales along an axis of a value whose shape is not known");
        }
        int axis = how.axis() < 0 ? how.axis() + rank : how.axis();
        int count = Math.toIntExact(how.scale().elements());
        float[] low = new float[count];
        float[] high = new float[count];
        for (int i = 0; i < count; i++) {
            low[i] = (float) how.low(i);
            high[i] = (float) how.high(i);
        }
        long[] shape = new long[rank - axis];
        Arrays.fill(shape, 1);
        shape[0] = count;
        ElementType type = how.scale().type();
        String least =
                edit.constant(n.name() + ".low", TensorData.ofFloats(low, shape).as(type));
        String most = edit.constant(
                n.name() + ".high", TensorData.ofFloats(high, shape).as(type));
        return edit.add(n, "Min", edit.add(n, "Max", value, least), most);
    }

    void define(String value, Scaled numbers) {
        scaled.put(value, numbers);
        if (numbers.powers.isEmpty()) {
            scaled.remove(value);
            rename(value, numbers.value);
        }
    }

    void defineZero(String zero, String scale) {
        zeros.put(zero, scale);
    }

    /** Whether a zero point goes with the one scale by which numbers are divided. */
    boolean goesWith(String zero, Scaled numbers) {
        String scale = zeros.get(zero);
        return scale != null && numbers.powers.getOrDefault(scale, 0) == -1;
    }

    /** A value as numbers at scales; one that has none is itself. */
    Scaled numbers(String value) {
        Scaled s = scaled.get(value);
        return s == null ? new Scaled(now(value), Map.of()) : s;
    }

    /** A node that only moves elements of a constant of integers: it is added where its scale is known. */
    void move(Node n) {
        moved.put(n.output(0), n);
    }

    boolean isMoved(String value) {
        return moved.containsKey(value);
    }

    /** Lets all who read a value read another one. */
    void rename(String value, String other) {
        if (edit.graph().isOutput(value) || edit.isCaptured(value)) {
            edit.alias(Node.of(value, "Identity", List.of(), List.of(), Map.of()), other, value);
        }
        renamed.put(value, other);
    }

    /** Adds a node that computes with floats as it is. */
    void keep(Node n) {
        Node kept = n.withInputs(n.inputs().stream().map(this::now).toList());
        bounds.see(kept);
        edit.keep(kept);
    }

    /** Adds a node of ONNX's own and returns its output, for which a quantised one of the same node stands. */
    String add(Node n, String op, List<String> in, Map<String, Attribute> attributes) {
        String out = edit.free(n.output(0) + ".float");
        Node made = Node.of(n.name(), op, in, List.of(out), attributes);
        bounds.see(made);
        edit.keep(made);
        return out;
    }

    /** Notes about a node that was added what bounds its outputs have. */
    void see(Node n) {
        bounds.see(n);
    }

    /** The graph in floats; outputs that are integers are quantised at the end. */
    Graph finish() {
        for (var v : edit.graph().outputs()) {
            Quantised q = quantised.get(v.name());
            if (q != null) {
                String scale = edit.constant(v.name() + ".scale", q.how.scale());
                String zero = edit.constant(v.name() + ".zero", q.how.zero());
                Map<String, Attribute> axis =
                        q.how.isOfOneScale() ? Map.of() : Map.of("axis", Attribute.of((long) q.how.axis()));
                edit.keep(Node.of(
                        v.name() + ".quantised",
                        "QuantizeLinear",
                        List.of(q.value, scale, zero),
                        List.of(v.name()),
                        axis));
            } else if (isInteger(v.name())) {
                throw new NotInFloats("output '" + v.name() + "': holds integers at a scale that is not known");
            }
        }
        return edit.finish();
    }
}
