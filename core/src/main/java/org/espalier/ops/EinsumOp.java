package org.espalier.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.espalier.graph.Axis;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/**
 * Products summed over letters. Axes with the same letter carry the same units; a letter that the output lacks is summed over: there units
 * are read where a constant weight has it, else frozen. With an ellipsis, or a letter twice in a term, nothing is followed.
 */
final class EinsumOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("Einsum");
    }

    /** Letters of the output, and the size of each letter. */
    private record Letters(String[] terms, String out, Map<Character, Long> sizes) {}

    @Override
    public void infer(NodeInference c) {
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
    @Override
    public long macs(NodeInference c) {
        Letters letters = letters(c);
        if (letters == null || letters.sizes.keySet().stream().allMatch(l -> letters.out.indexOf(l) >= 0)) {
            return 0;
        }
        long[] loop = letters.sizes.values().stream().mapToLong(Long::longValue).toArray();
        return Math.multiplyExact(TensorData.elements(loop), letters.terms.length - 1L);
    }

    private static @Nullable Letters letters(NodeInference c) {
        String equation = equation(c.node());
        if (equation.contains(".")) {
            return null;
        }
        String[] terms = terms(equation);
        if (terms.length != c.node().inputs().size()) {
            throw c.error("equation '" + equation + "' must have one term per input");
        }
        Map<Character, Long> sizes = new TreeMap<>();
        for (int i = 0; i < terms.length; i++) {
            long[] shape = c.shape(i);
            if (shape.length != terms[i].length()) {
                throw c.shapeError("equation '" + equation + "' must have one letter per axis");
            }
            for (int a = 0; a < shape.length; a++) {
                sizes.merge(terms[i].charAt(a), shape[a], Math::max);
            }
        }
        return new Letters(terms, out(equation), sizes);
    }

    private static String equation(Node n) {
        return n.getString("equation", "").replace(" ", "");
    }

    private static String[] terms(String equation) {
        int arrow = equation.indexOf("->");
        return (arrow < 0 ? equation : equation.substring(0, arrow)).split(",", -1);
    }

    /** The output's letters: those given, or those that occur once, in alphabetical order. */
    private static String out(String equation) {
        int arrow = equation.indexOf("->");
        if (arrow >= 0) {
            return equation.substring(arrow + 2);
        }
        StringBuilder out = new StringBuilder();
        equation.chars()
                .filter(l -> l != ',' && equation.indexOf(l) == equation.lastIndexOf(l))
                .sorted()
                .forEach(l -> out.append((char) l));
        return out.toString();
    }

    @Override
    public void relate(UnitRelations r) {
        String equation = equation(r.node());
        String[] terms = terms(equation);
        String out = out(equation);
        boolean plain = !equation.contains(".") && Stream.of(terms).allMatch(EinsumOp::hasEachLetterOnce);
        for (int letter :
                plain ? equation.chars().filter(Character::isLetter).distinct().toArray() : new int[0]) {
            relate(r, terms, out, letter);
        }
    }

    private static boolean hasEachLetterOnce(String term) {
        return term.chars().distinct().count() == term.length();
    }

    private static void relate(UnitRelations r, String[] terms, String out, int letter) {
        List<Axis> axes = new ArrayList<>();
        long size = 1;
        for (int i = 0; i < terms.length; i++) {
            int at = terms[i].indexOf(letter);
            if (at >= 0) {
                axes.add(new Axis(r.node().input(i), at));
                size = Math.max(size, r.shape(r.node().input(i))[at]);
            }
        }
        // One of size 1 is stretched.
        for (Axis a : List.copyOf(axes)) {
            if (r.shape(a.value())[a.axis()] != size) {
                axes.remove(a);
            }
        }
        int to = out.indexOf(letter);
        if (to >= 0) {
            axes.forEach(a -> r.same(a.value(), a.axis(), r.node().output(0), to));
        } else {
            summed(r, axes);
        }
    }

    /** As a matrix product, for two factors of which one is a constant. */
    private static void summed(UnitRelations r, List<Axis> axes) {
        Axis first = axes.get(0);
        Axis second = axes.get(axes.size() - 1);
        boolean left = r.constant(first.value()) != null;
        boolean right = r.constant(second.value()) != null;
        if (axes.size() != 2 || left == right || first.value().equals(second.value())) {
            axes.forEach(
                    a -> r.freeze(a.value(), a.axis(), r.node().label() + " sums over it without a constant weight"));
            return;
        }
        Axis data = left ? second : first;
        Axis weight = left ? first : second;
        r.same(data.value(), data.axis(), weight.value(), weight.axis());
        if (r.units(data.value(), data.axis()) != null) {
            r.contract(data.value(), data.axis(), weight.value(), weight.axis(), false);
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        String equation = equation(r.node());
        String[] terms = terms(equation);
        String out = out(equation);
        if (equation.contains(".") || out.isEmpty()) {
            return false;
        }
        for (int i = 0; i < terms.length; i++) {
            if (terms[i].indexOf(out.charAt(0)) != (r.hasRows(i) ? 0 : -1)) {
                return false;
            }
        }
        return out.lastIndexOf(out.charAt(0)) == 0 && Stream.of(terms).allMatch(EinsumOp::hasEachLetterOnce);
    }
}
