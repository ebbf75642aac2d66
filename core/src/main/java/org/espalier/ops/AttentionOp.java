package org.espalier.ops;

import java.util.List;
import org.espalier.graph.Attribute;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/**
 * Attention of queries to keys and values: [N, heads, T, d] each, or [N, T, heads·d] with the heads as attributes. A head of keys and values
 * goes with the heads of queries that it serves. With a cache of earlier keys, or outputs other than the first, heads stay.
 */
final class AttentionOp implements Operator {
    private static final int MASK = 3;
    private static final int PAST = 4;

    /** Query heads, heads of keys and values, and the sizes of one of each. */
    private record Heads(long queries, long keys, long querySize, long keySize, long valueSize) {
        int perKey() {
            return (int) (queries / keys);
        }
    }

    private static Heads heads(Node n, long[] q, long[] k, long[] v) {
        if (q.length == 4) {
            return new Heads(q[1], k[1], q[3], k[3], v[3]);
        }
        long queries = Math.max(1, n.getLong("q_num_heads", 1));
        long keys = Math.max(1, n.getLong("kv_num_heads", 1));
        return new Heads(queries, keys, q[2] / queries, k[2] / keys, v[2] / keys);
    }

    @Override
    public List<String> names() {
        return List.of("Attention");
    }

    @Override
    public void infer(NodeInference c) {
        long[] q = c.shape(0);
        long[] k = c.shape(1);
        long[] v = c.shape(2);
        boolean alike = q.length == k.length && q.length == v.length && (q.length == 3 || q.length == 4);
        if (!alike) {
            throw c.shapeError("query, key and value must have 3 or 4 axes each");
        }
        Heads h = heads(c.node(), q, k, v);
        boolean whole = q.length == 4
                || (q[2] == h.queries * h.querySize && k[2] == h.keys * h.keySize && v[2] == h.keys * h.valueSize);
        if (!whole || h.queries % h.keys != 0 || h.querySize != h.keySize) {
            throw c.shapeError("heads must divide the features, and those of the keys those of the queries");
        }
        long[] y = q.clone();
        y[q.length - 1] = q.length == 4 ? h.valueSize : h.queries * h.valueSize;
        c.output(0, c.type(0), y);
        int positions = q.length - 2;
        long length = k[positions];
        if (c.node().hasInput(PAST)) {
            length = Math.addExact(length, c.shape(PAST)[2]);
        }
        c.output(1, c.type(1), q[0], h.keys, length, h.keySize);
        c.output(2, c.type(2), q[0], h.keys, length, h.valueSize);
        c.output(3, c.type(0), q[0], h.queries, q[positions], length);
    }

    @Override
    public void relate(UnitRelations r) {
        Node n = r.node();
        boolean more = n.hasInput(PAST) || n.hasInput(PAST + 1) || n.hasInput(PAST + 2);
        for (int i = 1; i < n.outputs().size(); i++) {
            String out = n.output(i);
            more |= !out.isEmpty() && (r.isOutput(out) || !r.consumers(out).isEmpty());
        }
        if (more) {
            return;
        }
        String q = n.input(0);
        String k = n.input(1);
        String v = n.input(2);
        String y = n.output(0);
        long[] shape = r.shape(q);
        Heads h = heads(n, shape, r.shape(k), r.shape(v));
        int axis = shape.length == 4 ? 1 : 2;
        long each = shape.length == 4 ? 1 : h.keySize;
        long eachValue = shape.length == 4 ? 1 : h.valueSize;
        r.same(q, 0, y, 0);
        if (axis == 1) {
            r.same(v, 3, y, 3);
        }
        for (String in : List.of(q, k)) {
            tie(r, in, axis, each);
        }
        tie(r, v, axis, eachValue);
        // Heads are named after their keys.
        r.select(k, axis, q, axis, heads(h.queries, each, h.perKey(), each));
        r.select(k, axis, v, axis, heads(h.keys, eachValue, 1, each));
        r.select(k, axis, y, axis, heads(h.queries, eachValue, h.perKey(), each));
        mask(r, h, k, axis, each);
    }

    /** A mask may have an axis for the heads. */
    private static void mask(UnitRelations r, Heads h, String k, int axis, long each) {
        String mask = r.node().input(MASK);
        long[] shape = mask.isEmpty() ? new long[0] : r.shape(mask);
        int at = shape.length - 3;
        if (at >= 0 && shape[at] == h.queries && (h.queries > 1 || r.units(mask, at) != null)) {
            r.select(k, axis, mask, at, heads(h.queries, 1, h.perKey(), each));
        }
    }

    /** The units of one head become one. */
    private static void tie(UnitRelations r, String value, int axis, long each) {
        int[] units = r.units(value, axis);
        for (int i = 0; units != null && i < units.length; i++) {
            r.unite(units[i], units[i - i % (int) each]);
        }
    }

    /** For each index of {@code count} heads of a size the first index of the key's head that serves it. */
    private static int[] heads(long count, long size, int perKey, long keySize) {
        int[] index = new int[(int) (count * size)];
        for (int i = 0; i < index.length; i++) {
            index[i] = (int) (i / size / perKey * keySize);
        }
        return index;
    }

    @Override
    public void shrink(NodeShrink s) {
        long[] q = s.shape(s.node().input(0));
        if (q.length == 3) {
            Heads h = heads(
                    s.node(), q, s.shape(s.node().input(1)), s.shape(s.node().input(2)));
            s.setAttribute("q_num_heads", Attribute.of(s.newShape(s.node().input(0))[2] / h.querySize));
            s.setAttribute("kv_num_heads", Attribute.of(s.newShape(s.node().input(1))[2] / h.keySize));
        }
    }

    @Override
    public long macs(NodeInference c) {
        long[] q = c.shape(0);
        long[] k = c.shape(1);
        Heads h = heads(c.node(), q, k, c.shape(2));
        int positions = q.length - 2;
        long pairs = TensorData.elements(new long[] {q[0], h.queries, q[positions], k[positions]});
        return Math.multiplyExact(pairs, h.keySize + h.valueSize);
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        boolean masked = r.node().hasInput(MASK) && r.hasRows(MASK);
        boolean cached = r.node().hasInput(PAST) || r.node().hasInput(PAST + 2);
        return r.hasRows(0) && r.hasRows(1) && r.hasRows(2) && !cached && (!masked || r.rank(MASK) == 4);
    }
}
