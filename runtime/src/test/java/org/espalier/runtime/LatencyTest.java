package org.espalier.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Value;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;

class LatencyTest {
    /** Other work on the machine can spoil one measurement. */
    private static final int ATTEMPTS = 5;

    @Test
    void measure_aNetworkOfAFortiethOfTheWork_isFaster() {
        try (OnnxSession large = OnnxSession.open(Zoo.build("lenet5", 1), 1);
                OnnxSession small = OnnxSession.open(Zoo.build("lenet5:0.1", 1), 1)) {
            Latency latency = measure(large, small);
            for (int i = 1; i < ATTEMPTS && latency.timings().get(1).speedup() <= 1.5; i++) {
                latency = measure(large, small);
            }
            assertThat(latency.batch()).isEqualTo(16);
            assertThat(latency.timings()).hasSize(2).allSatisfy(t -> {
                assertThat(t.medianMillis()).isBetween(t.lowMillis(), t.highMillis());
                assertThat(t.lowMillis()).isPositive();
                assertThat(t.throughput()).isCloseTo(16_000 / t.medianMillis(), within(1e-6));
            });
            assertThat(latency.timings().get(0).speedup()).isEqualTo(1);
            assertThat(latency.timings().get(1).speedup()).isGreaterThan(1.5);
        }
    }

    private static Latency measure(OnnxSession large, OnnxSession small) {
        return Latency.measure(List.of(large, small), 16, Map.of(), Duration.ofMillis(200));
    }

    @Test
    void quantile_betweenOrderStatistics_isLinear() {
        double[] values = {4, 1, 2, 3};
        assertThat(Latency.quantile(values, 0.5)).isEqualTo(2.5);
        assertThat(Latency.quantile(values, 0.25)).isEqualTo(1.75);
        assertThat(Latency.quantile(new double[] {9}, 0.75)).isEqualTo(9);
    }

    @Test
    void shape_freeAndFixedDimensions() {
        Value v = new Value(
                "x", ElementType.FLOAT, List.of(Dimension.symbol("N"), Dimension.symbol("T"), Dimension.of(3)));
        assertThat(Inputs.shape(v, 5, Map.of("T", 7))).containsExactly(5, 7, 3);
        assertThatThrownBy(() -> Inputs.shape(v, 5, Map.of()))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("free dimension 'T'");
        Value fixed = new Value("x", ElementType.FLOAT, List.of(Dimension.of(1), Dimension.of(3)));
        assertThat(Value.fixedBatch(List.of(fixed))).isEqualTo(1);
        assertThat(Value.fixedBatch(List.of(v))).isZero();
        assertThatThrownBy(() -> Inputs.shape(fixed, 100, Map.of()))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("expected 1, found 100");
    }
}
