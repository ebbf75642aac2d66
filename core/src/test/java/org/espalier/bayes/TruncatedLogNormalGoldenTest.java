package org.espalier.bayes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;

/**
 * Values and gradients against references computed with 80 and 160 digits. Set {@code -Dtests.verbose=true} to print the
 * greatest errors.
 */
class TruncatedLogNormalGoldenTest {
    private static final double TIGHT = 1e-10;
    private static final double SNR = 1e-8;
    private static final double KL_ABSOLUTE = 1e-13;

    @Test
    void values_sharedReference_withinTolerance() {
        GoldenTable table = GoldenTable.shared("truncated_log_normal.csv");
        ErrorMeter meter = new ErrorMeter();
        for (double[] row : table.rows()) {
            TruncatedLogNormal q = TruncatedLogNormal.of(table.value(row, "mu"), table.value(row, "log_sigma"));
            checkValues(meter, table, row, q);
            for (String column : table.columns()) {
                if (column.startsWith("q")) {
                    double p = Double.parseDouble(column.substring(1));
                    meter.check("quantile", q + " p=" + p, table.value(row, column), q.quantile(p), TIGHT, 0);
                }
            }
        }
        assertThat(table.rows()).hasSize(156);
        finish(meter);
    }

    @Test
    void valuesAndGradients_ownReference_withinTolerance() {
        GoldenTable table = GoldenTable.resource("truncated_log_normal_gradients.csv");
        ErrorMeter meter = new ErrorMeter();
        for (double[] row : table.rows()) {
            TruncatedLogNormal q = TruncatedLogNormal.of(table.value(row, "mu"), table.value(row, "log_sigma"));
            double u = table.value(row, "u");
            double theta = table.value(row, "theta");
            String at = q + " u=" + u;
            checkValues(meter, table, row, q);
            meter.check("quantile", at, theta, q.quantile(u), TIGHT, 0);
            meter.check(
                    "dkl/dmu", at, table.value(row, "dkl_dmu"), q.klGradient().mu(), TIGHT, 1e-15);
            meter.check(
                    "dkl/dlogsigma",
                    at,
                    table.value(row, "dkl_dlog_sigma"),
                    q.klGradient().logSigma(),
                    TIGHT,
                    0);
            Gradient draw = q.quantileGradient(u);
            meter.check("dtheta/dmu", at, table.value(row, "dtheta_dmu"), draw.mu(), TIGHT, 1e-14 * theta);
            double width = Math.max(1, Math.exp(q.logSigma()));
            meter.check(
                    "dtheta/dlogsigma",
                    at,
                    table.value(row, "dtheta_dlog_sigma"),
                    draw.logSigma(),
                    TIGHT,
                    1e-14 * width * theta);
        }
        assertThat(table.rows()).hasSizeGreaterThan(800);
        finish(meter);
    }

    @Test
    void batch_ownReference_equalsScalar() {
        GoldenTable table = GoldenTable.resource("truncated_log_normal_gradients.csv");
        double[] mu = column(table, "mu");
        double[] logSigma = column(table, "log_sigma");
        double[] u = column(table, "u");
        NoiseBatch out = new NoiseBatch(mu.length);
        double[] mean = new double[mu.length];
        double[] snr = new double[mu.length];
        PosteriorBatch batch = new PosteriorBatch(LogUniform.DEFAULT);
        batch.evaluate(mu, logSigma, u, out);
        batch.moments(mu, logSigma, mean, snr);
        for (int i = 0; i < mu.length; i++) {
            TruncatedLogNormal q = TruncatedLogNormal.of(mu[i], logSigma[i]);
            double[] found = {
                out.theta()[i],
                out.thetaMu()[i],
                out.thetaLogSigma()[i],
                out.kl()[i],
                out.klMu()[i],
                out.klLogSigma()[i],
                mean[i],
                snr[i]
            };
            Gradient draw = q.quantileGradient(u[i]);
            Gradient kl = q.klGradient();
            double[] expected = {
                q.quantile(u[i]),
                draw.mu(),
                draw.logSigma(),
                q.klDivergence(),
                kl.mu(),
                kl.logSigma(),
                q.mean(),
                q.snr()
            };
            assertThat(found).as("unit %d, %s", i, q).containsExactly(expected);
        }
    }

    @Test
    void snr_pointsWherePublicImplementationsFail_isRight() {
        TruncatedLogNormal single = TruncatedLogNormal.of(-0.5, Math.log(0.02));
        assertThat(single.mean()).isCloseTo(0.6066519779759979, withinPercentage(1e-10));
        assertThat(single.snr()).isCloseTo(49.995000083341665, withinPercentage(1e-8));
        TruncatedLogNormal twice = TruncatedLogNormal.of(-5, Math.log(0.1));
        assertThat(twice.mean()).isCloseTo(0.006771721098967922, withinPercentage(1e-10));
        assertThat(twice.snr()).isCloseTo(9.975010442698515, withinPercentage(1e-8));
        assertThat(new SnrRule(1).prunes(-0.5, Math.log(0.02))).isFalse();
        assertThat(new SnrRule(1).prunes(-5, Math.log(0.1))).isFalse();
    }

    private static void checkValues(ErrorMeter meter, GoldenTable table, double[] row, TruncatedLogNormal q) {
        String at = q.toString();
        meter.check("kl", at, table.value(row, "kl"), q.klDivergence(), TIGHT, KL_ABSOLUTE);
        meter.check("mean", at, table.value(row, "mean"), q.mean(), TIGHT, 0);
        meter.check("snr", at, table.value(row, "snr"), q.snr(), SNR, 0);
        double mean = table.value(row, "mean");
        double deviation = mean / table.value(row, "snr");
        meter.check("variance", at, deviation * deviation, q.variance(), 2 * SNR, 0);
    }

    private static double[] column(GoldenTable table, String name) {
        return table.rows().stream().mapToDouble(row -> table.value(row, name)).toArray();
    }

    private static void finish(ErrorMeter meter) {
        if (Boolean.getBoolean("tests.verbose")) {
            System.out.println(meter.summary());
        }
        assertThat(meter.failures()).isEmpty();
    }
}
