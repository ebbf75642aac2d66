package org.espalier.train;

import java.util.Map;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Tensor;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.torch.Mode;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;

/** Measures errors, in exact float32. */
public final class Evaluator {
    private static final int BATCH = 500;

    private Evaluator() {}

    /** Share of examples, in percent, whose largest output is not the labelled class. */
    public static double errorPercent(Graph graph, DataSet data) {
        try (TorchGraph net = new TorchGraph(graph)) {
            return errorPercent(net, data);
        }
    }

    /** As {@link #errorPercent(Graph, DataSet)} for a network that is loaded. */
    public static double errorPercent(TorchGraph net, DataSet data) {
        Feed feed = new Feed(net.graph(), data);
        long wrong = 0;
        try (BatchLoader loader =
                BatchLoader.of(data).batchSize(BATCH).shuffle(false).epochs(1).build()) {
            for (int i = 0; i < loader.batchesPerEpoch(); i++) {
                Batch batch = loader.next();
                try (Scope scope = Scope.open()) {
                    Map<String, Tensor> out = net.forward(feed.inputs(batch), Map.of(), Mode.evaluation());
                    Tensor best =
                            out.values().iterator().next().argmax(new org.bytedeco.pytorch.LongOptional(1), false);
                    wrong += countDifferent(best.contiguous(), batch);
                }
            }
        }
        return 100.0 * wrong / data.size();
    }

    private static int countDifferent(Tensor best, Batch batch) {
        long[] found = new long[batch.size()];
        new LongPointer(best.data_ptr()).capacity(found.length).get(found);
        int different = 0;
        for (int i = 0; i < found.length; i++) {
            different += found[i] == batch.labels().get(i) ? 0 : 1;
        }
        return different;
    }
}
