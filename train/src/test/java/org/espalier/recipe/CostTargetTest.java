package org.espalier.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CostTargetTest {
    @Test
    void parse_sharesAndAmounts_areReadInTheKindsUnit() {
        assertThat(CostTarget.parse("macs=0.5, params=300k,size=1.5MiB,latency=4000us"))
                .containsExactly(
                        new CostTarget(CostKind.MACS, 0.5, true),
                        new CostTarget(CostKind.PARAMS, 300_000, false),
                        new CostTarget(CostKind.SIZE, 1.5 * 1048576, false),
                        new CostTarget(CostKind.LATENCY, 4, false));
        assertThat(CostTarget.parse(" ")).isEmpty();
        assertThat(CostTarget.parse("macs=1234567").get(0).most(5)).isEqualTo(1_234_567);
        assertThat(CostTarget.parse("macs=0.5").get(0).most(500)).isEqualTo(250);
    }

    @ParameterizedTest
    @ValueSource(strings = {"macs=0.5", "params=300000", "size=2000000B", "latency=4ms", "macs=0.125,latency=0.5"})
    void toString_target_isReadAgain(String text) {
        List<CostTarget> targets = CostTarget.parse(text);
        assertThat(String.join(",", targets.stream().map(CostTarget::toString).toList()))
                .isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "macs",
                "macs=",
                "macs=0",
                "macs=-1",
                "macs=1.2.3",
                "flops=0.5",
                "latency=4",
                "size=2",
                "size=2mb",
                "macs=2ms",
                "macs=0.5,macs=0.4",
                "macs=0.5,",
                "macs=1e999"
            })
    void parse_noTarget_isRefusedByName(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CostTarget.parse(text))
                .withMessageContaining("target '")
                .withMessageContaining("expected");
    }

    @ParameterizedTest
    @CsvSource({"macs=0.5, 34567, 100000", "macs=50M, 12345, 1", "size=1kB, 123456, 1", "latency=1ms, 1.23456, 9"})
    void allowing_leastCost_isATargetThatAllowsIt(String text, double least, double original) {
        CostTarget t = CostTarget.parse(text).get(0);
        String nearest = t.allowing(least, original);
        double most = CostTarget.parse(nearest).get(0).most(original);
        assertThat(most).isBetween(least, least * 1.01);
    }
}
