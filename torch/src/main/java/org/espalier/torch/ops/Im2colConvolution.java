package org.espalier.torch.ops;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Convolution as one matrix product: each window's cells are copied into a row (im2col), by a product with a matrix
 * of zeros and ones that adds up the gradients of a pixel on the way back.
 *
 * <p>oneDNN 3.7 adds to the whole gradient of a filter for each picture, which is slow where filters are large and
 * pictures small: for 512 channels and pictures of 2x2 a step takes 35 ms with its convolution and 6 so, where
 * processors have AMX; without AMX there is no difference.
 */
final class Im2colConvolution {
    private static final long LARGEST_PICTURE = 16;
    private static final long SMALLEST_WEIGHT = 1 << 19;

    private Im2colConvolution() {}

    /** Whether it is the quicker way, for pictures with channels innermost that are padded alike at both ends. */
    static boolean pays(Tensor x, Tensor w, PaddedWindow p, long groups) {
        long[] size = PaddedWindow.spatial(x);
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
    static Tensor convolve(Tensor x, Tensor w, TensorOptional bias, PaddedWindow p) {
        long[] size = PaddedWindow.spatial(x);
        long rows = p.outputs(0, size[0], false);
        long columns = p.outputs(1, size[1], false);
        Tensor pixels = x.permute(0, 2, 3, 1).reshape(x.size(0), size[0] * size[1], x.size(1));
        Tensor windows = selection(p, size, rows, columns)
                .to(x.scalar_type())
                .expand(x.size(0), -1, -1)
                .matmul(pixels)
                .reshape(x.size(0) * rows * columns, -1);
        Tensor filters = w.permute(0, 2, 3, 1).reshape(w.size(0), -1);
        return torch.linear(windows, filters, bias)
                .reshape(x.size(0), rows, columns, w.size(0))
                .permute(0, 3, 1, 2);
    }

    /**
     * By what the pixels are multiplied to be those under each cell of each window, window by window: a 1 in each
     * row, none in padding.
     */
    private static Tensor selection(PaddedWindow p, long[] size, long rows, long columns) {
        int area = Math.toIntExact(p.kernel()[0] * p.kernel()[1]);
        int pixels = Math.toIntExact(size[0] * size[1]);
        int cells = Math.toIntExact(rows * columns * area);
        float[] ones = new float[cells * pixels];
        for (int i = 0; i < cells; i++) {
            long window = i / area;
            long cell = i % area;
            long y = at(p, 0, window / columns, cell / p.kernel()[1]);
            long x = at(p, 1, window % columns, cell % p.kernel()[1]);
            if (x >= 0 && x < size[1] && y >= 0 && y < size[0]) {
                ones[i * pixels + Math.toIntExact(y * size[1] + x)] = 1;
            }
        }
        return TensorConversions.floats(ones, cells, pixels);
    }

    private static long at(PaddedWindow p, int axis, long window, long cell) {
        return window * p.strides()[axis] + cell * p.dilations()[axis] - p.begin()[axis];
    }
}
