package org.espalier.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;
import org.espalier.runtime.Latency;
import org.espalier.runtime.OnnxSession;

/**
 * How long two networks take in ONNX Runtime on one thread of the CPU.
 *
 * @param batches one latency per batch size, the original network's timing first; the first one's ratio is the speed-up of the report
 */
public record LatencyComparison(List<Latency> batches) {
    private static final int[] BATCHES = {1, 100};

    /** One in so many of a network's values is in memory while it runs, as a guess. */
    private static final int AT_A_TIME = 4;

    /**
     * Copies the list.
     *
     * @param batches one latency per batch size
     */
    public LatencyComparison {
        batches = List.copyOf(batches);
    }

    /**
     * Times both networks on the first examples: one at a time, and 100 at a time where memory suffices. A network
     * with a fixed batch is timed at that batch.
     *
     * @param original one network
     * @param pruned the other
     * @param data the examples
     * @param budget how long to time each network at each batch size
     * @param listener is told which batch sizes are left out
     * @return the timings
     */
    public static LatencyComparison measure(
            Graph original, Graph pruned, DataSet data, Duration budget, JobListener listener) {
        try (OnnxSession a = OnnxSession.open(original, 1);
                OnnxSession b = OnnxSession.open(pruned, 1)) {
            int fixed = Value.fixedBatch(a.inputs());
            List<Latency> all = new ArrayList<>();
            for (int batch : fixed == 0 ? BATCHES : new int[] {fixed}) {
                // Values are freed on the way: far from all of them are in memory at a time.
                if (fixed == 0 && batch > AT_A_TIME * MemoryEstimate.inference(original, data, batch)) {
                    listener.onMessage(
                            JobMessage.Code.BATCH_NOT_TIMED,
                            "not timed at batch size " + batch + ", for which there may be too little memory");
                    continue;
                }
                int count = Math.min(batch, data.size());
                all.add(Latency.measure(
                        List.of(a, b), batch, s -> OnnxRuntimeEvaluation.inputs(s, data, 0, count, batch), budget));
            }
            return new LatencyComparison(all);
        }
    }
}
