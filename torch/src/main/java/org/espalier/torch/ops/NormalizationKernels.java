package org.espalier.torch.ops;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Batch, instance, layer, group and local response normalisation, and Dropout. */
final class NormalizationKernels {
    private NormalizationKernels() {}

    static void register(Map<String, Kernel> table) {
        table.put("BatchNormalization", Kernel.of(NormalizationKernels::batch));
        table.put("InstanceNormalization", Kernel.of(NormalizationKernels::instance));
        table.put("LayerNormalization", NormalizationKernels::layer);
        table.put("GroupNormalization", Kernel.of(NormalizationKernels::group));
        table.put("RMSNormalization", NormalizationKernels::rootMeanSquare);
        table.put("SimplifiedLayerNormalization", NormalizationKernels::rootMeanSquare);
        table.put("LpNormalization", Kernel.of(NormalizationKernels::length));
        table.put("MeanVarianceNormalization", Kernel.of(NormalizationKernels::meanVariance));
        table.put("LRN", Kernel.of(NormalizationKernels::localResponse));
        table.put("Dropout", Kernel.of(NormalizationKernels::dropout));
    }

    /** Numbers that libtorch handles at a time, at most; a power of two. */
    private static final long LANES = 16;

    /** Of 16 bits. */
    private static final long LEVELS = 1 << 16;

    private static double epsilon(KernelCall c) {
        return c.node().getFloat("epsilon", 1e-5f);
    }

    private static Tensor batch(KernelCall c) {
        double momentum = 1 - c.node().getFloat("momentum", 0.9f);
        // A graph that asks for the batch's statistics in inference, too, has running ones that nobody reads.
        boolean always = c.node().getLong("training_mode", 0) != 0;
        boolean own = always || c.settings().batchStatistics();
        Tensor x = c.in(0);
        Tensor mean = always ? c.in(3).detach().clone() : c.in(3).detach();
        Tensor variance = always ? c.in(4).detach().clone() : c.in(4).detach();
        long tile = LANES / Math.min(LANES, Long.lowestOneBit(c.in(1).numel()));
        if (own || tile == 1 || !isChannelsLast(x) || x.numel() / x.size(1) % tile != 0) {
            return batch(x, c.in(1), c.in(2), mean, variance, own, momentum, epsilon(c));
        }
        // Where channels do not fill whole vectors libtorch's gradient takes up to 16 times as long in bfloat16: take
        // several pixels for one, which gives the same as long as statistics are not the batch's.
        Tensor pixels = x.permute(0, 2, 3, 1);
        Tensor rows = pixels.reshape(-1, tile * x.size(1));
        return batch(
                        rows,
                        c.in(1).repeat(tile),
                        c.in(2).repeat(tile),
                        mean.repeat(tile),
                        variance.repeat(tile),
                        false,
                        momentum,
                        epsilon(c))
                .view(TensorConversions.shape(pixels))
                .permute(0, 3, 1, 2);
    }

    private static Tensor batch(
            Tensor x, Tensor scale, Tensor bias, Tensor mean, Tensor variance, boolean own, double momentum, double e) {
        return torch.batch_norm(
                x,
                new TensorOptional(scale),
                new TensorOptional(bias),
                new TensorOptional(mean),
                new TensorOptional(variance),
                own,
                momentum,
                e,
                true);
    }

    private static boolean isChannelsLast(Tensor x) {
        return x.is_cpu() && x.dim() == 4 && x.is_contiguous(torch.MemoryFormat.ChannelsLast);
    }

    private static Tensor instance(KernelCall c) {
        TensorOptional none = new TensorOptional();
        return torch.instance_norm(
                c.in(0), c.optional(1), c.optional(2), none, new TensorOptional(), true, 0.1, epsilon(c), true);
    }

    private static Tensor[] layer(KernelCall c) {
        Tensor x = c.in(0);
        int axis = c.axis(c.node().getLong("axis", -1), x.dim());
        long[] shape = TensorConversions.shape(x);
        long[] inner = Arrays.copyOfRange(shape, axis, shape.length);
        Tensor scale = c.in(1, x).expand(inner);
        TensorOptional bias = c.has(2) ? new TensorOptional(c.in(2, x).expand(inner)) : new TensorOptional();
        Tensor y = torch.layer_norm(x, inner, new TensorOptional(scale), bias, epsilon(c), true);
        if (c.node().outputs().size() == 1) {
            return new Tensor[] {y};
        }
        long[] axes = LongStream.range(axis, shape.length).toArray();
        Tensor mean = x.mean(axes, true, ArithmeticKernels.sameType());
        Tensor variance = x.sub(mean).square().mean(axes, true, ArithmeticKernels.sameType());
        return new Tensor[] {y, mean, variance.add(new Scalar(epsilon(c))).rsqrt()};
    }

    /**
     * As {@link #layer} without taking the mean off; the second output, which ONNX Runtime's older name for it has,
     * is the factor.
     */
    private static Tensor[] rootMeanSquare(KernelCall c) {
        Tensor x = c.in(0);
        long[] axes = LongStream.range(c.axis(c.node().getLong("axis", -1), x.dim()), x.dim())
                .toArray();
        Tensor square = x.square().mean(axes, true, ArithmeticKernels.sameType());
        Tensor factor = square.add(new Scalar(epsilon(c))).rsqrt();
        return new Tensor[] {x.mul(factor).mul(c.in(1, x)), factor};
    }

    /** What has no length stays zero. */
    private static Tensor length(KernelCall c) {
        Tensor x = c.in(0);
        long[] axis = {c.axis(c.node().getLong("axis", -1), x.dim())};
        Scalar order = new Scalar(c.node().getLong("p", 2));
        Tensor norm = x.norm(new ScalarOptional(order), axis, true);
        return x.div(norm.add(norm.eq(new Scalar(0)).to(x.scalar_type())));
    }

    private static Tensor meanVariance(KernelCall c) {
        Tensor x = c.in(0);
        long[] given = c.node().getLongs("axes");
        long[] axes = c.axes(given == null ? new long[] {0, 2, 3} : given, x.dim());
        Tensor centred = x.sub(x.mean(axes, true, ArithmeticKernels.sameType()));
        Tensor deviation =
                centred.square().mean(axes, true, ArithmeticKernels.sameType()).sqrt();
        return centred.div(deviation.add(new Scalar(1e-9)));
    }

    private static Tensor group(KernelCall c) {
        Tensor x = c.in(0);
        long groups = c.node().getLong("num_groups", 1);
        Tensor scale = c.in(1, x);
        Tensor bias = c.in(2, x);
        if (scale.numel() != x.size(1)) {
            // Before operator set 21 there is one factor per group.
            long each = x.size(1) / groups;
            scale = scale.repeat_interleave(each, new LongOptional(0), new LongOptional());
            bias = bias.repeat_interleave(each, new LongOptional(0), new LongOptional());
        }
        return torch.group_norm(x, groups, new TensorOptional(scale), new TensorOptional(bias), epsilon(c), true);
    }

    private static Tensor localResponse(KernelCall c) {
        Tensor x = c.in(0);
        long size = c.node().getLong("size", 1);
        double alpha = c.node().getFloat("alpha", 1e-4f);
        double beta = c.node().getFloat("beta", 0.75f);
        double bias = c.node().getFloat("bias", 1f);
        long channels = x.size(1);
        long[] pad = new long[2 * (int) (x.dim() - 1)];
        pad[pad.length - 2] = (size - 1) / 2;
        pad[pad.length - 1] = size - 1 - (size - 1) / 2;
        Tensor squares = torch.constant_pad_nd(x.square(), pad);
        Tensor sum = squares.narrow(1, 0, channels);
        for (long i = 1; i < size; i++) {
            sum = sum.add(squares.narrow(1, i, channels));
        }
        Tensor scale = sum.mul(new Scalar(alpha / size)).add(new Scalar(bias));
        return x.div(scale.pow(new Scalar(beta)));
    }

    /**
     * Ordinary dropout. libtorch's own draws a number in double for each element, one by one on one core; here four
     * elements share one of 64 bits, which makes the rate a multiple of 2⁻¹⁶.
     */
    private static Tensor dropped(Tensor x, double rate) {
        long numbers = (x.numel() + 3) / 4;
        Tensor bits = torch.zeros(
                        new long[] {numbers}, x.options().dtype(new ScalarTypeOptional(torch.ScalarType.Long)))
                .random_(Long.MIN_VALUE, new LongOptional());
        Tensor flat = bits.view(torch.ScalarType.Short).narrow(0, 0, x.numel());
        // All of them dropped would be nothing times infinity.
        long threshold = Math.min(LEVELS - 1, Math.round(rate * LEVELS));
        Tensor kept = TensorConversions.laidOutAs(x, flat)
                .ge(new Scalar(Short.MIN_VALUE + threshold))
                .to(x.scalar_type());
        return x.mul(kept.mul(new Scalar((double) LEVELS / (LEVELS - threshold))));
    }

    private static Tensor dropout(KernelCall c) {
        if (c.node().outputs().size() > 1 && !c.node().output(1).isEmpty()) {
            throw c.wrong("the second output (mask) is not supported for training", "one output", "two");
        }
        if (!c.settings().dropout()) {
            return c.in(0);
        }
        return dropped(c.in(0), c.number(1, "ratio", 0.5));
    }
}
