package org.espalier.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.espalier.bayes.PruneRules;
import org.espalier.bayes.SnrRule;
import org.espalier.cli.console.Console;
import org.espalier.cli.console.ConsoleListener;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.console.Table;
import org.espalier.cli.options.DataChoice;
import org.espalier.job.Format;
import org.espalier.job.InputException;
import org.espalier.job.Json;
import org.espalier.job.RunConfiguration;
import org.espalier.job.RunFolder;
import org.espalier.job.ThresholdSweep;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code espalier sweep}: error and size over thresholds. */
@Command(
        name = "sweep",
        mixinStandardHelpOptions = true,
        description = {
            "Error and size of a run's network over signal-to-noise thresholds, and by the rules that need none, without training again.",
            "Writes sweep.txt, sweep.json and sweep.svg into the run's folder."
        })
final class SweepCommand implements Callable<Integer> {
    private static final List<String> FILES = List.of("sweep.json", "sweep.txt", "sweep.svg");
    private static final int MOST_STEPS = 10_000;

    /** Thresholds are multiples of 10⁻⁹, so that 3 · 0.1 is 0.3. */
    private static final double DECIMALS = 1e9;

    @ParentCommand
    private EspalierCommand espalier;

    @Parameters(paramLabel = "RUN", description = "A run's folder.")
    private Path run;

    @Option(names = "--from", paramLabel = "T", description = "First threshold (default: ${DEFAULT-VALUE}).")
    private double from;

    @Option(names = "--to", paramLabel = "T", description = "Last threshold (default: ${DEFAULT-VALUE}).")
    private double to = 2;

    @Option(names = "--step", paramLabel = "D", description = "Step (default: ${DEFAULT-VALUE}).")
    private double step = 0.1;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "Where data sets lie (default: as in the run).")
    private @Nullable Path dataDir;

    @Override
    public Integer call() {
        if (!(from >= 0) || !(to >= from) || !(step > 0) || !((to - from) / step < MOST_STEPS)) {
            throw new InputException("--from, --to, --step must be 0 <= from <= to and step > 0, and give fewer than "
                    + MOST_STEPS + " thresholds, found " + from + ", " + to + " and " + step);
        }
        Console console = espalier.console();
        try (RunFolder folder = RunFolder.open(run)) {
            RunConfiguration c = folder.readConfiguration(RunConfiguration.class);
            FILES.forEach(f -> folder.requireFreePlace(run.resolve(f)));
            ThresholdSweep thresholds = new ThresholdSweep(folder, c, DataChoice.open(c, dataDir, console));
            thresholds.noteGone(new ConsoleListener(console));
            long original = thresholds.originalMacs();
            List<Map<String, Object>> rows = new ArrayList<>();
            List<SweepPlot.Point> points = new ArrayList<>();
            Table table = new Table("threshold", "error", "units per layer", "parameters", "MACs", "ratio");
            int steps = (int) Math.floor((to - from) / step + 1 / DECIMALS);
            for (int i = 0; i <= steps; i++) {
                double threshold = Math.rint((from + i * step) * DECIMALS) / DECIMALS;
                ThresholdSweep.Cut cut = thresholds.cut(new SnrRule(threshold));
                rows.add(row("threshold", threshold, cut, original));
                points.add(new SweepPlot.Point(threshold, cut.errorPercent(), 100.0 * cut.macs() / original));
                add(table, Format.of("%.2f", threshold), cut, original);
            }
            List<Map<String, Object>> rules = new ArrayList<>();
            for (String name : PruneRules.names()) {
                if (!name.equals(PruneRules.SNR)) {
                    ThresholdSweep.Cut cut = thresholds.cut(PruneRules.of(name, 1));
                    rules.add(row("decide", name, cut, original));
                    add(table, name, cut, original);
                }
            }
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("thresholds", rows);
            result.put("rules", rules);
            // First what took the time: there may be no room for files.
            console.result(result, table.toString());
            write(folder, result, table, points, c);
            console.note("espalier: " + run.resolve("sweep.svg") + ", sweep.json and sweep.txt beside it");
        }
        return ExitCode.DONE;
    }

    private static void write(
            RunFolder folder,
            Map<String, Object> result,
            Table table,
            List<SweepPlot.Point> points,
            RunConfiguration c) {
        String title = Path.of(c.network()).getFileName() + " on " + c.data() + ", not fine-tuned";
        folder.write(FILES.get(0), utf8(Json.pretty(result) + "\n"));
        folder.write(FILES.get(1), utf8(table.toString()));
        folder.write(FILES.get(2), utf8(SweepPlot.svg(points, title)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void add(Table table, String label, ThresholdSweep.Cut cut, long original) {
        table.row(
                label,
                Format.percent(cut.errorPercent()),
                cut.units().values().stream().map(String::valueOf).collect(Collectors.joining("-")),
                Format.count(cut.parameters()),
                Format.count(cut.macs()),
                Format.ratio((double) original / cut.macs()));
    }

    private static Map<String, Object> row(String key, Object value, ThresholdSweep.Cut cut, long original) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put(key, value);
        row.put("error_percent", cut.errorPercent());
        row.put("units_per_layer", List.copyOf(cut.units().values()));
        row.put("parameters", cut.parameters());
        row.put("macs", cut.macs());
        row.put("flops_ratio", (double) original / cut.macs());
        return row;
    }
}
