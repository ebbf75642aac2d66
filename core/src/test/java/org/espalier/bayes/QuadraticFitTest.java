package org.espalier.bayes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class QuadraticFitTest {
    private static final double[] SLOPES = {0, 0.3, -0.3, 5, -5, 200, -200};
    private static final double[] CURVATURES = {0, 1e-3, 0.1, 1, 3, 10, 100, 1e4, 1e7};

    private static Posterior fit(double slope, double curvature) {
        return QuadraticFit.of(new double[] {slope}, new double[] {curvature});
    }

    /** E[θ − 1], E[(θ − 1)²] and KL by the classes that are tested against golden values. */
    @Test
    void cost_anyPosterior_isThatOfTheMoments() {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 2000; i++) {
            double mu = random.nextDouble(-20, 5);
            double logSigma = random.nextDouble(-12, 5);
            double a = random.nextDouble(-3, 3);
            double c = random.nextDouble(0, 5);
            TruncatedLogNormal q = TruncatedLogNormal.of(mu, logSigma);
            double below = q.mean() - 1;
            double expected = a * below + c / 2 * (q.variance() + below * below) + q.klDivergence();
            assertThat(QuadraticFit.cost(mu, logSigma, a, c))
                    .as("mu %s, log sigma %s", mu, logSigma)
                    .isCloseTo(expected, within(1e-9));
        }
    }

    @Test
    void gradient_anyPosterior_isTheDifferenceQuotient() {
        SplittableRandom random = new SplittableRandom(4);
        double h = 1e-5;
        for (int i = 0; i < 500; i++) {
            double mu = random.nextDouble(-19, 4);
            double s = random.nextDouble(-5, 4);
            double a = random.nextDouble(-3, 3);
            double c = random.nextDouble(0, 5);
            Gradient g = QuadraticFit.gradient(mu, s, a, c);
            double byMu = (QuadraticFit.cost(mu + h, s, a, c) - QuadraticFit.cost(mu - h, s, a, c)) / (2 * h);
            double bySigma = (QuadraticFit.cost(mu, s + h, a, c) - QuadraticFit.cost(mu, s - h, a, c)) / (2 * h);
            double size = 1 + Math.abs(byMu) + Math.abs(bySigma);
            assertThat(g.mu()).as("mu %s, log sigma %s", mu, s).isCloseTo(byMu, within(1e-5 * size));
            assertThat(g.logSigma()).as("mu %s, log sigma %s", mu, s).isCloseTo(bySigma, within(1e-5 * size));
        }
    }

    @Test
    void of_anyLoss_hasNoGradientAndIsNotWorseThanAnyPointOfAGrid() {
        for (double a : SLOPES) {
            for (double c : CURVATURES) {
                Posterior p = fit(a, c);
                double mu = p.mu()[0];
                double s = p.logSigma()[0];
                String what = "slope " + a + ", curvature " + c + ": mu " + mu + ", log sigma " + s;
                Gradient g = QuadraticFit.gradient(mu, s, a, c);
                // By how many standard deviations mu is moved.
                double found = QuadraticFit.cost(mu, s, a, c);
                double none = 1e-6 * (1 + Math.abs(a));
                if (Math.abs(a) <= 5) {
                    assertThat(inside(mu, g.mu()) * Math.min(1, Math.exp(s)))
                            .as(what)
                            .isCloseTo(0, within(none));
                    assertThat(inside(s, g.logSigma())).as(what).isCloseTo(0, within(none));
                }
                for (double m = -20; m <= 5; m += 0.5) {
                    for (double l = -12; l <= 5; l += 0.5) {
                        assertThat(QuadraticFit.cost(m, l, a, c))
                                .as("%s, against %s, %s", what, m, l)
                                .isGreaterThan(found - 1e-7);
                    }
                }
            }
        }
    }

    private static double inside(double at, double gradient) {
        return (at <= -20 && gradient > 0) || (at >= 5 && gradient < 0) ? 0 : gradient;
    }

    /** For much curvature the posterior is a normal distribution cut at its mean, of variance 1 / c. */
    @Test
    void of_muchCurvature_hasTheInverseAsVariance() {
        Posterior p = fit(0, 1e6);
        double sigma = Math.exp(p.logSigma()[0]);
        assertThat(sigma).isCloseTo(1e-3, within(2e-5));
        assertThat(p.mu()[0]).isCloseTo(0, within(2e-4));
        assertThat(p.snr()[0]).isGreaterThan(1000);
    }

    @Test
    void of_noCurvature_isThePrior() {
        Posterior p = fit(0, 0);
        assertThat(TruncatedLogNormal.of(p.mu()[0], p.logSigma()[0]).klDivergence())
                .isLessThan(1e-4);
        assertThat(p.snr()[0]).isLessThan(0.5);
    }

    /** The more a unit matters the less noise it has: no step upwards as curvature rises. */
    @Test
    void of_risingCurvature_raisesTheSignalToNoiseRatio() {
        double before = 0;
        for (double c = 0.01; c < 1e6; c *= 1.3) {
            double snr = fit(0, c).snr()[0];
            assertThat(snr).as("curvature %s", c).isGreaterThan(before);
            before = snr;
        }
    }

    @Test
    void of_negativeCurvature_throwsNamingTheUnit() {
        assertThatThrownBy(() -> QuadraticFit.of(new double[] {0, 0}, new double[] {1, -1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unit 1");
    }
}
