package org.espalier.objective;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.graph.TensorData;
import org.espalier.torch.PassMode;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.espalier.torch.ops.TensorConversions;

/** How much each channel of each output of a network varies, over a few examples that lie spread over a data set. */
final class OutputVariances {
    private static final int EXAMPLES = 256;

    private OutputVariances() {}

    /**
     * Measures.
     *
     * @return by output, the variance of each of the channels that {@link ChannelAxis#of} finds; outputs without rows for examples left out
     */
    static Map<String, double[]> of(TorchGraph net, BatchTensors feed, DataSet data) {
        int count = Math.min(EXAMPLES, data.size());
        long size = data.size();
        DataSet few = data.subset(
                IntStream.range(0, count).map(i -> (int) (i * size / count)).toArray());
        Map<String, ChannelErrors> sums = new HashMap<>();
        int fixed = feed.fixedBatch();
        try (BatchLoader loader = BatchLoader.of(few)
                .batchSize(fixed > 0 ? fixed : Math.min(count, feed.evaluationBatch()))
                .shuffle(false)
                .epochs(1)
                .build()) {
            for (int i = 0; i < loader.batchesPerEpoch(); i++) {
                add(net, feed, loader.next(), sums);
            }
        }
        Map<String, double[]> variances = new HashMap<>();
        sums.forEach((name, s) -> variances.put(name, s.variances()));
        return variances;
    }

    private static void add(TorchGraph net, BatchTensors feed, Batch batch, Map<String, ChannelErrors> sums) {
        try (Scope scope = Scope.open()) {
            int rows = Math.max(batch.size(), feed.fixedBatch());
            for (Map.Entry<String, Tensor> e : net.forward(feed.inputs(batch, rows), Map.of(), PassMode.evaluation())
                    .entrySet()) {
                Tensor t = e.getValue();
                if (!t.is_floating_point() || t.dim() == 0 || t.size(0) % rows != 0) {
                    continue;
                }
                TensorData values = TensorConversions.toGraph(t);
                float[] numbers = values.toFloats();
                long[] example = values.shape();
                example[0] /= rows;
                ChannelErrors sum =
                        sums.computeIfAbsent(e.getKey(), name -> new ChannelErrors(ChannelAxis.of(example)));
                for (int row = 0; row < batch.size(); row++) {
                    int from = row * (numbers.length / rows);
                    sum.add(numbers, from, numbers, from);
                }
            }
        }
    }
}
