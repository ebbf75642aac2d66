package org.espalier.ops;

import java.util.Map;
import java.util.TreeMap;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** The shape and the cost of an Einsum without an ellipsis. */
final class EinsumShape {
    private EinsumShape() {}

    /** Letters of the output, and the size of each letter. */
    private record Letters(String[] terms, String out, Map<Character, Long> sizes) {}

    static void infer(NodeInference c) {
        Letters letters = letters(c);
        if (letters != null) {
            long[] shape = letters.out
                    .chars()
                    .mapToLong(l -> letters.sizes.getOrDefault((char) l, 1L))
                    .toArray();
            c.output(0, c.type(0), shape);
        }
    }

    /**
     * Multiply-accumulates where products are summed, in one loop over all letters: with two factors as many as the matrix product has. 0
     * with a single factor, for products that are not summed, and with an ellipsis.
     */
    static long macs(NodeInference c) {
        Letters letters = letters(c);
        if (letters == null || letters.sizes.keySet().stream().allMatch(l -> letters.out.indexOf(l) >= 0)) {
            return 0;
        }
        long[] loop = letters.sizes.values().stream().mapToLong(Long::longValue).toArray();
        return Math.multiplyExact(TensorData.elements(loop), letters.terms.length - 1L);
    }

    private static @Nullable Letters letters(NodeInference c) {
        String equation = c.node().getString("equation", "").replace(" ", "");
        if (equation.contains(".")) {
            return null;
        }
        int arrow = equation.indexOf("->");
        String[] terms = (arrow < 0 ? equation : equation.substring(0, arrow)).split(",", -1);
        if (terms.length != c.node().inputs().size()) {
            throw c.error("equation '" + equation + "' must have one term per input");
        }
        Map<Character, Long> sizes = new TreeMap<>();
        Map<Character, Integer> uses = new TreeMap<>();
        for (int i = 0; i < terms.length; i++) {
            long[] shape = c.shape(i);
            if (shape.length != terms[i].length()) {
                throw c.shapeError("equation '" + equation + "' must have one letter per axis");
            }
            for (int a = 0; a < shape.length; a++) {
                sizes.merge(terms[i].charAt(a), shape[a], Math::max);
                uses.merge(terms[i].charAt(a), 1, Integer::sum);
            }
        }
        StringBuilder out = new StringBuilder(arrow < 0 ? "" : equation.substring(arrow + 2));
        if (arrow < 0) {
            uses.forEach((letter, n) -> out.append(n == 1 ? letter.toString() : ""));
        }
        return new Letters(terms, out.toString(), sizes);
    }
}
