package org.espalier.rewrite;

import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** Scaled dot-product attention of several heads in plain operators, as exporters write it. */
final class Heads {
    private static final long[] NOT_SIZED = {0, 0, 0, 0};

    private final Node node;
    private final GraphEdit g;
    private final long count;

    Heads(Node node, GraphEdit g) {
        this.node = node;
        this.g = g;
        this.count = node.getLong("num_heads", 1);
    }

    /**
     * Adds softmax(q·kᵀ·scale + bias)·v with the node's first output.
     *
     * @param q queries [N, S, heads·size]
     * @param k keys [N, T, heads·size]
     * @param v values [N, T, heads·valueSize]
     * @param size of a head of queries and keys
     * @param valueSize of a head of values
     * @param biases added to the scores, each of a shape that broadcasts to [N, heads, S, T]
     */
    void attend(String q, String k, String v, long size, long valueSize, List<String> biases) {
        float scale = node.getFloat("scale", 0);
        double factor = scale == 0 ? 1 / Math.sqrt(size) : scale;
        String scores = g.add(node, "MatMul", split(q, size, 0, 2, 1, 3), split(k, size, 0, 2, 3, 1));
        scores = g.add(node, "Mul", scores, g.number(node, factor));
        for (String bias : biases) {
            scores = g.add(node, "Add", scores, bias);
        }
        String weights = g.add(node, "Softmax", List.of(scores), Map.of("axis", Attribute.of(-1L)));
        String context = g.add(node, "MatMul", weights, split(v, valueSize, 0, 2, 1, 3));
        String back = transpose(context, 0, 2, 1, 3);
        String merged = g.longs(node, 0, 0, count * valueSize);
        g.replace(node, "Reshape", List.of(back, merged), List.of(node.output(0)), Map.of());
    }

    private String split(String value, long size, long... order) {
        long[] shape = NOT_SIZED.clone();
        shape[2] = count;
        shape[3] = size;
        return transpose(g.add(node, "Reshape", value, g.longs(node, shape)), order);
    }

    private String transpose(String value, long... order) {
        return g.add(node, "Transpose", List.of(value), Map.of("perm", Attribute.of(order)));
    }

    /** What a mask of ones and zeros [N, 1, 1|S, T] adds to the scores: nothing, or a large negative number. */
    String fromMask(String mask) {
        ElementType type = g.floatType(node);
        String kept = g.cast(node, mask, type);
        String dropped = g.add(node, "Sub", g.number(node, 1), kept);
        return g.add(node, "Mul", dropped, g.number(node, node.getFloat("mask_filter_value", -10000)));
    }

    /** The mask [N, 1, 1, T] of texts that end after a number of positions [N] of the {@code T} that a value [N, T, …] has. */
    String fromLengths(String lengths, String value) {
        String places = g.positions(node, value, 1);
        String ends = g.cast(node, lengths, ElementType.INT64);
        return g.add(node, "Less", places, g.add(node, "Reshape", ends, g.longs(node, -1, 1, 1, 1)));
    }

    /** What keeps each position of a value [N, S, …] from later ones [S, S]. */
    String causal(String value) {
        String places = g.positions(node, value, 1);
        String column = g.add(node, "Reshape", places, g.longs(node, -1, 1));
        String later = g.cast(node, g.add(node, "Less", column, places), g.floatType(node));
        return g.add(node, "Mul", later, g.number(node, g.floatType(node) == ElementType.FLOAT ? -1e30 : -60000));
    }

    /** Columns of a weight, or elements of a bias, from one on. */
    static TensorData part(TensorData whole, int axis, long from, long count) {
        int[] some = new int[Math.toIntExact(count)];
        for (int i = 0; i < some.length; i++) {
            some[i] = Math.toIntExact(from + i);
        }
        return whole.take(axis, some);
    }
}
