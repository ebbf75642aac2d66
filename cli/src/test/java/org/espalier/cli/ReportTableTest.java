package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.data.LabelKind;
import org.espalier.job.ErrorMeasure;
import org.espalier.job.ExportCheck;
import org.espalier.job.PruningReport;
import org.espalier.objective.ErrorComparison;
import org.espalier.objective.ErrorInterval;
import org.espalier.objective.LabelledOutput;
import org.espalier.runtime.Latency;
import org.junit.jupiter.api.Test;

class ReportTableTest {
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
    void text_hasARowPerFigureWithItsRatio() {
        assertThat(ReportTable.text(report()))
                .contains(
                        "0.80 %",
                        "0.86 %", "+0.06 points", "20-50", "4-10", "2,293,000", "10.00x", "batch 100", "5.00x");
    }

    @Test
    void text_saysWhatToTry_whereFewerMultipliesAreNoFaster() {
        assertThat(ReportTable.text(report())).doesNotContain("--round-to");
        PruningReport.Side before = new PruningReport.Side(10, Map.of("conv1", 32), 1000, 40_000);
        PruningReport.Side after = new PruningReport.Side(10, Map.of("conv1", 29), 900, 30_000);
        Latency slower = new Latency(
                1, List.of(new Latency.Timing(0.4, 0.3, 0.5, 1, 2500), new Latency.Timing(0.43, 0.4, 0.5, 0.93, 2300)));
        assertThat(ReportTable.text(report(before, after, List.of(slower), 0, 1, 1)))
                .contains("Fewer multiplies, but no faster", "--round-to 8");
        assertThat(ReportTable.text(report(before, before, List.of(slower), 0, 1, 1)))
                .doesNotContain("--round-to");
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
        String text = ReportTable.text(report(
                new PruningReport.Side(10, before, 1000, 40_000),
                new PruningReport.Side(10, after, 900, 30_000),
                List.of(one),
                0,
                1,
                1));
        assertThat(text).contains("5,000", "1,225", "4.08x").containsPattern("layer49 +100 +49\\R");
        assertThat(text.lines().mapToInt(String::length).max().orElseThrow()).isLessThan(100);
    }
}
