package org.espalier.rewrite;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** FusedMatMul, once TransposeMatMul: a MatMul of values whose last two axes may change places, times a number. */
final class FusedMatMul implements FusedOperator {
    @Override
    public List<String> names() {
        return List.of("FusedMatMul", "TransposeMatMul");
    }

    @Override
    public boolean unfuse(Node n, GraphEdit g) {
        boolean batches = n.getLong("transBatchA", 0) != 0 || n.getLong("transBatchB", 0) != 0;
        if (batches || (swaps(n, 0) && g.rank(n.input(0)) < 0) || (swaps(n, 1) && g.rank(n.input(1)) < 0)) {
            return false;
        }
        List<String> in = List.of(operand(n, 0, g), operand(n, 1, g));
        float alpha = n.getFloat("alpha", 1);
        String product = alpha == 1 ? n.output(0) : g.free(n.name() + "/MatMul");
        g.replace(n, "MatMul", in, List.of(product), Map.of());
        if (alpha != 1) {
            g.addAs(n, "Mul", List.of(product, g.number(n, alpha)), n.output(0));
        }
        return true;
    }

    private static boolean swaps(Node n, int i) {
        return n.getLong(i == 0 ? "transA" : "transB", 0) != 0;
    }

    private static String operand(Node n, int i, GraphEdit g) {
        String value = n.input(i);
        int rank = g.rank(value);
        if (!swaps(n, i) || rank < 2) {
            return value;
        }
        int[] order = new int[rank];
        for (int a = 0; a < rank; a++) {
            order[a] = a < rank - 2 ? a : 2 * rank - 3 - a;
        }
        TensorData constant = g.known(value);
        if (constant != null) {
            return g.constant(value + ".transposed", constant.transpose(order));
        }
        long[] perm = Arrays.stream(order).asLongStream().toArray();
        return g.add(n, "Transpose", List.of(value), Map.of("perm", Attribute.of(perm)));
    }
}
