package org.espalier.train;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.torch.Mode;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.espalier.torch.ops.Conversions;
import org.jspecify.annotations.Nullable;

/** Measures errors, in exact float32. */
public final class Evaluator {
    private Evaluator() {}

    /** Error in percent as {@link Scoring} defines it, of the first output. */
    public static double errorPercent(Graph graph, DataSet data) {
        return measure(graph, data, Task.DEFAULT, null).errorPercent();
    }

    /**
     * Measures a network.
     *
     * @param original the network to compare with where there are no labels; without one, {@code graph} is its own
     */
    public static Scoring measure(Graph graph, DataSet data, Task task, @Nullable TorchGraph original) {
        try (TorchGraph net = new TorchGraph(graph)) {
            return measure(net, data, task, original);
        }
    }

    private static Scoring measure(TorchGraph net, DataSet data, Task task, @Nullable TorchGraph original) {
        Head head = Head.of(net.graph(), data, task);
        Feed feed = new Feed(net.graph(), data);
        Scoring scoring = new Scoring(head, data);
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
            Scoring scoring, Head head, TorchGraph net, @Nullable TorchGraph original, Feed feed, Batch batch) {
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

    private static float[] values(TorchGraph net, Map<String, Tensor> inputs, Head head) {
        Tensor out = net.forward(inputs, Map.of(), Mode.evaluation()).get(head.output());
        if (out == null) {
            throw new IllegalArgumentException("output '" + head.output() + "' is not one of the network's");
        }
        return Conversions.toGraph(out).toFloats();
    }
}
