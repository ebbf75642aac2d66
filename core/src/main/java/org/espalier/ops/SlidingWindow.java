package org.espalier.ops;

import java.util.Arrays;

/** The sliding windows of convolutions and pools: kernel, strides, dilations and padding of each spatial axis. */
record SlidingWindow(long[] kernel, long[] strides, long[] dilations, long[] pads, String autoPad, boolean ceil) {
    static SlidingWindow of(NodeInference c, int axes, long[] kernel) {
        long[] declared = c.node().getLongs("kernel_shape");
        if (declared != null && !Arrays.equals(declared, kernel)) {
            throw c.shapeError("kernel_shape " + Arrays.toString(declared) + " must equal the weight's "
                    + Arrays.toString(kernel));
        }
        SlidingWindow w = new SlidingWindow(
                kernel,
                orElse(c, "strides", axes, 1),
                orElse(c, "dilations", axes, 1),
                orElse(c, "pads", 2 * axes, 0),
                c.node().getString("auto_pad", "NOTSET"),
                c.node().getLong("ceil_mode", 0) != 0);
        for (int d = 0; d < axes; d++) {
            if (w.strides[d] < 1 || w.dilations[d] < 1 || kernel[d] < 1) {
                throw c.error("kernel, strides and dilations must be positive");
            }
        }
        return w;
    }

    private static long[] orElse(NodeInference c, String attribute, int length, long otherwise) {
        long[] v = c.node().getLongs(attribute);
        if (v == null) {
            v = new long[length];
            Arrays.fill(v, otherwise);
        }
        if (v.length != length) {
            throw c.error(attribute + " must have " + length + " values, found " + v.length);
        }
        return v;
    }

    /** Size of spatial axis {@code d} of the output. */
    long outputSize(NodeInference c, int d, long size) {
        long extent = (kernel[d] - 1) * dilations[d] + 1;
        if (autoPad.equals("SAME_UPPER") || autoPad.equals("SAME_LOWER")) {
            return (size + strides[d] - 1) / strides[d];
        }
        boolean explicit = autoPad.equals("NOTSET") || autoPad.isEmpty();
        long padded = size + (explicit ? pads[d] + pads[d + kernel.length] : 0) - extent;
        if (padded < 0) {
            throw c.shapeError("a window of " + extent + " must fit the padded size");
        }
        long steps = ceil ? (padded + strides[d] - 1) / strides[d] : padded / strides[d];
        if (ceil && steps * strides[d] >= size + (explicit ? pads[d] : 0)) {
            steps--;
        }
        return steps + 1;
    }

    /** Size of spatial axis {@code d} of a transposed convolution's output. */
    long transposedSize(int d, long size, long outputPadding) {
        if (autoPad.equals("SAME_UPPER") || autoPad.equals("SAME_LOWER")) {
            return size * strides[d];
        }
        long cut = autoPad.equals("VALID") ? 0 : pads[d] + pads[d + kernel.length];
        return strides[d] * (size - 1) + outputPadding + (kernel[d] - 1) * dilations[d] + 1 - cut;
    }
}
