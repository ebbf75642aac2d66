package org.espalier.train;

import java.util.LinkedHashMap;
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
import org.espalier.torch.ops.Conversions;

/**
 * The outputs of the network before pruning on every training example.
 *
 * <p>They are computed once and kept where that takes at most half a gigabyte: once units have left, a pass through the full network would
 * cost several times as much as the step that it teaches. Larger outputs are computed for each batch.
 */
final class Teacher implements AutoCloseable {
    private static final int BATCH = 500;
    private static final long MOST_NUMBERS = 1L << 27;

    private final TorchGraph network;
    /** By output, the examples' numbers one after the other; empty where they are computed for each batch. */
    private final Map<String, float[]> remembered = new LinkedHashMap<>();

    private final Map<String, long[]> shapes = new LinkedHashMap<>();

    Teacher(Graph graph, DataSet train) {
        network = new TorchGraph(graph);
        try (BatchLoader loader =
                BatchLoader.of(train).batchSize(BATCH).shuffle(false).epochs(1).build()) {
            Feed feed = new Feed(network.graph(), train);
            for (int i = 0; i < loader.batchesPerEpoch(); i++) {
                Batch batch = loader.next();
                try (Scope scope = Scope.open()) {
                    Map<String, Tensor> outputs = network.forward(feed.inputs(batch), Map.of(), Mode.evaluation());
                    if (i == 0 && !fits(outputs, batch.size(), train.size())) {
                        return;
                    }
                    remember(outputs, batch, train.size());
                }
            }
        }
    }

    private static boolean fits(Map<String, Tensor> outputs, int batch, int examples) {
        double numbers = 0;
        for (Tensor t : outputs.values()) {
            boolean byExample = t.dim() > 0 && t.size(0) == batch;
            numbers += byExample ? (double) t.numel() / batch * examples : Double.POSITIVE_INFINITY;
        }
        return numbers <= MOST_NUMBERS;
    }

    private void remember(Map<String, Tensor> outputs, Batch batch, int examples) {
        outputs.forEach((name, t) -> {
            if (t.is_floating_point()) {
                int width = Math.toIntExact(t.numel() / batch.size());
                shapes.putIfAbsent(name, Conversions.shape(t));
                float[] all = remembered.computeIfAbsent(name, n -> new float[examples * width]);
                Tensor flat = t.to(torch.ScalarType.Float).contiguous();
                new FloatPointer(flat.data_ptr())
                        .capacity(flat.numel())
                        .get(all, batch.index() * BATCH * width, batch.size() * width);
            }
        });
    }

    /**
     * The outputs for a batch by name, those of whole numbers left out where they are remembered.
     *
     * @param exact how products are computed where they are not remembered: as in the pass of the network that learns, as its backward
     *     pass goes by the latest
     */
    Map<String, Tensor> outputs(Batch batch, Map<String, Tensor> inputs, boolean exact) {
        if (remembered.isEmpty()) {
            return network.forward(inputs, Map.of(), Mode.evaluation().withExact(exact));
        }
        Map<String, Tensor> out = new LinkedHashMap<>();
        remembered.forEach((name, all) ->
                out.put(name, rows(all, shapes.getOrDefault(name, new long[0]).clone(), batch)));
        return out;
    }

    private static Tensor rows(float[] all, long[] shape, Batch batch) {
        shape[0] = batch.size();
        Tensor t = torch.empty(shape, new TensorOptions(torch.ScalarType.Float), null);
        int width = Math.toIntExact(t.numel() / batch.size());
        float[] rows = new float[batch.size() * width];
        for (int i = 0; i < batch.size(); i++) {
            System.arraycopy(all, batch.example(i) * width, rows, i * width, width);
        }
        new FloatPointer(t.data_ptr()).capacity(rows.length).put(rows);
        return t;
    }

    @Override
    public void close() {
        network.close();
    }
}
