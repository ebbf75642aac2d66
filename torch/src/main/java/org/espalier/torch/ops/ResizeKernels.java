package org.espalier.torch.ops;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Resize and Upsample, one axis after the other: each place of the result is a weighted sum of one (nearest), two
 * (linear) or four (cubic) places of the input.
 */
final class ResizeKernels {
    private static final String SIMPLE = "simple";

    private ResizeKernels() {}

    static void register(Map<String, Kernel> t) {
        t.put("Resize", Kernel.of(ResizeKernels::resize));
        t.put("Upsample", Kernel.of(ResizeKernels::upsample));
    }

    /** How a place of the result maps to the input. */
    private record Rule(
            String mode,
            String coordinates,
            String rounding,
            double cubic,
            boolean excludeOutside,
            boolean antialias) {}

    private static Tensor upsample(KernelCall c) {
        Tensor x = c.in(0);
        double[] scales;
        if (c.has(1)) {
            scales = c.doubles(1);
        } else if (c.node().attributes().get("scales") instanceof org.espalier.graph.Attribute.OfFloats f) {
            scales = f.values().stream().mapToDouble(Float::doubleValue).toArray();
        } else {
            throw c.wrong("scales must be given", "one number per axis", "none");
        }
        String mode = c.node().getString("mode", "nearest");
        Rule rule = new Rule(mode, "asymmetric", SIMPLE, -0.75, false, false);
        return along(c, x, scales, null, rule);
    }

    private static Tensor resize(KernelCall c) {
        Tensor x = c.in(0);
        boolean old = c.opset() < 11;
        int scalesAt = old ? 1 : 2;
        Rule rule = new Rule(
                c.node().getString("mode", "nearest"),
                c.node().getString("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel"),
                c.node().getString("nearest_mode", old ? SIMPLE : "round_prefer_floor"),
                c.node().getFloat("cubic_coeff_a", -0.75f),
                c.node().getLong("exclude_outside", 0) != 0,
                c.node().getLong("antialias", 0) != 0);
        String policy = c.node().getString("keep_aspect_ratio_policy", "stretch");
        if (rule.antialias() || !policy.equals("stretch") || rule.coordinates().equals("tf_crop_and_resize")) {
            throw c.wrong(
                    "antialias, keep_aspect_ratio_policy and tf_crop_and_resize are not supported for training",
                    "none of them",
                    c.node().attributes().keySet());
        }
        int rank = (int) x.dim();
        long[] chosen = c.node().getLongs("axes");
        long[] axes =
                chosen == null ? java.util.stream.LongStream.range(0, rank).toArray() : c.axes(chosen, rank);
        double[] scales = new double[rank];
        java.util.Arrays.fill(scales, 1);
        long[] sizes = null;
        if (!old && c.has(3) && c.in(3).numel() > 0) {
            sizes = TensorConversions.shape(x);
            long[] given = c.longs(3);
            for (int i = 0; i < axes.length; i++) {
                sizes[(int) axes[i]] = given[i];
                scales[(int) axes[i]] = (double) given[i] / x.size(axes[i]);
            }
        } else {
            double[] given = c.doubles(scalesAt);
            for (int i = 0; i < axes.length; i++) {
                scales[(int) axes[i]] = given[i];
            }
        }
        return along(c, x, scales, sizes, rule);
    }

    private static Tensor along(KernelCall c, Tensor x, double[] scales, long @Nullable [] sizes, Rule rule) {
        for (int axis = 0; axis < scales.length; axis++) {
            long in = x.size(axis);
            // In float, as ONNX has it.
            long out = sizes == null ? (long) Math.floor(in * (float) scales[axis]) : sizes[axis];
            if (scales[axis] != 1 || out != in) {
                x = axis(c, x, axis, in, out, scales[axis], rule);
            }
        }
        return x;
    }

    private static Tensor axis(KernelCall c, Tensor x, int axis, long in, long out, double scale, Rule rule) {
        int n = Math.toIntExact(out);
        int taps =
                switch (rule.mode()) {
                    case "nearest" -> 1;
                    case "linear", "bilinear" -> 2;
                    case "cubic" -> 4;
                    default -> throw c.wrong("mode must be one of ONNX's", "nearest, linear or cubic", rule.mode());
                };
        long[][] places = new long[taps][n];
        float[][] weights = new float[taps][n];
        for (int i = 0; i < n; i++) {
            float at = source(c, i, in, out, (float) scale, rule.coordinates());
            if (taps == 1) {
                places[0][i] = clamp(round(at, scale, rule.rounding()), in);
                weights[0][i] = 1;
                continue;
            }
            long base = (long) Math.floor(at);
            double r = at - base;
            double sum = 0;
            for (int k = 0; k < taps; k++) {
                long place = base + k - (taps == 4 ? 1 : 0);
                double w = taps == 2 ? (k == 0 ? 1 - r : r) : cubic(k, r, rule.cubic());
                w = rule.excludeOutside() && (place < 0 || place >= in) ? 0 : w;
                places[k][i] = clamp(place, in);
                weights[k][i] = (float) w;
                sum += w;
            }
            for (int k = 0; rule.excludeOutside() && k < taps; k++) {
                weights[k][i] = (float) (weights[k][i] / sum);
            }
        }
        Tensor y = pick(x, axis, places[0], weights[0], taps);
        for (int k = 1; k < taps; k++) {
            y = y.add(pick(x, axis, places[k], weights[k], taps));
        }
        return y;
    }

    private static Tensor pick(Tensor x, int axis, long[] places, float[] weights, int taps) {
        Tensor y = x.index_select(axis, ArithmeticKernels.beside(TensorConversions.longs(places, places.length), x));
        if (taps == 1) {
            return y;
        }
        long[] shape = PaddedWindow.ones((int) x.dim());
        shape[axis] = weights.length;
        ScalarType type = x.scalar_type();
        return y.mul(TensorConversions.floats(weights, shape).to(x.device(), type));
    }

    /**
     * The place in the input, as a real number: in float as in ONNX Runtime, where it matters whether 4 / 1.3333334
     * is 3.
     */
    private static float source(KernelCall c, int i, long in, long out, float scale, String coordinates) {
        return switch (coordinates) {
            case "half_pixel" -> (i + 0.5f) / scale - 0.5f;
            case "half_pixel_symmetric" -> {
                float adjustment = out / (in * scale);
                float center = in / 2f;
                yield center * (1 - adjustment) + (i + 0.5f) / scale - 0.5f;
            }
            case "pytorch_half_pixel" -> out > 1 ? (i + 0.5f) / scale - 0.5f : 0;
            case "tf_half_pixel_for_nn" -> (i + 0.5f) / scale;
            case "align_corners" -> out > 1 ? (float) i * (in - 1) / (out - 1) : 0;
            case "asymmetric" -> i / scale;
            default ->
                throw c.wrong(
                        "coordinate_transformation_mode must be one of ONNX's",
                        "half_pixel, half_pixel_symmetric, pytorch_half_pixel, tf_half_pixel_for_nn, align_corners or asymmetric",
                        coordinates);
        };
    }

    private static long round(float at, double scale, String rounding) {
        return (long)
                switch (rounding) {
                    // Before operator set 11 there was no rule but what ONNX Runtime does.
                    case SIMPLE -> scale < 1 ? Math.ceil(at) : Math.floor(at);
                    case "floor" -> Math.floor(at);
                    case "ceil" -> Math.ceil(at);
                    case "round_prefer_ceil" -> Math.floor(at + 0.5f);
                    default -> Math.ceil(at - 0.5f);
                };
    }

    private static long clamp(long place, long size) {
        return Math.max(0, Math.min(size - 1, place));
    }

    /** Weight {@code k} of Keys' cubic convolution at offset {@code r}. */
    private static double cubic(int k, double r, double a) {
        double d = Math.abs(r + 1 - k);
        if (d <= 1) {
            return ((a + 2) * d - (a + 3)) * d * d + 1;
        }
        return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
    }
}
