package org.espalier.ops;

import java.util.Set;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/**
 * Finds the means by which exporters spell out a normalisation: the one that is taken off, the one of squares whose root divides, and the
 * one that divides what it was taken of.
 */
final class SpelledNormalization {
    /** Nodes between a mean and what tells its purpose, at most. */
    private static final int LONGEST = 6;

    private static final Set<String> ON_THE_WAY =
            Set.of("Add", "Sub", "Mul", "Max", "Clip", "Cast", "Identity", "Unsqueeze", "Abs", "Relu", "Expand");

    private SpelledNormalization() {}

    /** Whether a reduction is such a mean. */
    static boolean isStatistic(UnitRelations r) {
        Node n = r.node();
        if (!n.opType().equals("ReduceMean")) {
            return false;
        }
        return leads(r, n.output(0), n.input(0), isSquare(r, n.input(0)), LONGEST);
    }

    private static boolean isSquare(UnitRelations r, String value) {
        Node n = r.producer(value);
        if (n == null) {
            return false;
        }
        return switch (n.opType()) {
            case "Mul" -> n.input(0).equals(n.input(1));
            case "Pow" -> is(r.constant(n.input(1)), 2);
            default -> false;
        };
    }

    /** Whether a mean is taken off, or divides, the data it was taken of, or its root is drawn where it is one of squares. */
    private static boolean leads(UnitRelations r, String value, String data, boolean squares, int left) {
        for (Node n : left == 0 ? java.util.List.<Node>of() : r.consumers(value)) {
            boolean found =
                    switch (n.opType()) {
                        case "Sub", "Div" ->
                            n.input(0).equals(data) && n.input(1).equals(value);
                        case "Sqrt" -> squares;
                        case "Pow" ->
                            squares
                                    && n.input(0).equals(value)
                                    && (is(r.constant(n.input(1)), 0.5) || is(r.constant(n.input(1)), -0.5));
                        default -> false;
                    };
            if (found || (ON_THE_WAY.contains(n.opType()) && leads(r, n.output(0), data, squares, left - 1))) {
                return true;
            }
        }
        return false;
    }

    private static boolean is(@Nullable TensorData t, double number) {
        return t != null && t.elements() == 1 && t.getDouble(0) == number;
    }
}
