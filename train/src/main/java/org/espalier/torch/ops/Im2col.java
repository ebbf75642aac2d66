package org.espalier.torch.ops;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Convolution as one matrix product: each window's cells are copied into a row (im2col).
 *
 * <p>oneDNN 3.7 adds to the whole gradient of a filter for each picture, which is slow where filters are large and pictures small: for 512
 * channels and pictures of 2x2 a step takes 35 ms with its convolution and 6 so, where processors have AMX; without AMX there is no
 * difference. The gradient of the data is rounded to bfloat16 once for each window that reads a pixel, not once in all.
 */
final class Im2col {
    private static final long LARGEST_PICTURE = 16;
    private static final long SMALLEST_WEIGHT = 1 << 19;

    private Im2col() {}

    /** Whether it is the quicker way, for pictures with channels innermost that are padded alike at both ends. */
    static boolean pays(Tensor x, Tensor w, Windows p, long groups) {
        long[] size = Windows.spatial(x);
        return groups == 1
                && p.symmetric()
                && x.size(0) > 0
                && p.outputs(0, size[0], false) > 0
                && p.outputs(1, size[1], false) > 0
                && x.is_cpu()
                && x.scalar_type().intern() == ScalarType.BFloat16
                && x.size(2) * x.size(3) <= LARGEST_PICTURE
                && w.numel() >= SMALLEST_WEIGHT
                && w.size(2) * w.size(3) > 1;
    }

    /**
     * The convolution.
     *
     * @param x [N, C, H, W], channels innermost
     * @param w [O, C, h, w], channels innermost
     * @param p the windows, padded alike at both ends
     * @return [N, O, H', W'], channels innermost
     */
    static Tensor convolve(Tensor x, Tensor w, TensorOptional bias, Windows p) {
        long[] size = Windows.spatial(x);
        long rows = p.outputs(0, size[0], false);
        long columns = p.outputs(1, size[1], false);
        long[] cells = cells(p, size, rows, columns);
        Tensor pixels = x.permute(0, 2, 3, 1).reshape(x.size(0), size[0] * size[1], x.size(1));
        Tensor padded = torch.constant_pad_nd(pixels, 0, 0, 0, 1);
        Tensor windows =
                padded.index_select(1, Conversions.longs(cells, cells.length)).reshape(x.size(0) * rows * columns, -1);
        Tensor filters = w.permute(0, 2, 3, 1).reshape(w.size(0), -1);
        return torch.linear(windows, filters, bias)
                .reshape(x.size(0), rows, columns, w.size(0))
                .permute(0, 3, 1, 2);
    }

    /** The pixel under each cell of each window, window by window; the one after the last where there is padding. */
    private static long[] cells(Windows p, long[] size, long rows, long columns) {
        int area = Math.toIntExact(p.kernel()[0] * p.kernel()[1]);
        long[] out = new long[Math.toIntExact(rows * columns * area)];
        for (int i = 0; i < out.length; i++) {
            long window = i / area;
            long cell = i % area;
            long y = at(p, 0, window / columns, cell / p.kernel()[1]);
            long x = at(p, 1, window % columns, cell % p.kernel()[1]);
            boolean inside = y >= 0 && y < size[0] && x >= 0 && x < size[1];
            out[i] = inside ? y * size[1] + x : size[0] * size[1];
        }
        return out;
    }

    private static long at(Windows p, int axis, long window, long cell) {
        return window * p.strides()[axis] + cell * p.dilations()[axis] - p.begin()[axis];
    }
}
