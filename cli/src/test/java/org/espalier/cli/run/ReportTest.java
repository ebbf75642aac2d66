package org.espalier.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.cli.console.Console;
import org.espalier.data.LabelKind;
import org.espalier.runtime.Latency;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static Report report() {
        Map<String, Integer> before = new LinkedHashMap<>(Map.of("conv1", 20));
        before.put("conv2", 50);
        Map<String, Integer> after = new LinkedHashMap<>(Map.of("conv1", 4));
        after.put("conv2", 10);
        Latency one = new Latency(
                1, List.of(new Latency.Timing(0.4, 0.3, 0.5, 1, 2500), new Latency.Timing(0.1, 0.1, 0.2, 4, 10_000)));
        Latency hundred = new Latency(
                100, List.of(new Latency.Timing(40, 30, 50, 1, 2500), new Latency.Timing(8, 7, 9, 5, 12_500)));
        return report(
                new Report.Side(0.8, before, 431_080, 2_293_000),
                new Report.Side(0.86, after, 43_108, 229_300),
                List.of(one, hundred),
                1e-6,
                123.4,
                7);
    }

    private static Report report(
            Report.Side before,
            Report.Side after,
            List<Latency> latencies,
            double difference,
            double seconds,
            long seed) {
        Measure classes = new Measure(LabelKind.CLASSES, true, 2000, Double.NaN);
        return new Report(before, after, latencies, null, new Proof(difference), seconds, seed, classes, Map.of());
    }

    @Test
    void data_hasExactlyTheFields() {
        Map<String, Object> data = report().data();
        assertThat(data.keySet())
                .containsExactly(
                        "error_percent",
                        "original_error_percent",
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
    void text_hasARowPerFigureWithItsRatio() {
        assertThat(report().text())
                .contains(
                        "0.80 %",
                        "0.86 %", "+0.06 points", "20-50", "4-10", "2,293,000", "10.00x", "batch 100", "5.00x");
    }

    @Test
    void text_saysWhatToTry_whereFewerMultipliesAreNoFaster() {
        assertThat(report().text()).doesNotContain("--round-to");
        Report.Side before = new Report.Side(10, Map.of("conv1", 32), 1000, 40_000);
        Report.Side after = new Report.Side(10, Map.of("conv1", 29), 900, 30_000);
        Latency slower = new Latency(
                1, List.of(new Latency.Timing(0.4, 0.3, 0.5, 1, 2500), new Latency.Timing(0.43, 0.4, 0.5, 0.93, 2300)));
        assertThat(report(before, after, List.of(slower), 0, 1, 1).text())
                .contains("Fewer multiplies, but no faster", "--round-to 8");
        assertThat(report(before, before, List.of(slower), 0, 1, 1).text()).doesNotContain("--round-to");
    }

    @Test
    void text_ofManyGroups_hasARowForEach_ratherThanALongLine() {
        Map<String, Integer> before = new LinkedHashMap<>();
        Map<String, Integer> after = new LinkedHashMap<>();
        for (int i = 0; i < 50; i++) {
            before.put("layer" + i, 100);
            after.put("layer" + i, i);
        }
        Latency one = new Latency(
                1, List.of(new Latency.Timing(0.4, 0.3, 0.5, 1, 2500), new Latency.Timing(0.1, 0.1, 0.1, 4, 10_000)));
        String text = report(
                        new Report.Side(10, before, 1000, 40_000),
                        new Report.Side(10, after, 900, 30_000),
                        List.of(one),
                        0,
                        1,
                        1)
                .text();
        assertThat(text).contains("5,000", "1,225", "4.08x").containsPattern("layer49 +100 +49\\R");
        assertThat(text.lines().mapToInt(String::length).max().orElseThrow()).isLessThan(100);
    }

    @Test
    void json_numbersThatAreNone_becomeNull() {
        assertThat(Console.toJson(Map.of("a", List.of(1, Double.NaN, Float.POSITIVE_INFINITY))))
                .isEqualToIgnoringWhitespace("{\"a\":[1,null,null]}");
    }
}
