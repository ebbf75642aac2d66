package org.espalier.bayes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SparseVdKlTest {
    @Test
    void valueAndDerivative_goldenPoints_withinTolerance() {
        GoldenTable table = GoldenTable.resource("sparse_vd_kl.csv");
        ErrorMeter meter = new ErrorMeter();
        for (double[] row : table.rows()) {
            double logAlpha = table.value(row, "log_alpha");
            String at = "log alpha " + logAlpha;
            meter.check("kl", at, table.value(row, "kl"), SparseVdKl.value(logAlpha), 1e-12, 0);
            meter.check(
                    "derivative", at, table.value(row, "dkl_dlog_alpha"), SparseVdKl.derivative(logAlpha), 1e-12, 0);
        }
        if (Boolean.getBoolean("tests.verbose")) {
            System.out.println(meter.summary());
        }
        assertThat(table.rows()).hasSize(161);
        assertThat(meter.failures()).isEmpty();
    }

    @Test
    void value_extremes_finiteAndMonotone() {
        assertThat(SparseVdKl.value(1e4)).isZero();
        assertThat(SparseVdKl.value(-1e4)).isEqualTo(5000 + 0.63576);
        assertThat(SparseVdKl.derivative(-1e4)).isEqualTo(-0.5);
        for (double x = -20; x < 20; x += 0.125) {
            assertThat(SparseVdKl.value(x + 0.125)).isLessThan(SparseVdKl.value(x));
        }
    }

    @Test
    void value_notFinite_throws() {
        assertThatThrownBy(() -> SparseVdKl.value(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SparseVdKl.derivative(Double.NEGATIVE_INFINITY))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
