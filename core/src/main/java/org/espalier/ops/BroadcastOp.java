package org.espalier.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/**
 * Operators that combine their inputs element by element under broadcasting. Along each axis the inputs that are not stretched and the
 * output carry the same units.
 */
final class BroadcastOp implements Operator {
    private static final List<String> NAMES = List.of(
            "Add",
            "Sub",
            "Mul",
            "Div",
            "Pow",
            "Min",
            "Max",
            "Sum",
            "Mean",
            "Mod",
            "And",
            "Or",
            "Xor",
            "Equal",
            "Greater",
            "Less",
            "GreaterOrEqual",
            "LessOrEqual",
            "Where");
    private static final Set<String> COMPARISONS =
            Set.of("Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor");

    /** What is computed where both inputs are constants; others of these operators are not folded. */
    private static final Map<String, DoubleBinaryOperator> FOLDED = Map.ofEntries(
            Map.entry("Add", (p, q) -> p + q),
            Map.entry("Sum", (p, q) -> p + q),
            Map.entry("Sub", (p, q) -> p - q),
            Map.entry("Mul", (p, q) -> p * q),
            Map.entry("Div", (p, q) -> p / q),
            Map.entry("Mod", (p, q) -> p % q),
            Map.entry("And", (p, q) -> p != 0 && q != 0 ? 1 : 0),
            Map.entry("Or", (p, q) -> p != 0 || q != 0 ? 1 : 0),
            Map.entry("GreaterOrEqual", (p, q) -> p >= q ? 1 : 0),
            Map.entry("LessOrEqual", (p, q) -> p <= q ? 1 : 0),
            Map.entry("Equal", (p, q) -> p == q ? 1 : 0),
            Map.entry("Greater", (p, q) -> p > q ? 1 : 0),
            Map.entry("Less", (p, q) -> p < q ? 1 : 0),
            Map.entry("Min", Math::min),
            Map.entry("Max", Math::max));

    @Override
    public List<String> names() {
        return NAMES;
    }

    @Override
    public void infer(NodeInference c) {
        List<String> in = c.node().inputs();
        if (c.node().getLong("broadcast", 0) != 0 && c.node().hasAttribute("axis")) {
            int axis = c.axis(c.node().getLong("axis", 0), c.rank(0));
            if (axis + c.rank(1) != c.rank(0)) {
                throw c.shapeError(
                        "attributes broadcast and axis of operator set 6 must mean the last axes, else convert"
                                + " the network to operator set 7 or newer");
            }
        }
        long[] shape = {};
        for (int i = 0; i < in.size(); i++) {
            shape = broadcast(c, shape, c.shape(i));
        }
        String op = c.node().opType();
        ElementType type = COMPARISONS.contains(op) ? ElementType.BOOL : c.type(op.equals("Where") ? 1 : 0);
        TensorData a = c.constant(0);
        TensorData b = in.size() == 2 ? c.constant(1) : null;
        TensorData folded = a == null || b == null ? null : fold(c, a, b, type, shape);
        if (op.equals("Where")) {
            folded = where(c, shape);
        }
        if (folded == null) {
            c.output(0, type, shape);
        } else {
            c.output(0, folded);
        }
    }

    private static @Nullable TensorData fold(
            NodeInference c, TensorData a, TensorData b, ElementType type, long[] shape) {
        String op = c.node().opType();
        boolean integers = !a.type().isFloating();
        DoubleBinaryOperator f = FOLDED.get(op);
        if (op.equals("Div") && integers) {
            f = Arrays.stream(b.toDoubles()).anyMatch(q -> q == 0) ? null : (p, q) -> truncated(p / q);
        } else if (op.equals("Mod")) {
            boolean simple = integers
                    && Arrays.stream(a.toDoubles()).allMatch(p -> p >= 0)
                    && Arrays.stream(b.toDoubles()).allMatch(q -> q > 0);
            f = simple ? f : null;
        }
        return f == null || !c.folds(shape) ? null : ConstantFolding.binary(f, a, b, type, shape);
    }

    private static double truncated(double quotient) {
        return quotient < 0 ? Math.ceil(quotient) : Math.floor(quotient);
    }

    private static @Nullable TensorData where(NodeInference c, long[] shape) {
        TensorData condition = c.constant(0);
        TensorData a = c.constant(1);
        TensorData b = c.constant(2);
        if (condition == null || a == null || b == null || !c.folds(shape)) {
            return null;
        }
        return ConstantFolding.where(condition, a, b, shape);
    }

    static long[] broadcast(NodeInference c, long[] a, long[] b) {
        long[] out = new long[Math.max(a.length, b.length)];
        for (int i = 0; i < out.length; i++) {
            long p = i < out.length - a.length ? 1 : a[i - out.length + a.length];
            long q = i < out.length - b.length ? 1 : b[i - out.length + b.length];
            if (p != q && p != 1 && q != 1) {
                throw c.shapeError("sizes must be equal or 1");
            }
            out[i] = p == 1 ? q : p;
        }
        return out;
    }

    @Override
    public void relate(UnitRelations r) {
        String out = r.node().output(0);
        long[] shape = r.shape(out);
        for (int axis = 0; axis < shape.length; axis++) {
            List<String> carriers = new ArrayList<>();
            for (String in : r.node().inputs()) {
                long[] s = r.shape(in);
                int a = axis - shape.length + s.length;
                if (a >= 0 && s[a] == shape[axis] && (shape[axis] != 1 || r.units(in, a) != null)) {
                    carriers.add(in);
                }
            }
            for (String in : carriers) {
                r.same(in, axis - shape.length + r.shape(in).length, out, axis);
            }
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        // Under broadcasting a first axis that grows lies over others that grow, or over none.
        return true;
    }
}
