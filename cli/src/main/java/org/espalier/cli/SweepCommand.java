package org.espalier.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.espalier.cost.Cost;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code espalier sweep}: error and size over thresholds. */
@Command(
        name = "sweep",
        mixinStandardHelpOptions = true,
        description = "Error and size of a run's network over signal-to-noise thresholds, without training again.")
final class SweepCommand implements Callable<Integer> {
    @ParentCommand
    private Espalier espalier;

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
        if (!(from >= 0) || !(to >= from) || !(step > 0)) {
            throw new InputException("--from, --to, --step must be 0 <= from <= to and step > 0, found " + from + ", "
                    + to + " and " + step);
        }
        Console console = espalier.console();
        try (RunFolder folder = RunFolder.open(run)) {
            RunConfiguration c = folder.readConfiguration(RunConfiguration.class);
            Thresholds thresholds = new Thresholds(folder, DataChoice.open(c, dataDir), c.task());
            Cost original = Cost.of(thresholds.original().prepared());
            List<Map<String, Object>> rows = new ArrayList<>();
            Table table = new Table("threshold", "error", "units per layer", "parameters", "MACs", "ratio");
            int steps = (int) Math.round((to - from) / step);
            for (int i = 0; i <= steps; i++) {
                Thresholds.Cut cut = thresholds.cut(from + i * step);
                rows.add(row(cut, original));
                Cost cost = cut.cost();
                table.row(
                        Format.of("%.2f", cut.threshold()),
                        Format.percent(cut.errorPercent()),
                        cut.units().values().stream().map(String::valueOf).collect(Collectors.joining("-")),
                        Format.count(cost.parameters()),
                        Format.count(cost.macs()),
                        Format.ratio((double) original.macs() / cost.macs()));
            }
            console.result(Map.of("thresholds", rows), table.toString());
        }
        return Espalier.DONE;
    }

    private static Map<String, Object> row(Thresholds.Cut cut, Cost original) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("threshold", cut.threshold());
        row.put("error_percent", cut.errorPercent());
        row.put("units_per_layer", List.copyOf(cut.units().values()));
        row.put("parameters", cut.cost().parameters());
        row.put("macs", cut.cost().macs());
        row.put("flops_ratio", (double) original.macs() / cut.cost().macs());
        return row;
    }
}
