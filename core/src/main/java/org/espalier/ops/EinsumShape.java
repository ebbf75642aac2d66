package org.espalier.ops;

import java.util.Map;
import java.util.TreeMap;

/** The shape of an Einsum without an ellipsis. */
final class EinsumShape {
    private EinsumShape() {}

    static void infer(Inference c) {
        String equation = c.node().getString("equation", "").replace(" ", "");
        if (equation.contains(".")) {
            return;
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
        long[] shape =
                out.chars().mapToLong(l -> sizes.getOrDefault((char) l, 1L)).toArray();
        c.output(0, c.type(0), shape);
    }
}
