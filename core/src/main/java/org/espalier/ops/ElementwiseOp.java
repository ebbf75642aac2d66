package org.espalier.ops;

import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** Operators that map each element of their first input by itself; other inputs (bounds, ratios) are single numbers. */
final class ElementwiseOp implements Operator {
    private static final List<String> NAMES = List.of(
            "Relu",
            "LeakyRelu",
            "Elu",
            "Selu",
            "Celu",
            "Sigmoid",
            "HardSigmoid",
            "HardSwish",
            "Mish",
            "Tanh",
            "Softplus",
            "Softsign",
            "ThresholdedRelu",
            "Gelu",
            "Clip",
            "Sqrt",
            "Exp",
            "Log",
            "Neg",
            "Abs",
            "Erf",
            "Reciprocal",
            "Floor",
            "Ceil",
            "Round",
            "Sign",
            "Sin",
            "Cos",
            "Not",
            "IsNaN",
            "IsInf",
            "Swish",
            "Tan",
            "Asin",
            "Acos",
            "Atan",
            "Sinh",
            "Cosh",
            "Asinh",
            "Acosh",
            "Atanh",
            "Shrink",
            "Identity",
            "Dropout",
            "Cast",
            "CastLike");
    /** What is computed where the input is a constant; others of these operators are not folded. */
    private static final Map<String, DoubleUnaryOperator> FOLDED = Map.of(
            "Cast",
            v -> v,
            "Neg",
            v -> -v,
            "Abs",
            Math::abs,
            "Floor",
            Math::floor,
            "Ceil",
            Math::ceil,
            "Sqrt",
            Math::sqrt,
            "Reciprocal",
            v -> 1 / v,
            "Not",
            v -> v == 0 ? 1 : 0);

    @Override
    public List<String> names() {
        return NAMES;
    }

    @Override
    public void infer(NodeInference c) {
        ElementType type = c.type(0);
        TensorData value = c.constant(0);
        if (c.node().opType().equals("Cast")
                && !ElementType.isSupported(Math.toIntExact(c.node().getLong("to", 1)))) {
            // Nothing is known of its output.
            return;
        }
        switch (c.node().opType()) {
            case "Cast" ->
                type = ElementType.ofOnnx(
                        Math.toIntExact(c.node().getLong("to", 1)), c.node().label());
            case "CastLike" -> type = c.type(1);
            case "Not", "IsNaN", "IsInf" -> type = ElementType.BOOL;
            case "Dropout" -> c.output(1, ElementType.BOOL, c.shape(0));
            default -> {}
        }
        TensorData folded = value == null ? null : fold(c, value, type);
        if (folded == null) {
            c.output(0, type, c.shape(0));
        } else {
            c.output(0, folded);
        }
    }

    private static @Nullable TensorData fold(NodeInference c, TensorData x, ElementType type) {
        String op = c.node().opType();
        if (op.equals("Identity") || op.equals("Dropout") || (op.equals("Cast") && x.type() == type)) {
            return x;
        }
        DoubleUnaryOperator f = FOLDED.get(op);
        return f == null || !c.folds(x.shape()) ? null : ConstantFolding.unary(f, x, type);
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        int rank = r.shape(x).length;
        for (String out : r.node().outputs()) {
            for (int axis = 0; axis < rank && !out.isEmpty(); axis++) {
                r.same(x, axis, out, axis);
            }
        }
        if (r.node().opType().equals("CastLike")) {
            // Of the other input only the type counts.
            String like = r.node().input(1);
            for (int axis = 0; axis < r.shape(like).length; axis++) {
                r.mention(like, axis);
            }
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return true;
    }

    @Override
    public boolean readsElements(ExampleRows r) {
        // Of its other input CastLike reads the type alone.
        return !r.node().opType().equals("CastLike") || r.hasRows(0);
    }
}
