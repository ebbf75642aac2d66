package org.espalier.torch.ops;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** MaxPool, AveragePool, LpPool and their global forms over one to three spatial axes. */
final class PoolingKernels {
    private PoolingKernels() {}

    static void register(Map<String, Kernel> table) {
        table.put("MaxPool", Kernel.of(PoolingKernels::max));
        table.put("AveragePool", Kernel.of(PoolingKernels::average));
        table.put("LpPool", Kernel.of(PoolingKernels::length));
        table.put("GlobalLpPool", Kernel.of(c -> c.in(0).norm(new ScalarOptional(power(c)), spatialAxes(c), true)));
        table.put(
                "GlobalAveragePool", Kernel.of(c -> c.in(0).mean(spatialAxes(c), true, ArithmeticKernels.sameType())));
        table.put("GlobalMaxPool", Kernel.of(c -> c.in(0).amax(spatialAxes(c), true)));
    }

    private static long[] spatialAxes(KernelCall c) {
        return LongStream.range(2, c.in(0).dim()).toArray();
    }

    private static PaddedWindow windows(KernelCall c) {
        long[] kernel = c.node().getLongs("kernel_shape");
        if (kernel == null || kernel.length != c.in(0).dim() - 2) {
            throw c.wrong(
                    "kernel_shape must have one size per spatial axis",
                    c.in(0).dim() - 2,
                    kernel == null ? "none" : kernel.length);
        }
        return PaddedWindow.of(c.node(), kernel, PaddedWindow.spatial(c.in(0)));
    }

    private static boolean ceil(KernelCall c) {
        return c.node().getLong("ceil_mode", 0) != 0;
    }

    /** libtorch takes padding alike at both ends and at most half the window: anything else is padded before. */
    private static boolean plain(PaddedWindow p) {
        for (int i = 0; i < p.kernel().length; i++) {
            if (2 * p.begin()[i] > p.kernel()[i]) {
                return false;
            }
        }
        return p.symmetric();
    }

    private static Tensor max(KernelCall c) {
        if (c.node().hasInput(1)
                || (c.node().outputs().size() > 1 && !c.node().output(1).isEmpty())) {
            throw c.wrong("the second output (indices) is not supported for training", "one output", "two");
        }
        Tensor x = c.in(0);
        PaddedWindow p = windows(c);
        long[] pads = p.begin();
        if (!plain(p)) {
            x = torch.constant_pad_nd(x, p.asPad(), new Scalar(Double.NEGATIVE_INFINITY));
            pads = new long[pads.length];
        }
        if (c.settings().channelsLast() && x.dim() == 4) {
            x = KernelCall.channelsLast(x);
        }
        Tensor y =
                switch (p.kernel().length) {
                    case 1 -> torch.max_pool1d(x, p.kernel(), p.strides(), pads, p.dilations(), ceil(c));
                    case 2 -> torch.max_pool2d(x, p.kernel(), p.strides(), pads, p.dilations(), ceil(c));
                    case 3 -> torch.max_pool3d(x, p.kernel(), p.strides(), pads, p.dilations(), ceil(c));
                    default -> throw c.wrong("pooling works on one to three spatial axes", "1 to 3", p.kernel().length);
                };
        return ceil(c) && !plain(p) ? withoutLast(y, p, PaddedWindow.spatial(c.in(0))) : y;
    }

    /** libtorch takes padding that was added before for data, on which a last window may begin. */
    private static Tensor withoutLast(Tensor pooled, PaddedWindow p, long[] input) {
        Tensor y = pooled;
        for (int i = 0; i < input.length; i++) {
            y = y.narrow(i + 2, 0, p.outputs(i, input[i], true));
        }
        return y;
    }

    private static Tensor average(KernelCall c) {
        PaddedWindow p = windows(c);
        boolean counted = c.node().getLong("count_include_pad", 0) != 0;
        boolean dilated = Arrays.stream(p.dilations()).anyMatch(d -> d != 1);
        if (!plain(p) || dilated || (ceil(c) && counted)) {
            return averageByHand(c, p, counted);
        }
        return average(c, c.in(0), p, p.begin(), ceil(c), counted);
    }

    private static Tensor average(KernelCall c, Tensor x, PaddedWindow p, long[] pads, boolean ceil, boolean counted) {
        return switch (p.kernel().length) {
            case 1 -> torch.avg_pool1d(x, p.kernel(), p.strides(), pads, ceil, counted);
            case 2 -> torch.avg_pool2d(x, p.kernel(), p.strides(), pads, ceil, counted, new LongOptional());
            case 3 -> torch.avg_pool3d(x, p.kernel(), p.strides(), pads, ceil, counted, new LongOptional());
            default -> throw c.wrong("pooling works on one to three spatial axes", "1 to 3", p.kernel().length);
        };
    }

    private static Scalar power(KernelCall c) {
        return new Scalar((double) c.node().getLong("p", 2));
    }

    /** (Σ|x|ᵖ)^(1/p) over each window, whose derivative where all are zero is taken for zero. */
    private static Tensor length(KernelCall c) {
        PaddedWindow p = windows(c);
        Tensor sums = windowSums(padded(c, p, c.in(0).abs().pow(power(c))), p);
        Scalar root = new Scalar(1.0 / c.node().getLong("p", 2));
        return sums.clamp_min(new Scalar(Float.MIN_NORMAL)).pow(root);
    }

    /** With zeros around, also where a last window would end beyond them. */
    private static Tensor padded(KernelCall c, PaddedWindow p, Tensor x) {
        return torch.constant_pad_nd(torch.constant_pad_nd(x, p.asPad()), beyond(c, p));
    }

    private static long[] beyond(KernelCall c, PaddedWindow p) {
        int d = p.kernel().length;
        long[] input = PaddedWindow.spatial(c.in(0));
        long[] beyond = new long[2 * d];
        for (int i = 0; i < d; i++) {
            long span = p.span(i);
            long padded = input[i] + p.begin()[i] + p.end()[i];
            long out = p.outputs(i, input[i], ceil(c));
            beyond[2 * (d - 1 - i) + 1] = Math.max(0, (out - 1) * p.strides()[i] + span - padded);
        }
        return beyond;
    }

    /** The sum over each window of the padded input divided by how many of its cells count. */
    private static Tensor averageByHand(KernelCall c, PaddedWindow p, boolean counted) {
        Tensor x = c.in(0);
        Tensor ones = torch.ones_like(x.narrow(0, 0, 1).narrow(1, 0, 1)).detach();
        Tensor cells = counted
                ? torch.constant_pad_nd(ones, p.asPad(), new Scalar(1))
                : torch.constant_pad_nd(ones, p.asPad());
        return windowSums(padded(c, p, x), p).div(windowSums(torch.constant_pad_nd(cells, beyond(c, p)), p));
    }

    /** Sums over windows: a convolution with ones, channel by channel. */
    private static Tensor windowSums(Tensor x, PaddedWindow p) {
        int d = p.kernel().length;
        long[] shape = new long[d + 2];
        shape[0] = 1;
        shape[1] = 1;
        System.arraycopy(p.kernel(), 0, shape, 2, d);
        long[] all = TensorConversions.shape(x);
        long[] merged = all.clone();
        merged[0] = all[0] * all[1];
        merged[1] = 1;
        Tensor kernel = torch.ones(shape, x.options());
        Tensor y = torch.convolution(
                x.reshape(merged),
                kernel,
                new org.bytedeco.pytorch.TensorOptional(),
                p.strides(),
                new long[d],
                p.dilations(),
                false,
                new long[d],
                1);
        long[] out = TensorConversions.shape(y);
        out[0] = all[0];
        out[1] = all[1];
        return y.reshape(out);
    }
}
