package org.espalier.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.bayes.Gradient;
import org.espalier.bayes.TruncatedLogNormal;
import org.espalier.torch.Engine;
import org.espalier.torch.Scope;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoiseLayerTest {
    private static final double[] MU = {0, -0.5, -3, 1, -10, 0.3};
    private static final double[] LOG_SIGMA = {-5, -1, 0.5, -2, 1.5, 3};

    @SuppressWarnings("NullAway.Init")
    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static double[] values(Tensor t) {
        return TensorConversions.toGraph(t).toDoubles();
    }

    @Test
    void sample_severalDrawsOnSeveralThreads_areThoseOfOneAfterTheOther() {
        int units = 2500;
        Engine.start(2);
        try (NoiseLayer atOnce = new NoiseLayer(units, 7);
                NoiseLayer oneByOne = new NoiseLayer(units, 7)) {
            double[] both = values(atOnce.sample(2).view(2L * units));
            Engine.start(1);
            assertThat(Arrays.copyOf(both, units)).isEqualTo(values(oneByOne.sample()));
            assertThat(Arrays.copyOfRange(both, units, 2 * units)).isEqualTo(values(oneByOne.sample()));
            assertThat(atOnce.draws()).isEqualTo(oneByOne.draws()).isEqualTo(2);
        } finally {
            Engine.start(1);
        }
    }

    @Test
    void sample_valueAndGradient_areTheDistributions() {
        try (NoiseLayer noise = new NoiseLayer(MU, LOG_SIGMA, 3, 0)) {
            Tensor theta = noise.sample();
            theta.sum().backward();
            double[] value = values(theta);
            double[] byMu = values(noise.parameters().get(0).grad());
            double[] byLogSigma = values(noise.parameters().get(1).grad());
            for (int i = 0; i < MU.length; i++) {
                TruncatedLogNormal q = TruncatedLogNormal.of(MU[i], LOG_SIGMA[i]);
                assertThat(value[i]).isBetween(0.0, 1.0);
                Gradient expected = q.quantileGradient(share(q, value[i]));
                // θ is a float32: its share of the distribution is known to about 1e-6.
                assertThat(byMu[i]).as("unit %d", i).isCloseTo(expected.mu(), within(1e-4));
                assertThat(byLogSigma[i]).as("unit %d", i).isCloseTo(expected.logSigma(), within(1e-4));
            }
        }
    }

    @Test
    void sample_againBeforeTheBackwardPass_gradientsOfBothAddUp() {
        double[][] sums = new double[2][];
        for (boolean atOnce : new boolean[] {false, true}) {
            try (NoiseLayer noise = new NoiseLayer(MU, LOG_SIGMA, 3, 0)) {
                Tensor first = noise.sample().sum();
                if (!atOnce) {
                    first.backward();
                }
                Tensor second = noise.sample().square().sum();
                if (!atOnce) {
                    second.backward();
                    noise.kl().backward();
                } else {
                    first.add(second).add(noise.kl()).backward();
                }
                sums[atOnce ? 1 : 0] = values(noise.parameters().get(0).grad());
            }
        }
        assertThat(sums[1]).containsExactly(sums[0], within(1e-9));
        assertThat(sums[0]).doesNotContain(0.0);
    }

    /** The probability that lies below a value. */
    private static double share(TruncatedLogNormal q, double theta) {
        double low = 0x1p-53;
        double high = 1 - 0x1p-53;
        for (int i = 0; i < 60; i++) {
            double middle = (low + high) / 2;
            if (q.quantile(middle) < theta) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    @Test
    void kl_weightedValueAndGradient_areTheDistributions() {
        double[] weights = {1, 2, 0, 0.5, 3, 1};
        try (NoiseLayer noise = new NoiseLayer(MU, LOG_SIGMA, 3, 0)) {
            noise.sample();
            Tensor kl = noise.kl(weights);
            kl.backward();
            double expected = 0;
            double[] byMu = values(noise.parameters().get(0).grad());
            double[] byLogSigma = values(noise.parameters().get(1).grad());
            for (int i = 0; i < MU.length; i++) {
                TruncatedLogNormal q = TruncatedLogNormal.of(MU[i], LOG_SIGMA[i]);
                expected += weights[i] * q.klDivergence();
                assertThat(noise.lastKl()[i]).isCloseTo(q.klDivergence(), within(1e-12));
                assertThat(byMu[i]).isCloseTo(weights[i] * q.klGradient().mu(), within(1e-10));
                assertThat(byLogSigma[i]).isCloseTo(weights[i] * q.klGradient().logSigma(), within(1e-10));
            }
            assertThat(kl.item_double()).isCloseTo(expected, within(1e-10));
        }
    }

    @Test
    void kl_beforeAnyDraw_isRefused() {
        try (NoiseLayer noise = new NoiseLayer(2, 1)) {
            assertThatThrownBy(noise::kl)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("forward");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, -1, -3})
    void forward_anyAxis_multipliesThere(int axis) {
        long[] shape = {2, 3, 4};
        int at = Math.floorMod(axis, 3);
        int units = (int) shape[at];
        double[] mu = new double[units];
        double[] logSigma = new double[units];
        Arrays.fill(logSigma, 0.5);
        try (NoiseLayer noise = new NoiseLayer(mu, logSigma, 8, 0);
                NoiseLayer same = new NoiseLayer(mu, logSigma, 8, 0)) {
            double[] y = values(noise.forward(torch.ones(shape), axis, true));
            double[] theta = values(same.sample());
            int inner = at == 0 ? 12 : at == 1 ? 4 : 1;
            for (int i = 0; i < y.length; i++) {
                assertThat(y[i]).isEqualTo(theta[i / inner % units]);
            }
        }
    }

    @Test
    void forward_evaluation_multipliesByMeanOrZero() {
        try (NoiseLayer noise = new NoiseLayer(MU, LOG_SIGMA, 3, 0)) {
            double[] y = values(noise.forward(torch.ones(1, MU.length), 1, false));
            for (int i = 0; i < y.length; i++) {
                TruncatedLogNormal q = TruncatedLogNormal.of(MU[i], LOG_SIGMA[i]);
                assertThat(y[i]).isCloseTo(q.snr() >= 1 ? q.mean() : 0, within(1e-7));
            }
            assertThat(y).contains(0.0);
            assertThat(noise.draws()).as("evaluation draws nothing").isZero();
        }
    }

    @Test
    void forward_keepsElementType() {
        try (NoiseLayer noise = new NoiseLayer(4, 3)) {
            Tensor half = torch.ones(2, 4).to(torch.ScalarType.BFloat16);
            assertThat(noise.forward(half, 1, true).scalar_type().intern()).isEqualTo(torch.ScalarType.BFloat16);
        }
    }

    @Test
    void forward_wrongSizeOrAxis_saysWhatIsExpected() {
        try (NoiseLayer noise = new NoiseLayer(4, 3)) {
            assertThatThrownBy(() -> noise.forward(torch.ones(2, 3), 1, true))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected 4, found 3");
            assertThatThrownBy(() -> noise.forward(torch.ones(2, 4), 2, true))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected -2 to 1, found 2");
        }
    }

    @Test
    void sample_sameSeed_sameDraws_resumeGoesOn() {
        double[] wide = new double[50];
        try (NoiseLayer first = new NoiseLayer(wide, wide, 42, 0);
                NoiseLayer second = new NoiseLayer(wide, wide, 42, 0);
                NoiseLayer other = new NoiseLayer(wide, wide, 43, 0)) {
            for (int i = 0; i < 3; i++) {
                double[] draw = values(first.sample());
                assertThat(values(second.sample())).isEqualTo(draw);
                assertThat(values(other.sample())).isNotEqualTo(draw);
            }
            try (NoiseLayer resumed = new NoiseLayer(wide, wide, 42, first.draws())) {
                assertThat(values(resumed.sample())).isEqualTo(values(first.sample()));
            }
            second.load(wide, wide, 1);
            first.load(wide, wide, 1);
            assertThat(values(second.sample())).isEqualTo(values(first.sample()));
        }
    }

    /** One draw's numbers must not come again in the next one, shifted by a unit, whatever the seed. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, -1, 0x9E3779B97F4A7C15L})
    void sample_drawsDoNotOverlap(long seed) {
        double[] wide = new double[200];
        try (NoiseLayer noise = new NoiseLayer(wide, wide, seed, 0)) {
            long distinct = IntStream.range(0, 10)
                    .mapToObj(i -> values(noise.sample()))
                    .flatMapToDouble(Arrays::stream)
                    .distinct()
                    .count();
            // 2,000 numbers with 24 bits: about one coincidence is expected, ten would be a wonder.
            assertThat(distinct).isGreaterThan(1990);
        }
    }

    @Test
    void sample_outsideTheBox_isBroughtBack() {
        try (NoiseLayer noise = new NoiseLayer(new double[] {-30, 7}, new double[] {9, -40}, 1, 0)) {
            noise.sample();
            assertThat(values(noise.parameters().get(0))).containsExactly(-20, 5);
            assertThat(values(noise.parameters().get(1))).containsExactly(5, -20);
        }
    }

    @Test
    void sample_notANumber_namesTheUnit() {
        assertThatThrownBy(() -> new NoiseLayer(new double[] {0, 0, Double.NaN}, new double[3], 1, 0))
                .isInstanceOf(NotFiniteException.class)
                .hasMessageContaining("mu of unit 2");
        try (NoiseLayer noise = new NoiseLayer(3, 1)) {
            // As an optimizer's step may leave it.
            new DoublePointer(noise.parameters().get(0).data_ptr()).put(2, Double.NaN);
            assertThatThrownBy(noise::sample)
                    .isInstanceOf(NotFiniteException.class)
                    .hasMessageContaining("mu of unit 2")
                    .hasMessageContaining("NaN");
            assertThatThrownBy(noise::snr).hasMessageContaining("unit 2");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void noUnits_isRefused(int units) {
        assertThatThrownBy(() -> new NoiseLayer(units, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 or more, found " + units);
    }

    @Test
    void kl_oneWeightTooManyOrTooFew_isRefused() {
        try (NoiseLayer noise = new NoiseLayer(3, 1)) {
            noise.sample();
            for (int count : new int[] {2, 4}) {
                assertThatThrownBy(() -> noise.kl(new double[count]))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("expected 3, found " + count);
            }
        }
    }

    @Test
    void load_ofWhatIsNotFinite_changesNothing() {
        try (NoiseLayer noise = new NoiseLayer(2, 1)) {
            double[] before = noise.snr();
            assertThatThrownBy(() -> noise.load(new double[] {-1, -1}, new double[] {0, Double.NaN}, 5))
                    .isInstanceOf(NotFiniteException.class)
                    .hasMessageContaining("log sigma of unit 1");
            assertThatThrownBy(() -> noise.load(new double[] {-1}, new double[] {0, 0}, 5))
                    .hasMessageContaining("expected 2, found 1 and 2");
            assertThat(noise.snr()).isEqualTo(before);
            assertThat(noise.draws()).isZero();
        }
    }

    @Test
    void parameters_surviveGarbageCollection() {
        try (NoiseLayer noise = new NoiseLayer(1000, 1)) {
            for (int i = 0; i < 20; i++) {
                System.gc();
                try (Scope inner = Scope.open()) {
                    noise.sample().mul(new Scalar(2.0)).sum().backward();
                }
            }
            assertThat(noise.posterior().mu()).containsOnly(0.0);
        }
    }
}
