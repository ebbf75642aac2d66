package org.espalier.objective;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.recipe.PruningTask;
import org.espalier.torch.ExecutablePart;
import org.espalier.torch.PassMode;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.espalier.torch.ops.TensorConversions;
import org.jspecify.annotations.Nullable;

/** Measures errors, in exact float32. */
public final class Evaluator {
    private Evaluator() {}

    /**
     * Error in percent as {@link ErrorScore} defines it, of the first output.
     *
     * @param graph the network
     * @param data the data set
     * @return 0 to 100 for classes
     */
    public static double errorPercent(Graph graph, DataSet data) {
        return measure(graph, data, PruningTask.DEFAULT, null).errorPercent();
    }

    /**
     * Measures a network.
     *
     * @param graph the network
     * @param data the data set
     * @param task which output is scored
     * @param original the network to compare with where there are no labels; without one, {@code graph} is its own
     * @return the score of all examples
     */
    public static ErrorScore measure(Graph graph, DataSet data, PruningTask task, @Nullable TorchGraph original) {
        try (TorchGraph net = new TorchGraph(ExecutablePart.of(graph))) {
            return measure(net, data, task, original);
        }
    }

    private static ErrorScore measure(TorchGraph net, DataSet data, PruningTask task, @Nullable TorchGraph original) {
        LabelledOutput head = LabelledOutput.of(net.graph(), data, task);
        BatchTensors feed = new BatchTensors(net.graph(), data);
        ErrorScore scoring = new ErrorScore(head, data);
        try (BatchLoader loader = BatchLoader.of(data)
                .batchSize(feed.evaluationBatch())
                .shuffle(false)
                .epochs(1)
                .build()) {
            for (int i = 0; i < loader.batchesPerEpoch(); i++) {
                add(scoring, head, net, original, feed, loader.next());
            }
        }
        return scoring;
    }

    private static void add(
            ErrorScore scoring,
            LabelledOutput head,
            TorchGraph net,
            @Nullable TorchGraph original,
            BatchTensors feed,
            Batch batch) {
        try (Scope scope = Scope.open()) {
            int rows = Math.max(batch.size(), feed.fixedBatch());
            Map<String, Tensor> inputs = feed.inputs(batch, rows);
            float[] output = values(net, inputs, head);
            float[] target = head.labelled() ? null : original == null ? output : values(original, inputs, head);
            int size = output.length / rows;
            for (int row = 0; row < batch.size(); row++) {
                scoring.add(batch.example(row), output, row * size, size, target);
            }
        }
    }

    private static float[] values(TorchGraph net, Map<String, Tensor> inputs, LabelledOutput head) {
        Tensor out = net.forward(inputs, Map.of(), PassMode.evaluation()).get(head.output());
        if (out == null) {
            throw new IllegalArgumentException("output '" + head.output() + "' is not one of the network's");
        }
        return TensorConversions.toGraph(out).toFloats();
    }
}
