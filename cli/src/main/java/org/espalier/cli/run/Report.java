package org.espalier.cli.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.espalier.cli.console.Format;
import org.espalier.cli.console.Table;
import org.espalier.data.LabelKind;
import org.espalier.runtime.Latency;
import org.jspecify.annotations.Nullable;

/**
 * What a run came to: the pruned network beside the original.
 *
 * @param original the network before pruning
 * @param pruned the result
 * @param latencies both networks' latency, original first, one per batch size; the first one's ratio is the speed-up reported
 * @param gpuSpeedup of libtorch on the GPU that the run trained on; null where it trained on the CPU
 * @param proof that the masked network computes what the file that was written does
 * @param wallSeconds the whole job
 * @param seed that gives the same run again
 * @param measure what the errors are
 * @param settings what the run was made with, by the names of {@link #data}
 */
public record Report(
        Side original,
        Side pruned,
        List<Latency> latencies,
        @Nullable Double gpuSpeedup,
        Proof proof,
        double wallSeconds,
        long seed,
        Measure measure,
        Map<String, Object> settings) {
    /** Ratio from which on something has become smaller or faster, beyond what a timing's noise does. */
    private static final double NOTABLE = 1.1;

    /** Groups whose units are shown in one line; that of ResNet-50 would have 330 characters. */
    private static final int MOST_IN_A_LINE = 20;

    public Report {
        latencies = List.copyOf(latencies);
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        if (latencies.isEmpty()) {
            throw new IllegalArgumentException("report: latency must be measured, expected at least one batch size");
        }
    }

    /**
     * One of the two networks.
     *
     * @param errorPercent on the test set
     * @param unitsPerLayer units that are left in each group, in the network's order
     * @param parameters floating-point constants
     * @param macs multiply-accumulates at batch size 1
     */
    record Side(double errorPercent, Map<String, Integer> unitsPerLayer, long parameters, long macs) {
        Side {
            unitsPerLayer = new LinkedHashMap<>(unitsPerLayer);
        }

        private List<Integer> units() {
            return List.copyOf(unitsPerLayer.values());
        }

        private long allUnits() {
            return units().stream().mapToLong(Integer::longValue).sum();
        }
    }

    double flopsRatio() {
        return (double) original.macs / pruned.macs;
    }

    double paramsRatio() {
        return (double) original.parameters / pruned.parameters;
    }

    double cpuSpeedup() {
        return latencies.get(0).timings().get(1).speedup();
    }

    /** The report as the one JSON document of {@code --json}. */
    public Map<String, Object> data() {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("error_percent", pruned.errorPercent);
        data.put("original_error_percent", original.errorPercent);
        if (measure.kind() == LabelKind.TARGETS) {
            data.put("rmse", measure.rmse(pruned.errorPercent));
            data.put("original_rmse", measure.rmse(original.errorPercent));
        }
        data.put("test_examples", measure.examples());
        data.put("units_per_layer", pruned.units());
        data.put("original_units_per_layer", original.units());
        data.put("units_by_group", pruned.unitsPerLayer);
        data.put("original_units_by_group", original.unitsPerLayer);
        data.put("macs", pruned.macs);
        data.put("original_macs", original.macs);
        data.put("flops_ratio", flopsRatio());
        data.put("params_ratio", paramsRatio());
        data.put("cpu_speedup", cpuSpeedup());
        for (Latency l : latencies) {
            data.put("cpu_speedup_batch_" + l.batch(), l.timings().get(1).speedup());
        }
        if (gpuSpeedup != null) {
            data.put("gpu_speedup", gpuSpeedup);
        }
        data.put("max_abs_difference", proof.maxAbsDifference());
        data.putAll(proof.halfData());
        data.put("wall_seconds", wallSeconds);
        data.put("seed", seed);
        data.putAll(settings);
        return data;
    }

    /** The report as a table. */
    public String text() {
        Table table = new Table("", "original", "pruned", "ratio");
        table.row(
                measure.label(),
                Format.percent(original.errorPercent),
                Format.percent(pruned.errorPercent),
                Format.of("%+.2f points", pruned.errorPercent - original.errorPercent));
        if (measure.kind() == LabelKind.TARGETS) {
            double before = measure.rmse(original.errorPercent);
            double after = measure.rmse(pruned.errorPercent);
            table.row("rmse", Format.of("%.4g", before), Format.of("%.4g", after), Format.of("%+.2g", after - before));
        }
        boolean wide = original.unitsPerLayer.size() > MOST_IN_A_LINE;
        table.row(
                wide ? "units" : "units per layer",
                wide ? Format.count(original.allUnits()) : dashes(original.units()),
                wide ? Format.count(pruned.allUnits()) : dashes(pruned.units()),
                Format.ratio((double) original.allUnits() / pruned.allUnits()));
        table.row(
                "parameters",
                Format.count(original.parameters),
                Format.count(pruned.parameters),
                Format.ratio(paramsRatio()));
        table.row("MACs", Format.count(original.macs), Format.count(pruned.macs), Format.ratio(flopsRatio()));
        for (Latency l : latencies) {
            table.row(
                    "CPU latency, batch " + l.batch(),
                    Format.millis(l.timings().get(0).medianMillis()) + " ms",
                    Format.millis(l.timings().get(1).medianMillis()) + " ms",
                    Format.ratio(l.timings().get(1).speedup()));
        }
        if (gpuSpeedup != null) {
            table.row("GPU latency, batch " + PruneJob.GPU_BATCH, "", "", Format.ratio(gpuSpeedup));
        }
        return table
                + (wide ? System.lineSeparator() + groups() : "")
                + Format.of("%n%s %.1f s, seed %d.%n", proof.text(), wallSeconds, seed)
                + (settings.isEmpty() ? "" : settingsLine())
                + advice();
    }

    /** What to try where fewer multiplies did not make the network faster. */
    private String advice() {
        boolean slow = latencies.stream().allMatch(l -> l.timings().get(1).speedup() < NOTABLE);
        return slow && flopsRatio() > NOTABLE
                ? "Fewer multiplies, but no faster: runtimes compute channels in blocks, so try"
                        + " 'espalier prune --round-to 8', or 16, on the original."
                        + System.lineSeparator()
                : "";
    }

    private String settingsLine() {
        return settings.entrySet().stream()
                        .map(e -> e.getKey().replace('_', ' ') + " "
                                + (e.getValue() instanceof Double d ? Format.of("%,.0f", d) : e.getValue()))
                        .collect(Collectors.joining(", "))
                + System.lineSeparator();
    }

    private Table groups() {
        Table table = new Table("group", "units", "are left");
        original.unitsPerLayer.forEach(
                (name, units) -> table.row(name, units, pruned.unitsPerLayer.getOrDefault(name, 0)));
        return table;
    }

    private static String dashes(List<Integer> units) {
        return units.stream().map(String::valueOf).collect(Collectors.joining("-"));
    }
}
