package org.espalier.ops;

import java.util.List;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;

/** Operators that map each element of their first input by itself; other inputs (bounds, ratios) are single numbers. */
public final class ElementwiseOp implements Operator {
    public static final List<String> NAMES = List.of(
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
        String op = c.node().opType();
        TensorData folded = value == null || ConstantFolding.isUnchanged(op, value, type) ? value : null;
        if (value != null && folded == null && c.folds(value.shape())) {
            folded = ConstantFolding.unary(op, value, type);
        }
        if (folded == null) {
            c.output(0, type, c.shape(0));
        } else {
            c.output(0, folded);
        }
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
}
