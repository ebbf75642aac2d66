package org.espalier.torch.ops;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.graph.Node;

/** Conv and ConvTranspose over one to three spatial axes. */
final class ConvKernels {
    private ConvKernels() {}

    static void register(Map<String, Kernel> table) {
        table.put("Conv", Kernel.of(ConvKernels::conv));
        table.put("ConvTranspose", Kernel.of(ConvKernels::transposed));
    }

    private static Tensor conv(KernelCall c) {
        if (c.settings().mixed() && isDepthwise(c)) {
            return conv(c, c.in(0).to(ScalarType.Float), c.in(1).to(ScalarType.Float))
                    .to(ScalarType.BFloat16);
        }
        return conv(c, c.factor(c.in(0)), c.factor(c.in(1)));
    }

    /**
     * One filter per input channel. oneDNN 3.7 computes the gradient of the data slowly where they are bfloat16: a
     * step of MobileNetV2 takes 1.4 times as long as with these layers in float32.
     */
    private static boolean isDepthwise(KernelCall c) {
        return c.node().getLong("group", 1) > 1 && c.in(1).size(1) == 1;
    }

    private static Tensor conv(KernelCall c, Tensor x, Tensor w) {
        PaddedWindow p = PaddedWindow.of(c.node(), PaddedWindow.spatial(w), PaddedWindow.spatial(x));
        if (!p.symmetric()) {
            x = torch.constant_pad_nd(x, p.asPad());
        }
        long[] pads = p.symmetric() ? p.begin() : new long[p.begin().length];
        long groups = c.node().getLong("group", 1);
        boolean images = c.settings().channelsLast() && x.dim() == 4;
        if (images) {
            x = KernelCall.channelsLast(x);
            w = KernelCall.channelsLast(w);
            if (Im2colConvolution.pays(x, w, p, groups)) {
                return Im2colConvolution.convolve(x, w, bias(c, w), p);
            }
        }
        return torch.convolution(
                x, w, bias(c, w), p.strides(), pads, p.dilations(), false, new long[pads.length], groups);
    }

    /** The bias in the weight's element type. */
    private static TensorOptional bias(KernelCall c, Tensor w) {
        return c.has(2) ? new TensorOptional(c.in(2).to(w.scalar_type())) : new TensorOptional();
    }

    private static Tensor transposed(KernelCall c) {
        Tensor x = c.factor(c.in(0));
        Tensor w = c.factor(c.in(1));
        Node n = c.node();
        long[] kernel = PaddedWindow.spatial(w);
        int d = kernel.length;
        long[] strides = PaddedWindow.orElse(n.getLongs("strides"), PaddedWindow.ones(d));
        long[] dilations = PaddedWindow.orElse(n.getLongs("dilations"), PaddedWindow.ones(d));
        long[] extra =
                PaddedWindow.orElse(n.getLongs("output_padding"), new long[d]).clone();
        long[] pads = PaddedWindow.orElse(n.getLongs("pads"), new long[2 * d]).clone();
        long[] wanted = n.getLongs("output_shape");
        long[] input = PaddedWindow.spatial(x);
        String auto = n.getString("auto_pad", "NOTSET");
        for (int i = 0; i < d; i++) {
            long full = strides[i] * (input[i] - 1) + extra[i] + (kernel[i] - 1) * dilations[i] + 1;
            if (wanted != null || auto.startsWith("SAME")) {
                long size = wanted == null ? input[i] * strides[i] : wanted[wanted.length - d + i];
                long total = Math.max(0, full - size);
                extra[i] += Math.max(0, size - full);
                pads[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
                pads[d + i] = total - pads[i];
            } else if (auto.equals("VALID")) {
                pads[i] = 0;
                pads[d + i] = 0;
            }
        }
        // libtorch cuts both ends alike and wants output_padding below the stride: compute all and cut here.
        Tensor y = torch.convolution(
                x, w, bias(c, w), strides, new long[d], dilations, true, new long[d], n.getLong("group", 1));
        long[] cut = new long[2 * d];
        for (int i = 0; i < d; i++) {
            cut[2 * (d - 1 - i)] = -pads[i];
            cut[2 * (d - 1 - i) + 1] = extra[i] - pads[d + i];
        }
        // Output padding lies beyond the kernel's reach and so holds the bias alone: add it after the cut.
        boolean grown = java.util.Arrays.stream(extra).anyMatch(e -> e > 0);
        if (!grown || !c.has(2)) {
            return torch.constant_pad_nd(y, cut);
        }
        Tensor bare = torch.convolution(
                x, w, new TensorOptional(), strides, new long[d], dilations, true, new long[d], n.getLong("group", 1));
        long[] shape = PaddedWindow.ones(d + 1);
        shape[0] = c.in(2).numel();
        return torch.constant_pad_nd(bare, cut).add(c.factor(c.in(2)).view(shape));
    }
}
