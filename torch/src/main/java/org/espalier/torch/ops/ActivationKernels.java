package org.espalier.torch.ops;

import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Activation functions. */
final class ActivationKernels {
    private ActivationKernels() {}

    static void register(Map<String, Kernel> t) {
        t.put("Relu", Kernel.of(c -> c.in(0).relu()));
        t.put("LeakyRelu", Kernel.of(c -> torch.leaky_relu(c.in(0), scalar(c, "alpha", 0.01f))));
        t.put("PRelu", Kernel.of(ActivationKernels::prelu));
        t.put("Elu", Kernel.of(c -> elu(c.in(0), c.node().getFloat("alpha", 1), 1)));
        t.put(
                "Selu",
                Kernel.of(c -> elu(
                        c.in(0),
                        c.node().getFloat("alpha", 1.6732632f),
                        c.node().getFloat("gamma", 1.050701f))));
        t.put("Celu", Kernel.of(c -> torch.celu(c.in(0), scalar(c, "alpha", 1))));
        t.put("Sigmoid", Kernel.of(ActivationKernels::sigmoid));
        t.put(
                "HardSigmoid",
                Kernel.of(c -> torch.hardtanh(
                        c.in(0).mul(scalar(c, "alpha", 0.2f)).add(scalar(c, "beta", 0.5f)),
                        new Scalar(0),
                        new Scalar(1))));
        t.put("HardSwish", Kernel.of(c -> torch.hardswish(c.in(0))));
        t.put("Tanh", Kernel.of(c -> c.in(0).tanh()));
        t.put("Softplus", Kernel.of(c -> torch.softplus(c.in(0))));
        t.put("Softsign", Kernel.of(c -> c.in(0).div(c.in(0).abs().add(new Scalar(1)))));
        t.put("Swish", Kernel.of(c -> c.in(0)
                .mul(c.in(0).mul(scalar(c, "alpha", 1)).sigmoid())));
        t.put("Shrink", Kernel.of(ActivationKernels::shrink));
        t.put("Mish", Kernel.of(c -> torch.mish(c.in(0))));
        t.put("Gelu", Kernel.of(c -> torch.gelu(c.in(0), c.node().getString("approximate", "none"))));
        t.put("ThresholdedRelu", Kernel.of(c -> torch.threshold(c.in(0), scalar(c, "alpha", 1), new Scalar(0))));
        t.put("Clip", Kernel.of(ActivationKernels::clip));
        t.put("Softmax", Kernel.of(c -> softmax(c, false)));
        t.put("LogSoftmax", Kernel.of(c -> softmax(c, true)));
    }

    private static Scalar scalar(KernelCall c, String attribute, float otherwise) {
        return new Scalar(c.node().getFloat(attribute, otherwise));
    }

    private static Tensor elu(Tensor x, float alpha, float gamma) {
        return torch.elu(x, new Scalar(alpha), new Scalar(gamma), new Scalar(1));
    }

    /** The slope is broadcast as ONNX has it, aligned at the last axis; libtorch's own takes a vector over channels. */
    private static Tensor prelu(KernelCall c) {
        Tensor x = c.in(0);
        Tensor slope = c.in(1, x);
        if (slope.numel() == 1) {
            return torch.prelu(x, slope.reshape(1));
        }
        if (x.dim() > 1 && slope.numel() == x.size(1) && isPerChannel(slope, x)) {
            return torch.prelu(x, slope.reshape(slope.numel()));
        }
        Tensor zero = torch.zeros_like(x);
        return torch.maximum(x, zero).add(torch.minimum(x, zero).mul(slope));
    }

    /** A shape [C, 1, …], or, as operator set 6 had it, [C] where that fits no last axis. */
    private static boolean isPerChannel(Tensor slope, Tensor x) {
        boolean aligned = slope.dim() == x.dim() - 1 && slope.size(0) == x.size(1);
        return aligned || (slope.dim() == 1 && x.dim() > 2 && x.size(x.dim() - 1) != slope.size(0));
    }

    private static Tensor shrink(KernelCall c) {
        Tensor x = c.in(0);
        Scalar limit = scalar(c, "lambd", 0.5f);
        Tensor towardsZero = x.sub(x.sign().mul(scalar(c, "bias", 0)));
        return towardsZero.mul(x.abs().gt(limit).to(x.scalar_type()));
    }

    private static Tensor clip(KernelCall c) {
        double low = c.number(1, "min", Double.NEGATIVE_INFINITY);
        double high = c.number(2, "max", Double.POSITIVE_INFINITY);
        if (low <= high
                && !Double.isInfinite(low)
                && !Double.isInfinite(high)
                && c.in(0).is_floating_point()) {
            // The same values as clamp, whose gradient is not vectorised and takes ten times as long in bfloat16.
            return torch.hardtanh(c.in(0), new Scalar(low), new Scalar(high));
        }
        ScalarOptional min = low == Double.NEGATIVE_INFINITY ? new ScalarOptional() : new ScalarOptional(bound(c, low));
        ScalarOptional max =
                high == Double.POSITIVE_INFINITY ? new ScalarOptional() : new ScalarOptional(bound(c, high));
        if (!min.has_value() && !max.has_value()) {
            return c.in(0);
        }
        return torch.clamp(c.in(0), min, max);
    }

    /** An integer bound stays one, so that integers stay integers. */
    private static Scalar bound(KernelCall c, double value) {
        return c.in(0).is_floating_point() ? new Scalar(value) : new Scalar((long) value);
    }

    /**
     * Scores of examples, unlike gates of feature maps, in float32: they may be the network's output, whose logarithm
     * the loss takes.
     */
    private static Tensor sigmoid(KernelCall c) {
        Tensor x = c.in(0);
        return (c.settings().mixed() && x.dim() <= 2 ? x.to(ScalarType.Float) : x).sigmoid();
    }

    /**
     * Before operator set 13 everything from the axis on is one vector, and the axis is 1 by default. In float32
     * always: in bfloat16 a probability above 0.998 would be 1, and its logarithm and gradient nothing.
     */
    private static Tensor softmax(KernelCall c, boolean logarithm) {
        Tensor x = c.settings().mixed() ? c.in(0).to(ScalarType.Float) : c.in(0);
        int axis = c.axis(c.node().getLong("axis", c.opset() < 13 ? 1 : -1), x.dim());
        if (c.opset() >= 13 || axis == x.dim() - 1) {
            return logarithm ? torch.log_softmax(x, axis) : torch.softmax(x, axis);
        }
        long[] shape = TensorConversions.shape(x);
        Tensor flat = x.flatten(axis, -1);
        return (logarithm ? torch.log_softmax(flat, axis) : torch.softmax(flat, axis)).reshape(shape);
    }
}
