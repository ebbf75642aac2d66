package org.espalier.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.bytedeco.pytorch.Tensor;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.objective.BatchTensors;
import org.espalier.objective.ExecutablePart;
import org.espalier.torch.PassMode;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;

/**
 * How much faster than a network its pruned self is on libtorch's device, in exact float32: the published tables'
 * column of a GPU, on which ONNX Runtime's build for CPUs cannot run.
 */
public final class DeviceSpeedup {
    private static final int FEWEST_ROUNDS = 3;

    /** Executions after which the device is waited for: a GPU is asked for one while it is still at the one before. */
    private static final int EXECUTIONS = 10;

    private DeviceSpeedup() {}

    /**
     * The original's time by that of the pruned network: the median over rounds, in which they take turns.
     *
     * @param original the network before
     * @param pruned the network after
     * @param data the data set
     * @param batch examples per execution, at most those that there are
     * @param budget for both networks together, the warm-up left out
     * @return how many times as fast
     */
    public static double measure(Graph original, Graph pruned, DataSet data, int batch, Duration budget) {
        try (Scope scope = Scope.open();
                TorchGraph before = new TorchGraph(ExecutablePart.of(original));
                TorchGraph after = new TorchGraph(ExecutablePart.of(pruned));
                BatchLoader loader = BatchLoader.of(data)
                        .batchSize(Math.min(batch, data.size()))
                        .shuffle(false)
                        .epochs(1)
                        .build()) {
            Batch examples = loader.next();
            Map<String, Tensor> inputs = new BatchTensors(original, data).inputs(examples);
            Map<String, Tensor> smaller = new BatchTensors(pruned, data).inputs(examples);
            run(before, inputs);
            run(after, smaller);
            return ratio(() -> run(before, inputs), () -> run(after, smaller), budget);
        }
    }

    /** The median over rounds of one time by another, measured in turns. */
    static double ratio(DoubleSupplier original, DoubleSupplier pruned, Duration budget) {
        List<Double> ratios = new ArrayList<>();
        long end = System.nanoTime() + budget.toNanos();
        while (ratios.size() < FEWEST_ROUNDS || System.nanoTime() < end) {
            double slow = original.getAsDouble();
            ratios.add(slow / pruned.getAsDouble());
        }
        Collections.sort(ratios);
        return ratios.get(ratios.size() / 2);
    }

    /** Nanoseconds of some executions. Reading a value of the last one waits for all of them. */
    private static double run(TorchGraph network, Map<String, Tensor> inputs) {
        String output = network.graph().outputs().get(0).name();
        long start = System.nanoTime();
        for (int i = 0; i < EXECUTIONS; i++) {
            try (Scope scope = Scope.open()) {
                Tensor out =
                        network.forward(inputs, Map.of(), PassMode.evaluation()).get(output);
                if (out != null && i == EXECUTIONS - 1) {
                    out.flatten().get(0).item();
                }
            }
        }
        return System.nanoTime() - start;
    }
}
