package org.espalier.bayes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PruneRuleTest {
    private static final double TOLERANCE = 1e-12;

    @Test
    void scores_goldenPoints_withinTolerance() {
        GoldenTable table = GoldenTable.resource("prune_rules.csv");
        ErrorMeter meter = new ErrorMeter();
        List<String> names = List.of("bmrs_n_exact", "bmrs_n_published", "bmrs_u8", "bmrs_u4");
        List<PruneRule> rules = List.of(
                new BmrsNRule(BmrsNRule.Form.EXACT),
                new BmrsNRule(BmrsNRule.Form.PUBLISHED),
                new BmrsURule(8),
                new BmrsURule(4));
        for (double[] row : table.rows()) {
            double mu = table.value(row, "mu");
            double logSigma = table.value(row, "log_sigma");
            for (int i = 0; i < rules.size(); i++) {
                double expected = table.value(row, names.get(i));
                String at = "mu " + mu + " log sigma " + logSigma;
                meter.check(names.get(i), at, expected, rules.get(i).score(mu, logSigma), TOLERANCE, TOLERANCE);
                assertThat(rules.get(i).prunes(mu, logSigma)).as(at).isEqualTo(expected >= 0);
            }
        }
        if (Boolean.getBoolean("tests.verbose")) {
            System.out.println(meter.summary());
        }
        assertThat(meter.failures()).isEmpty();
    }

    @Test
    void bmrsN_forms_differByHalfLogTwoPi() {
        double exact = new BmrsNRule(BmrsNRule.Form.EXACT).score(-10, 2);
        double published = new BmrsNRule(BmrsNRule.Form.PUBLISHED).score(-10, 2);
        assertThat(published - exact).isCloseTo(0.9189385332046727, within(1e-14));
    }

    @Test
    void bmrsN_exactFormAboveMinusEight_neverPrunes() {
        PruneRule rule = new BmrsNRule(BmrsNRule.Form.EXACT);
        for (double mu = -8; mu <= 5; mu += 0.25) {
            for (double logSigma = -20; logSigma <= 5; logSigma += 0.25) {
                assertThat(rule.prunes(mu, logSigma))
                        .as("mu %s, log sigma %s", mu, logSigma)
                        .isFalse();
            }
        }
    }

    @Test
    void snr_aroundTheThreshold_keepsTheTie() {
        double snr = TruncatedLogNormal.of(-2, 0.3).snr();
        assertThat(new SnrRule(snr).prunes(-2, 0.3)).isFalse();
        assertThat(new SnrRule(Math.nextUp(snr)).prunes(-2, 0.3)).isTrue();
        assertThat(new SnrRule(0).prunes(-20, 5)).isFalse();
        assertThat(new SnrRule(1).prunes(-10, 3)).isTrue();
        assertThat(new SnrRule(1).prunes(0, -5)).isFalse();
    }

    @Test
    void rules_notANumber_throw() {
        for (PruneRule rule : List.of(new SnrRule(1), new BmrsNRule(BmrsNRule.Form.EXACT), new BmrsURule(8))) {
            assertThatThrownBy(() -> rule.prunes(Double.NaN, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("unit: mu and log sigma must be finite, found mu NaN, log sigma 0.0");
            assertThatThrownBy(() -> rule.score(0, Double.POSITIVE_INFINITY))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void rules_badSettings_throw() {
        assertThatThrownBy(() -> new SnrRule(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SnrRule(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BmrsURule(23)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BmrsURule(8, new LogUniform(-10, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("support must contain");
    }
}
