package org.espalier.job;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
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
public record PruningReport(
        Side original,
        Side pruned,
        List<Latency> latencies,
        @Nullable Double gpuSpeedup,
        ExportCheck proof,
        double wallSeconds,
        long seed,
        ErrorMeasure measure,
        Map<String, Object> settings) {
    /** Where {@link #settings} have the bounds of the run and what came of them. */
    public static final String BUDGET = "budget";

    static final String REMOVED_NOTHING = "removed_nothing";

    /**
     * Copies the list and the map.
     *
     * @param original the network before pruning
     * @param pruned the result
     * @param latencies both networks' latency, one per batch size
     * @param gpuSpeedup of libtorch on the GPU; null where the run trained on the CPU
     * @param proof how far the file's outputs are from the masked network's
     * @param wallSeconds the whole job
     * @param seed that gives the same run again
     * @param measure what the errors are
     * @param settings what the run was made with
     * @throws IllegalArgumentException if there is no latency
     */
    public PruningReport {
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
    public record Side(double errorPercent, Map<String, Integer> unitsPerLayer, long parameters, long macs) {
        /**
         * Copies the map.
         *
         * @param errorPercent on the test set
         * @param unitsPerLayer units that are left in each group
         * @param parameters floating-point constants
         * @param macs multiply-accumulates at batch size 1
         */
        public Side {
            unitsPerLayer = new LinkedHashMap<>(unitsPerLayer);
        }

        /**
         * Counts what a network costs for one example of the data.
         *
         * @param graph the network
         * @param data says how large an example is
         * @param errorPercent its error on the test set
         * @param units units that are left in each group, in the network's order
         * @return the figures
         */
        public static Side of(Graph graph, DataSet data, double errorPercent, Map<String, Integer> units) {
            return new Side(
                    errorPercent,
                    units,
                    MemoryEstimate.cost(graph, data).parameters(),
                    MemoryEstimate.macs(graph, data));
        }

        /**
         * The same with another number of parameters: those of the file that was given, before it was prepared.
         *
         * @param others how many
         * @return the changed copy
         */
        public Side withParameters(long others) {
            return new Side(errorPercent, unitsPerLayer, others, macs);
        }

        /** {@return units that are left in each group, in the network's order} */
        public List<Integer> units() {
            return List.copyOf(unitsPerLayer.values());
        }

        /** {@return units that are left, over all groups} */
        public long allUnits() {
            return units().stream().mapToLong(Integer::longValue).sum();
        }
    }

    /** {@return whether the run was to remove units and removed none, so that the result is the original} */
    public boolean removedNothing() {
        return Boolean.TRUE.equals(settings.get(REMOVED_NOTHING));
    }

    /** {@return how many times fewer multiply-accumulates the pruned network does} */
    public double flopsRatio() {
        return (double) original.macs / pruned.macs;
    }

    /** {@return how many times fewer parameters the pruned network has} */
    public double paramsRatio() {
        return (double) original.parameters / pruned.parameters;
    }

    /** {@return whether a cost or the error is above its bound} */
    public boolean isBudgetMissed() {
        return settings.get(BUDGET) instanceof List<?> lines
                && lines.stream().anyMatch(l -> l instanceof Budget.Line line && !line.met());
    }

    double cpuSpeedup() {
        return latencies.get(0).timings().get(1).speedup();
    }

    /** {@return the report as maps, lists, strings and numbers: what {@code report.json} holds} */
    public Map<String, Object> data() {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("error_percent", pruned.errorPercent);
        data.put("original_error_percent", original.errorPercent);
        data.putAll(measure.details());
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
        data.putAll(proof.details());
        data.put("wall_seconds", wallSeconds);
        data.put("seed", seed);
        data.putAll(settings);
        return data;
    }
}
