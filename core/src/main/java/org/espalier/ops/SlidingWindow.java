package org.espalier.ops;

import java.util.Arrays;

/** The sliding windows of convolutions and pools: kernel, strides, dilations and padding of each spatial axis. */
final class SlidingWindow {
    private final long[] kernel;
    private final long[] strides;
    private final long[] dilations;
    private final long[] pads;
    private final String autoPad;
    private final boolean ceil;

    SlidingWindow(long[] kernel, long[] strides, long[] dilations, long[] pads, String autoPad, boolean ceil) {
        this.kernel = kernel;
        this.strides = strides;
        this.dilations = dilations;
        this.pads = pads;
        this.autoPad = autoPad;
        this.ceil = ceil;
    }

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
        long extent = extent(d);
        if (autoPad.equals("SAME_UPPER") || autoPad.equals("SAME_LOWER")) {
            return Sizes.ceilDiv(size, strides[d]);
        }
        boolean explicit = autoPad.equals("NOTSET") || autoPad.isEmpty();
        long padded = Math.subtractExact(explicit ? Sizes.sum(size, pads[d], pads[d + kernel.length]) : size, extent);
        if (padded < 0) {
            throw c.shapeError("a window of " + extent + " must fit the padded size");
        }
        long steps = ceil ? Sizes.ceilDiv(padded, strides[d]) : padded / strides[d];
        if (ceil && Math.multiplyExact(steps, strides[d]) >= Math.addExact(size, explicit ? pads[d] : 0)) {
            steps--;
        }
        return Math.addExact(steps, 1);
    }

    /** Size of spatial axis {@code d} of a transposed convolution's output. */
    long transposedSize(int d, long size, long outputPadding) {
        if (autoPad.equals("SAME_UPPER") || autoPad.equals("SAME_LOWER")) {
            return Math.multiplyExact(size, strides[d]);
        }
        long cut = autoPad.equals("VALID") ? 0 : Math.addExact(pads[d], pads[d + kernel.length]);
        long between = Math.multiplyExact(strides[d], Math.subtractExact(size, 1));
        return Math.subtractExact(Sizes.sum(between, outputPadding, extent(d)), cut);
    }

    /** Positions from the first to the last that a window reads along spatial axis {@code d}. */
    private long extent(int d) {
        return Math.addExact(Math.multiplyExact(kernel[d] - 1, dilations[d]), 1);
    }
}
