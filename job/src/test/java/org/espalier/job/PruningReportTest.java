package org.espalier.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.data.LabelKind;
import org.espalier.objective.ErrorComparison;
import org.espalier.objective.ErrorInterval;
import org.espalier.objective.LabelledOutput;
import org.espalier.runtime.Latency;
import org.junit.jupiter.api.Test;

class PruningReportTest {
    private static PruningReport report() {
        Map<String, Integer> before = new LinkedHashMap<>(Map.of("conv1", 20));
        before.put("conv2", 50);
        Map<String, Integer> after = new LinkedHashMap<>(Map.of("conv1", 4));
        after.put("conv2", 10);
        Latency one = new Latency(
                1, List.of(new Latency.Timing(0.4, 0.3, 0.5, 1, 2500), new Latency.Timing(0.1, 0.1, 0.2, 4, 10_000)));
        Latency hundred = new Latency(
                100, List.of(new Latency.Timing(40, 30, 50, 1, 2500), new Latency.Timing(8, 7, 9, 5, 12_500)));
        return report(
                new PruningReport.Side(0.8, before, 431_080, 2_293_000),
                new PruningReport.Side(0.86, after, 43_108, 229_300),
                List.of(one, hundred),
                1e-6,
                123.4,
                7);
    }

    private static PruningReport report(
            PruningReport.Side before,
            PruningReport.Side after,
            List<Latency> latencies,
            double difference,
            double seconds,
            long seed) {
        ErrorMeasure classes = new ErrorMeasure(
                LabelKind.CLASSES,
                LabelledOutput.Kind.SCORES,
                2000,
                new ErrorComparison(0.8, 0.86, Double.NaN, Double.NaN, new ErrorInterval(-0.4, 0.5), List.of()));
        return new PruningReport(
                before, after, latencies, null, new ExportCheck(difference), seconds, seed, classes, Map.of());
    }

    @Test
    void data_hasExactlyTheFields() {
        Map<String, Object> data = report().data();
        assertThat(data.keySet())
                .containsExactly(
                        "error_percent",
                        "original_error_percent",
                        "error_difference",
                        "error_difference_interval",
                        "test_examples",
                        "units_per_layer",
                        "original_units_per_layer",
                        "units_by_group",
                        "original_units_by_group",
                        "macs",
                        "original_macs",
                        "flops_ratio",
                        "params_ratio",
                        "cpu_speedup",
                        "cpu_speedup_batch_1",
                        "cpu_speedup_batch_100",
                        "max_abs_difference",
                        "wall_seconds",
                        "seed");
        assertThat(data)
                .containsEntry("flops_ratio", 10.0)
                .containsEntry("params_ratio", 10.0)
                .containsEntry("cpu_speedup", 4.0)
                .containsEntry("units_per_layer", List.of(4, 10));
        assertThat(String.valueOf(data.get("units_by_group"))).matches("\\{\\w+=4, \\w+=10\\}");
    }

    @Test
    void json_numbersThatAreNone_becomeNull() {
        assertThat(Json.pretty(Map.of("a", List.of(1, Double.NaN, Float.POSITIVE_INFINITY))))
                .isEqualToIgnoringWhitespace("{\"a\":[1,null,null]}");
    }
}
