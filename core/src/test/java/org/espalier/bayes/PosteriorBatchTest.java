package org.espalier.bayes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PosteriorBatchTest {
    private final PosteriorBatch batch = new PosteriorBatch(LogUniform.DEFAULT);

    @Test
    void evaluate_badUnit_throwsItsIndexAndLeavesOutputAlone() {
        NoiseBatch out = new NoiseBatch(3);
        double[] zero = new double[3];
        double[] half = {0.5, 0.5, 0.5};
        assertThatThrownBy(() -> batch.evaluate(new double[] {0, 0, Double.NaN}, zero, half, out))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unit 2: mu and log sigma must be finite, found mu NaN, log sigma 0.0");
        assertThatThrownBy(() -> batch.evaluate(zero, new double[] {0, Double.POSITIVE_INFINITY, 0}, half, out))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("unit 1: ");
        assertThatThrownBy(() -> batch.evaluate(zero, zero, new double[] {0, 0.5, 0.5}, out))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unit 0: u must lie strictly between 0 and 1, found 0.0");
        assertThatThrownBy(() -> batch.evaluate(zero, zero, new double[] {0.5, 0.5, Double.NaN}, out))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("unit 2: ");
        assertThat(out.theta()).containsOnly(0.0);
    }

    @Test
    void evaluate_resultNotFinite_throwsItsIndex() {
        double[] logSigma = {0, 800};
        assertThatThrownBy(() -> batch.evaluate(new double[2], logSigma, new double[] {0.5, 0.5}, new NoiseBatch(2)))
                .isInstanceOf(ArithmeticException.class)
                .hasMessageStartingWith("unit 1: ");
        assertThatThrownBy(() -> batch.moments(new double[2], logSigma, new double[2], new double[2]))
                .isInstanceOf(ArithmeticException.class)
                .hasMessageStartingWith("unit 1: ");
    }

    @Test
    void evaluate_wrongLength_throwsBothLengths() {
        assertThatThrownBy(() -> batch.evaluate(new double[2], new double[2], new double[3], new NoiseBatch(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("array 'u': length must equal the number of units, expected 2, found 3");
        assertThatThrownBy(() -> batch.moments(new double[2], new double[2], new double[1], new double[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'mean'");
        assertThatThrownBy(() -> new NoiseBatch(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void evaluate_noUnits_doesNothing() {
        NoiseBatch out = new NoiseBatch(0);
        batch.evaluate(new double[0], new double[0], new double[0], out);
        assertThat(out.size()).isZero();
    }

    @Test
    void scalar_badArgument_throws() {
        assertThatThrownBy(() -> TruncatedLogNormal.of(Double.NaN, 0)).isInstanceOf(IllegalArgumentException.class);
        TruncatedLogNormal q = TruncatedLogNormal.of(0, 0);
        assertThatThrownBy(() -> q.quantile(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> q.quantileGradient(1.5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TruncatedLogNormal.of(0, 800).snr()).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void logUniform_badInterval_throws() {
        assertThatThrownBy(() -> new LogUniform(0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LogUniform(Double.NaN, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LogUniform(0, Double.POSITIVE_INFINITY))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(LogUniform.DEFAULT.mean()).isEqualTo((1 - Math.exp(-20)) / 20);
    }
}
