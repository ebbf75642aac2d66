package org.espalier.objective;

import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.recipe.PruningTask;
import org.espalier.torch.PassMode;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.espalier.torch.ops.TensorConversions;
import org.jspecify.annotations.Nullable;

/** Measures errors, in exact float32. */
public final class Evaluator {
    private Evaluator() {}

    /**
     * Error in percent as {@link ErrorScore} defines it, of the first output of floating-point numbers.
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
     * @param original the network to compare with where there are no labels, and in outputs that have none; without one, {@code graph} is its
     *     own
     * @return the score of all examples
     */
    public static NetworkScore measure(Graph graph, DataSet data, PruningTask task, @Nullable TorchGraph original) {
        try (TorchGraph net = new TorchGraph(ExecutablePart.of(graph))) {
            return measure(net, data, task, original);
        }
    }

    private static NetworkScore measure(TorchGraph net, DataSet data, PruningTask task, @Nullable TorchGraph original) {
        BatchTensors feed = new BatchTensors(net.graph(), data);
        NetworkScore score = new NetworkScore(net.graph(), data, task);
        try (BatchLoader loader = BatchLoader.of(data)
                .batchSize(feed.evaluationBatch())
                .shuffle(false)
                .epochs(1)
                .build()) {
            for (int i = 0; i < loader.batchesPerEpoch(); i++) {
                add(score, net, original, feed, loader.next());
            }
        }
        return score;
    }

    private static void add(
            NetworkScore score, TorchGraph net, @Nullable TorchGraph original, BatchTensors feed, Batch batch) {
        try (Scope scope = Scope.open()) {
            int rows = Math.max(batch.size(), feed.fixedBatch());
            Map<String, Tensor> inputs = feed.inputs(batch, rows);
            int[] examples =
                    IntStream.range(0, batch.size()).map(batch::example).toArray();
            Map<String, Tensor> outputs = net.forward(inputs, Map.of(), PassMode.evaluation());
            Map<String, Tensor> targets =
                    original == null ? Map.of() : original.forward(inputs, Map.of(), PassMode.evaluation());
            for (String name : score.outputs()) {
                Tensor out = outputs.get(name);
                if (out == null) {
                    throw new IllegalArgumentException("output '" + name + "' is not one of the network's");
                }
                TensorData values = TensorConversions.toGraph(out);
                Tensor target = targets.get(name);
                float[] numbers = values.toFloats();
                float[] wanted = target == null
                        ? numbers
                        : TensorConversions.toGraph(target).toFloats();
                score.add(name, examples, rows, numbers, values.shape(), wanted);
            }
        }
    }
}
