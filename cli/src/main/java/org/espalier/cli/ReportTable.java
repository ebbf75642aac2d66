package org.espalier.cli;

import java.util.List;
import java.util.stream.Collectors;
import org.espalier.cli.console.Table;
import org.espalier.job.ErrorMeasure;
import org.espalier.job.Format;
import org.espalier.job.PruningJob;
import org.espalier.job.PruningReport;
import org.espalier.runtime.Latency;

/** A run's report for people. */
record ReportTable(PruningReport report) {
    /** Ratio from which on something has become smaller or faster, beyond what a timing's noise does. */
    private static final double NOTABLE = 1.1;

    /** Groups whose units are shown in one line; that of ResNet-50 would have 330 characters. */
    private static final int MOST_IN_A_LINE = 20;

    /** A table of the two networks, and what is to be said about them below it. */
    static String text(PruningReport report) {
        return new ReportTable(report).text();
    }

    private String text() {
        PruningReport.Side original = report.original();
        PruningReport.Side pruned = report.pruned();
        ErrorMeasure measure = report.measure();
        Table table = new Table("", "original", "pruned", "ratio");
        table.row(
                measure.label(),
                Format.percent(original.errorPercent()),
                Format.percent(pruned.errorPercent()),
                Format.of("%+.2f points", pruned.errorPercent() - original.errorPercent()));
        if (measure.predictsNumbers()) {
            double before = measure.errors().originalRmse();
            double after = measure.errors().rmse();
            table.row("rmse", Format.of("%.4g", before), Format.of("%.4g", after), Format.of("%+.2g", after - before));
        }
        boolean wide = original.unitsPerLayer().size() > MOST_IN_A_LINE;
        table.row(
                wide ? "units" : "units per layer",
                wide ? Format.count(original.allUnits()) : dashes(original.units()),
                wide ? Format.count(pruned.allUnits()) : dashes(pruned.units()),
                Format.ratio((double) original.allUnits() / pruned.allUnits()));
        table.row(
                "parameters",
                Format.count(original.parameters()),
                Format.count(pruned.parameters()),
                Format.ratio(report.paramsRatio()));
        table.row(
                "MACs", Format.count(original.macs()), Format.count(pruned.macs()), Format.ratio(report.flopsRatio()));
        for (Latency l : report.latencies()) {
            table.row(
                    "CPU latency, batch " + l.batch(),
                    Format.millis(l.timings().get(0).medianMillis()) + " ms",
                    Format.millis(l.timings().get(1).medianMillis()) + " ms",
                    Format.ratio(l.timings().get(1).speedup()));
        }
        if (report.gpuSpeedup() != null) {
            table.row("GPU latency, batch " + PruningJob.GPU_BATCH, "", "", Format.ratio(report.gpuSpeedup()));
        }
        return table
                + (wide ? System.lineSeparator() + groups() : "")
                + Format.of("%n%s %.1f s, seed %d.%n", report.proof().text(), report.wallSeconds(), report.seed())
                + (report.settings().isEmpty() ? "" : settingsLine())
                + advice();
    }

    /** What to try where fewer multiplies did not make the network faster. */
    private String advice() {
        boolean slow =
                report.latencies().stream().allMatch(l -> l.timings().get(1).speedup() < NOTABLE);
        return slow && report.flopsRatio() > NOTABLE
                ? "Fewer multiplies, but no faster: runtimes compute channels in blocks, so try"
                        + " 'espalier prune --round-to 8', or 16, on the original."
                        + System.lineSeparator()
                : "";
    }

    private String settingsLine() {
        return report.settings().entrySet().stream()
                        .map(e -> e.getKey().replace('_', ' ') + " "
                                + (e.getValue() instanceof Double d ? Format.of("%,.0f", d) : e.getValue()))
                        .collect(Collectors.joining(", "))
                + System.lineSeparator();
    }

    private Table groups() {
        Table table = new Table("group", "units", "are left");
        report.original()
                .unitsPerLayer()
                .forEach((name, units) ->
                        table.row(name, units, report.pruned().unitsPerLayer().getOrDefault(name, 0)));
        return table;
    }

    private static String dashes(List<Integer> units) {
        return units.stream().map(String::valueOf).collect(Collectors.joining("-"));
    }
}
