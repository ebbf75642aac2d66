package org.espalier.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ErrorIntervalTest {
    /** Errors of two networks on the same examples: right or wrong in 0 or 100 percent. */
    private static double[] wrong(int examples, int from, int to) {
        double[] errors = new double[examples];
        Arrays.fill(errors, from, to, 100);
        return errors;
    }

    /** By hand: 20 became wrong and 5 right, of 100, half an example more in each of the four cells. */
    @Test
    void of_matchedClasses_isAgrestiAndMins() {
        ErrorInterval i = ErrorInterval.of(wrong(100, 0, 5), wrong(100, 5, 25), true);
        double mean = 15 / 102.0;
        double half = 1.959964 * Math.sqrt((26 - 225 / 102.0) / (102.0 * 102.0));
        assertThat(i.low()).isCloseTo(100 * (mean - half), within(1e-9));
        assertThat(i.high()).isCloseTo(100 * (mean + half), within(1e-9));
        assertThat(i.saysLittle()).isFalse();
    }

    @Test
    void saysLittle_fewExamples_butNotMany() {
        assertThat(ErrorInterval.of(wrong(50, 0, 2), wrong(50, 1, 4), true).saysLittle())
                .isTrue();
        assertThat(ErrorInterval.of(wrong(10_000, 0, 90), wrong(10_000, 10, 95), true)
                        .saysLittle())
                .isFalse();
    }

    /** Of normal differences the bootstrap must come to what theory says: the mean, and 1.96 standard errors around it. */
    @Test
    void of_numbers_isTheBootstrapOfTheMean() {
        SplittableRandom random = new SplittableRandom(7);
        double[] before = new double[400];
        double[] after = new double[400];
        for (int e = 0; e < 400; e++) {
            before[e] = 10 * random.nextGaussian();
            after[e] = before[e] + 2 + random.nextGaussian();
        }
        double mean = 0;
        for (int e = 0; e < 400; e++) {
            mean += (after[e] - before[e]) / 400;
        }
        ErrorInterval i = ErrorInterval.of(before, after, false);
        assertThat(i.low()).isCloseTo(mean - 1.96 / 20, within(0.02));
        assertThat(i.high()).isCloseTo(mean + 1.96 / 20, within(0.02));
        assertThat(ErrorInterval.of(before, after, false)).isEqualTo(i);
    }
}
