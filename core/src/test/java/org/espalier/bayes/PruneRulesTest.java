package org.espalier.bayes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PruneRulesTest {
    @Test
    void of_eachName_isItsRule() {
        assertThat(PruneRules.of("snr", 2)).isEqualTo(new SnrRule(2));
        assertThat(PruneRules.of("bmrs-n", 2)).isEqualTo(new BmrsNRule(BmrsNRule.Form.EXACT));
        assertThat(PruneRules.of("bmrs-n-published", 2)).isEqualTo(new BmrsNRule(BmrsNRule.Form.PUBLISHED));
        assertThat(PruneRules.of("bmrs-u8", 2)).isEqualTo(new BmrsURule(8));
        assertThat(PruneRules.of("bmrs-u4", 2)).isEqualTo(new BmrsURule(4));
    }

    static Iterable<String> names() {
        return PruneRules.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void score_overTheWholeBox_isFinite_andDecides(String name) {
        PruneRule rule = PruneRules.of(name, 1);
        for (double mu = -20; mu <= 5; mu += 1.25) {
            for (double logSigma = -20; logSigma <= 5; logSigma += 1.25) {
                double score = rule.score(mu, logSigma);
                assertThat(score).isFinite();
                assertThat(rule.prunes(mu, logSigma)).isEqualTo(name.equals("snr") ? score > 0 : score >= 0);
            }
        }
    }

    @Test
    void of_anotherName_saysWhatIsKnown() {
        assertThatThrownBy(() -> PruneRules.of("bmrs-u9", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'bmrs-u9'")
                .hasMessageContaining("bmrs-u8");
    }
}
