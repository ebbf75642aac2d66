package org.espalier.torch.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.torch.Engine;
import org.espalier.torch.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Im2colConvolutionTest {
    private static Tensor leaf(long... shape) {
        Tensor t = KernelCall.channelsLast(torch.randn(shape));
        t.set_requires_grad(true);
        return t;
    }

    private static void requireSame(Tensor found, Tensor expected) {
        assertThat(TensorConversions.shape(found)).isEqualTo(TensorConversions.shape(expected));
        double scale = 1 + expected.abs().max().item_double();
        assertThat(found.sub(expected).abs().max().item_double()).isCloseTo(0, within(1e-5 * scale));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void convolve_isConvolution_withItsGradients(long seed) {
        SplittableRandom r = new SplittableRandom(seed);
        long[] kernel = {r.nextInt(1, 4), r.nextInt(1, 4)};
        long[] strides = {r.nextInt(1, 3), r.nextInt(1, 3)};
        long[] dilations = {r.nextInt(1, 3), r.nextInt(1, 3)};
        long[] pads = {r.nextInt(0, 3), r.nextInt(0, 3)};
        PaddedWindow windows = new PaddedWindow(kernel, strides, dilations, pads, pads);
        long channels = r.nextInt(1, 6);
        long filters = r.nextInt(1, 6);
        Engine.start();
        try (Scope scope = Scope.open()) {
            Engine.seed(seed);
            Tensor x = leaf(3, channels, r.nextInt(5, 8), r.nextInt(5, 8));
            Tensor w = leaf(filters, channels, kernel[0], kernel[1]);
            Tensor b = torch.randn(filters);
            TensorOptional bias = r.nextBoolean() ? new TensorOptional(b) : new TensorOptional();
            Tensor expected = torch.convolution(x, w, bias, strides, pads, dilations, false, new long[2], 1);
            Tensor weights = torch.randn_like(expected);
            expected.mul(weights).sum().backward();
            Tensor dx = x.grad().clone();
            Tensor dw = w.grad().clone();
            x.mutable_grad().zero_();
            w.mutable_grad().zero_();
            Tensor found = Im2colConvolution.convolve(x, w, bias, windows);
            found.mul(weights).sum().backward();
            requireSame(found, expected);
            requireSame(x.grad(), dx);
            requireSame(w.grad(), dw);
        }
    }

    private static PaddedWindow windows(long before, long after) {
        return new PaddedWindow(
                new long[] {3, 3}, new long[] {1, 1}, new long[] {1, 1}, new long[] {before, before}, new long[] {
                    after, after
                });
    }

    /** As VGG-like's last layers have it, but for the number of channels. */
    @Test
    void convolve_bfloat16_isConvolution() {
        Engine.start();
        try (Scope scope = Scope.open()) {
            Engine.seed(3);
            Tensor x = KernelCall.channelsLast(torch.randn(4, 40, 2, 2).to(ScalarType.BFloat16));
            Tensor w = KernelCall.channelsLast(torch.randn(24, 40, 3, 3).to(ScalarType.BFloat16));
            Tensor exact = torch.convolution(
                    x.to(ScalarType.Float),
                    w.to(ScalarType.Float),
                    new TensorOptional(),
                    new long[] {1, 1},
                    new long[] {1, 1},
                    new long[] {1, 1},
                    false,
                    new long[2],
                    1);
            Tensor found = Im2colConvolution.convolve(x, w, new TensorOptional(), windows(1, 1));
            assertThat(found.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
            double scale = exact.abs().max().item_double();
            assertThat(found.to(ScalarType.Float).sub(exact).abs().max().item_double())
                    .isCloseTo(0, within(0x1p-8 * scale));
        }
    }

    @Test
    void pays_forLargeFiltersOnSmallPictures_inBfloat16() {
        Engine.start();
        try (Scope scope = Scope.open()) {
            Tensor small = torch.zeros(2, 256, 4, 4).to(ScalarType.BFloat16);
            Tensor filters = torch.zeros(256, 256, 3, 3).to(ScalarType.BFloat16);
            PaddedWindow p = windows(1, 1);
            assertThat(Im2colConvolution.pays(small, filters, p, 1)).isTrue();
            assertThat(Im2colConvolution.pays(small, filters, p, 2)).isFalse();
            assertThat(Im2colConvolution.pays(small, filters, windows(1, 2), 1)).isFalse();
            assertThat(Im2colConvolution.pays(
                            torch.zeros(2, 256, 2, 2).to(ScalarType.BFloat16), filters, windows(0, 0), 1))
                    .as("a picture smaller than the filters")
                    .isFalse();
            assertThat(Im2colConvolution.pays(small.to(ScalarType.Float), filters, p, 1))
                    .isFalse();
            Tensor large = torch.zeros(2, 256, 8, 8).to(ScalarType.BFloat16);
            assertThat(Im2colConvolution.pays(large, filters, p, 1)).isFalse();
            for (Tensor w : List.of(torch.zeros(256, 64, 3, 3), torch.zeros(1024, 1024, 1, 1))) {
                assertThat(Im2colConvolution.pays(small, w.to(ScalarType.BFloat16), p, 1))
                        .isFalse();
            }
        }
    }
}
