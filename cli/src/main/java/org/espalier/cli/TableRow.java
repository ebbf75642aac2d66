package org.espalier.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.espalier.cli.console.Table;
import org.espalier.job.Format;
import org.espalier.method.MethodSetting;
import org.espalier.method.PruningMethods;
import org.jspecify.annotations.Nullable;

/**
 * One row of a table that is reproduced; null for what its source does not say.
 *
 * @param source published, or measured
 * @param epochs the budget: epochs of training, pruning and fine-tuning
 */
record TableRow(
        String network,
        String method,
        String source,
        double errorPercent,
        String units,
        @Nullable Double cpu,
        @Nullable Double cpuBatch100,
        @Nullable Double gpu,
        double flops,
        @Nullable String epochs,
        @Nullable Double wallSeconds) {
    /** A published row. */
    static TableRow of(PublishedRow p) {
        return new TableRow(
                p.network(),
                p.method(),
                "published",
                p.errorPercent(),
                p.units(),
                p.cpu(),
                null,
                p.gpu(),
                p.flops(),
                null,
                null);
    }

    /** A network by its run's report. The original is what the others are compared with. */
    static TableRow measured(String network, PruningMethods method, JsonNode r, String epochs) {
        boolean pruned = method.has(MethodSetting.PRUNING_PHASE);
        return new TableRow(
                network,
                method.title(),
                "measured, seed " + r.path("seed").asLong(),
                r.path("error_percent").asDouble(),
                dashes(network, r.path("units_per_layer")),
                speedup(r, "cpu_speedup", pruned),
                speedup(r, "cpu_speedup_batch_100", pruned),
                speedup(r, "gpu_speedup", pruned),
                r.path("flops_ratio").asDouble(),
                epochs,
                r.path("wall_seconds").asDouble());
    }

    private static @Nullable Double speedup(JsonNode r, String key, boolean pruned) {
        if (!r.has(key)) {
            return null;
        }
        return pruned ? r.path(key).asDouble() : 1.0;
    }

    /** As the published table writes them: with the classes for networks of dense layers. */
    private static String dashes(String network, JsonNode units) {
        String kept = StreamSupport.stream(units.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining("-"));
        return network.startsWith("lenet-") ? kept + "-10" : kept;
    }

    /** The row by column names. */
    Map<String, Object> data() {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("network", network);
        row.put("method", method);
        row.put("source", source);
        row.put("error_percent", errorPercent);
        row.put("units_per_layer", units);
        put(row, "cpu_speedup", cpu);
        put(row, "cpu_speedup_batch_100", cpuBatch100);
        put(row, "gpu_speedup", gpu);
        row.put("flops_ratio", flops);
        put(row, "epochs", epochs);
        put(row, "wall_seconds", wallSeconds);
        return row;
    }

    private static void put(Map<String, Object> row, String key, @Nullable Object value) {
        if (value != null) {
            row.put(key, value);
        }
    }

    /** The rows as a table for people. */
    static String text(List<TableRow> rows) {
        Table table = new Table(
                "network",
                "method",
                "source",
                "error",
                "units per layer",
                "CPU",
                "CPU, batch 100",
                "GPU",
                "FLOPs",
                "epochs",
                "seconds");
        for (TableRow r : rows) {
            table.row(
                    r.network,
                    r.method,
                    r.source,
                    Format.percent(r.errorPercent),
                    r.units,
                    r.cpu == null ? "" : Format.ratio(r.cpu),
                    r.cpuBatch100 == null ? "" : Format.ratio(r.cpuBatch100),
                    r.gpu == null ? "" : Format.ratio(r.gpu),
                    Format.ratio(r.flops),
                    r.epochs == null ? "" : r.epochs,
                    r.wallSeconds == null ? "" : Format.of("%.0f", r.wallSeconds));
        }
        return table.toString();
    }
}
