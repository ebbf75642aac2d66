package org.espalier.torch.ops;

import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.graph.TensorData;

/** Arithmetic, comparison and logic, element by element with broadcasting. */
final class ArithmeticKernels {
    private ArithmeticKernels() {}

    static void register(Map<String, Kernel> t) {
        binary(t, "Add", Tensor::add);
        binary(t, "Sub", Tensor::sub);
        binary(t, "Mul", Tensor::mul);
        binary(t, "Div", ArithmeticKernels::divide);
        t.put("Pow", Kernel.of(ArithmeticKernels::power));
        t.put("Mod", Kernel.of(ArithmeticKernels::modulo));
        t.put("Sum", Kernel.of(c -> fold(c, Tensor::add)));
        t.put("Mean", Kernel.of(c -> fold(c, Tensor::add).div(new Scalar(c.count()))));
        t.put("Min", Kernel.of(c -> fold(c, torch::minimum)));
        t.put("Max", Kernel.of(c -> fold(c, torch::maximum)));
        unary(t, "Sqrt", Tensor::sqrt);
        unary(t, "Exp", Tensor::exp);
        unary(t, "Log", Tensor::log);
        unary(t, "Neg", Tensor::neg);
        unary(t, "Abs", Tensor::abs);
        unary(t, "Erf", Tensor::erf);
        unary(t, "Reciprocal", Tensor::reciprocal);
        unary(t, "Floor", Tensor::floor);
        unary(t, "Ceil", Tensor::ceil);
        unary(t, "Round", Tensor::round);
        unary(t, "Sign", Tensor::sign);
        unary(t, "Sin", Tensor::sin);
        unary(t, "Cos", Tensor::cos);
        unary(t, "Tan", Tensor::tan);
        unary(t, "Asin", Tensor::asin);
        unary(t, "Acos", Tensor::acos);
        unary(t, "Atan", Tensor::atan);
        unary(t, "Asinh", Tensor::asinh);
        unary(t, "Acosh", Tensor::acosh);
        unary(t, "Atanh", Tensor::atanh);
        unary(t, "Sinh", Tensor::sinh);
        unary(t, "Cosh", Tensor::cosh);
        unary(t, "Identity", x -> x);
        unary(t, "Not", Tensor::logical_not);
        unary(t, "IsNaN", Tensor::isnan);
        t.put("IsInf", Kernel.of(ArithmeticKernels::isInfinite));
        binary(t, "Equal", Tensor::eq);
        binary(t, "Greater", Tensor::gt);
        binary(t, "GreaterOrEqual", Tensor::ge);
        binary(t, "Less", Tensor::lt);
        binary(t, "LessOrEqual", Tensor::le);
        binary(t, "And", Tensor::logical_and);
        binary(t, "Or", Tensor::logical_or);
        binary(t, "Xor", Tensor::logical_xor);
    }

    private static void unary(Map<String, Kernel> t, String name, UnaryOperator<Tensor> f) {
        t.put(name, Kernel.of(c -> f.apply(c.in(0))));
    }

    private static void binary(Map<String, Kernel> t, String name, BinaryOperator<Tensor> f) {
        t.put(name, Kernel.of(c -> {
            Tensor a = c.in(0);
            Tensor b = c.in(1);
            return f.apply(beside(a, b), beside(b, a));
        }));
    }

    /** {@code a} on the device of {@code b} where b lies on another one than main memory. */
    static Tensor beside(Tensor a, Tensor b) {
        return a.is_cpu() && !b.is_cpu() ? a.to(b.device(), a.scalar_type()) : a;
    }

    /** No change of the element type in a reduction. */
    static ScalarTypeOptional sameType() {
        return new ScalarTypeOptional();
    }

    private static Tensor fold(KernelCall c, BinaryOperator<Tensor> f) {
        Tensor out = c.in(0);
        for (int i = 1; i < c.count(); i++) {
            out = f.apply(out, beside(c.in(i), out));
        }
        return out;
    }

    /** Integers are divided towards zero. */
    private static Tensor divide(Tensor a, Tensor b) {
        return a.is_floating_point() || b.is_floating_point() ? a.div(b) : torch.floor_divide(a.sub(a.fmod(b)), b);
    }

    /** A constant exponent as a number is much cheaper, and squares have an exact gradient at zero. */
    private static Tensor power(KernelCall c) {
        Tensor x = c.in(0);
        TensorData exponent = c.constant(1);
        if (exponent != null && exponent.elements() == 1 && x.is_floating_point()) {
            double e = exponent.getDouble(0);
            return x.pow(e == Math.rint(e) ? new Scalar((long) e) : new Scalar(e));
        }
        Tensor y = x.pow(beside(c.in(1), x));
        return y.to(x.scalar_type());
    }

    private static Tensor modulo(KernelCall c) {
        Tensor b = beside(c.in(1), c.in(0));
        return c.node().getLong("fmod", 0) != 0 ? c.in(0).fmod(b) : c.in(0).remainder(b);
    }

    private static Tensor isInfinite(KernelCall c) {
        Tensor x = c.in(0);
        Tensor y = x.isinf();
        if (c.node().getLong("detect_negative", 1) == 0) {
            y = y.logical_and(x.gt(new Scalar(0)));
        }
        return c.node().getLong("detect_positive", 1) == 0 ? y.logical_and(x.lt(new Scalar(0))) : y;
    }
}
