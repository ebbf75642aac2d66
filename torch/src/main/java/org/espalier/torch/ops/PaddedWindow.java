package org.espalier.torch.ops;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.espalier.graph.Node;

/** The sliding window of a convolution or pooling over its spatial axes. */
final class PaddedWindow {
    private final long[] kernel;
    private final long[] strides;
    private final long[] dilations;
    private final long[] begin;
    private final long[] end;

    PaddedWindow(long[] kernel, long[] strides, long[] dilations, long[] begin, long[] end) {
        this.kernel = kernel;
        this.strides = strides;
        this.dilations = dilations;
        this.begin = begin;
        this.end = end;
    }

    /** {@return the size of the window along each axis; not to be changed} */
    long[] kernel() {
        return kernel;
    }

    /** {@return steps between windows; not to be changed} */
    long[] strides() {
        return strides;
    }

    /** {@return steps between the cells of a window; not to be changed} */
    long[] dilations() {
        return dilations;
    }

    /** {@return padding before each axis; not to be changed} */
    long[] begin() {
        return begin;
    }

    /** {@return padding after each axis; not to be changed} */
    long[] end() {
        return end;
    }

    /** Reads a node's attributes and settles {@code auto_pad} for an input of spatial sizes {@code input}. */
    static PaddedWindow of(Node node, long[] kernel, long[] input) {
        int d = kernel.length;
        long[] strides = orElse(node.getLongs("strides"), ones(d));
        long[] dilations = orElse(node.getLongs("dilations"), ones(d));
        long[] pads = orElse(node.getLongs("pads"), new long[2 * d]);
        long[] begin = Arrays.copyOfRange(pads, 0, d);
        long[] end = Arrays.copyOfRange(pads, d, 2 * d);
        String auto = node.getString("auto_pad", "NOTSET");
        if (auto.startsWith("SAME")) {
            for (int i = 0; i < d; i++) {
                long out = (input[i] + strides[i] - 1) / strides[i];
                long total = Math.max(0, (out - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1 - input[i]);
                begin[i] = auto.equals("SAME_LOWER") ? total - total / 2 : total / 2;
                end[i] = total - begin[i];
            }
        } else if (auto.equals("VALID")) {
            Arrays.fill(begin, 0);
            Arrays.fill(end, 0);
        }
        return new PaddedWindow(kernel, strides, dilations, begin, end);
    }

    /** Cells of the input from a window's first to its last along an axis. */
    long span(int axis) {
        return dilations[axis] * (kernel[axis] - 1) + 1;
    }

    /**
     * How many windows lie along an axis of {@code size} cells; a last one that would begin beyond the data does not
     * count.
     */
    long outputs(int axis, long size, boolean ceil) {
        long room = size + begin[axis] + end[axis] - span(axis);
        long out = (ceil ? -Math.floorDiv(-room, strides[axis]) : Math.floorDiv(room, strides[axis])) + 1;
        return ceil && (out - 1) * strides[axis] >= size + begin[axis] ? out - 1 : out;
    }

    /** Whether both ends of each axis get the same padding. */
    boolean symmetric() {
        return Arrays.equals(begin, end);
    }

    /** The padding as libtorch's {@code pad} takes it: last axis first, both ends of each. */
    long[] asPad() {
        int d = kernel.length;
        long[] out = new long[2 * d];
        for (int i = 0; i < d; i++) {
            out[2 * i] = begin[d - 1 - i];
            out[2 * i + 1] = end[d - 1 - i];
        }
        return out;
    }

    static long[] ones(int n) {
        long[] out = new long[n];
        Arrays.fill(out, 1);
        return out;
    }

    static long[] orElse(long @org.jspecify.annotations.Nullable [] value, long[] otherwise) {
        return value == null || value.length == 0 ? otherwise : value;
    }

    /** Sizes of the axes after the first two. */
    static long[] spatial(Tensor x) {
        long[] shape = TensorConversions.shape(x);
        return Arrays.copyOfRange(shape, Math.min(2, shape.length), shape.length);
    }
}
