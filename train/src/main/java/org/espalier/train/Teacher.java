package org.espalier.train;

import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.torch.Mode;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;

/**
 * The outputs of the network before pruning on every training example, computed once: once units have left, a pass through the full
 * network would cost several times as much as the step that it teaches. Needs 4 bytes per example and class.
 */
final class Teacher {
    private static final int BATCH = 500;

    private final float[] logits;
    private final int classes;

    Teacher(Graph graph, DataSet train) {
        float[] all = new float[0];
        int width = 0;
        try (TorchGraph net = new TorchGraph(graph);
                BatchLoader loader = BatchLoader.of(train)
                        .batchSize(BATCH)
                        .shuffle(false)
                        .epochs(1)
                        .build()) {
            Feed feed = new Feed(net.graph(), train);
            for (int i = 0; i < loader.batchesPerEpoch(); i++) {
                Batch batch = loader.next();
                try (Scope scope = Scope.open()) {
                    Tensor out = net.forward(feed.inputs(batch), Map.of(), Mode.evaluation())
                            .values()
                            .iterator()
                            .next()
                            .contiguous();
                    if (width == 0) {
                        width = Math.toIntExact(out.numel() / batch.size());
                        all = new float[Math.multiplyExact(train.size(), width)];
                    }
                    new FloatPointer(out.data_ptr())
                            .capacity(out.numel())
                            .get(all, i * BATCH * width, batch.size() * width);
                }
            }
        }
        this.logits = all;
        this.classes = width;
    }

    /** The logits for a batch's examples, float32 [N, classes]. */
    Tensor logits(Batch batch) {
        Tensor t = torch.empty(new long[] {batch.size(), classes}, new TensorOptions(torch.ScalarType.Float), null);
        FloatPointer to = new FloatPointer(t.data_ptr()).capacity(t.numel());
        float[] rows = new float[batch.size() * classes];
        for (int i = 0; i < batch.size(); i++) {
            System.arraycopy(logits, batch.example(i) * classes, rows, i * classes, classes);
        }
        to.put(rows);
        return t;
    }
}
