package org.espalier.objective;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.torch.Engine;
import org.espalier.torch.LocalReparametrization;
import org.espalier.torch.NativeHandles;
import org.espalier.torch.PassMode;
import org.espalier.torch.Precision;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.espalier.torch.ops.TensorConversions;

/**
 * The outputs of the network before pruning on every training example, computed once: once units have left, a pass
 * through the full network would cost several times as much as the step that it teaches. Outputs that would need more
 * than {@value #MOST_BYTES} bytes are computed batch by batch.
 */
public final class Teacher implements AutoCloseable {
    /** Half a gibibyte. */
    static final long MOST_BYTES = 1L << 29;

    private final TorchGraph net;
    private final BatchTensors feed;

    /** Outputs without a row for each example, which teach nothing. */
    private final Set<String> others;

    /** By output, then by example; empty where outputs are too large. */
    private final Map<String, float[][]> known = new LinkedHashMap<>();

    /** Weights in bfloat16, by name; empty until a pass needs them. */
    private final Map<String, Tensor> halves = new LinkedHashMap<>();

    /**
     * Computes the outputs.
     *
     * @param graph the network
     * @param train the training set
     * @param fixed whether an example looks the same whenever it comes; else outputs are computed batch by batch
     */
    public Teacher(Graph graph, DataSet train, boolean fixed) {
        this.net = new TorchGraph(ExecutablePart.of(graph));
        this.feed = new BatchTensors(net.graph(), train);
        this.others = Set.copyOf(ExampleOutputs.without(InputMatch.sized(graph, train)));
        if (feed.fixedBatch() > 1 || !fixed) {
            return;
        }
        try (BatchLoader loader = BatchLoader.of(train)
                .batchSize(feed.evaluationBatch())
                .shuffle(false)
                .epochs(1)
                .build()) {
            for (int i = 0; i < loader.batchesPerEpoch(); i++) {
                if (!note(loader.next(), train.size())) {
                    known.clear();
                    return;
                }
            }
        }
    }

    /** Keeps the outputs of a batch; false where those of all examples would be too large. */
    private boolean note(Batch batch, int examples) {
        try (Scope scope = Scope.open()) {
            long bytes = 0;
            for (Map.Entry<String, Tensor> e :
                    computed(feed.inputs(batch), PassMode.evaluation()).entrySet()) {
                bytes += 4 * e.getValue().numel() / batch.size() * examples;
                if (bytes > MOST_BYTES) {
                    return false;
                }
                float[] values = TensorConversions.toGraph(e.getValue()).toFloats();
                int width = values.length / batch.size();
                float[][] rows = known.computeIfAbsent(e.getKey(), k -> new float[examples][]);
                for (int i = 0; i < batch.size(); i++) {
                    rows[batch.example(i)] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
                }
            }
            return true;
        }
    }

    private Map<String, Tensor> computed(Map<String, Tensor> inputs, PassMode mode) {
        Map<String, Tensor> floating = new LinkedHashMap<>();
        net.forward(inputs, weights(mode), mode).forEach((name, t) -> {
            if (t.is_floating_point() && !others.contains(name)) {
                floating.put(name, t);
            }
        });
        return floating;
    }

    /**
     * Weights that each pass in this mode would round anew from float32, which for VGG-like takes 4 to 8 of its 80
     * ms.
     */
    private Map<String, Tensor> weights(PassMode mode) {
        if (mode.precision() != Precision.MIXED) {
            return Map.of();
        }
        if (halves.isEmpty()) {
            for (Node n : net.graph().nodes()) {
                Tensor w = LocalReparametrization.applies(n) ? net.values().get(n.input(1)) : null;
                if (w != null && w.scalar_type().intern() == ScalarType.Float && isRounded(n.input(1))) {
                    halves.computeIfAbsent(n.input(1), name -> NativeHandles.keep(w.to(ScalarType.BFloat16)));
                }
            }
        }
        return halves;
    }

    /** Whether all that reads a weight rounds it: convolutions of single channels do not. */
    private boolean isRounded(String weight) {
        return LocalReparametrization.isWeight(net.graph(), weight)
                && net.graph().consumers(weight).stream().allMatch(n -> n.getLong("group", 1) == 1);
    }

    /**
     * The outputs that hold numbers for a batch's examples, by name, float32 [N, …].
     *
     * @param inputs the batch's inputs, which the step that is taught was made from
     * @param step how the step that is taught is run: where outputs are computed now, they are as precise; that is
     *     faster, and the backward pass that follows goes by the latest pass
     */
    Map<String, Tensor> outputs(Batch batch, Map<String, Tensor> inputs, PassMode step) {
        if (known.isEmpty()) {
            return computed(inputs, step.beside());
        }
        Map<String, Tensor> out = new LinkedHashMap<>();
        known.forEach((name, rows) -> {
            int width = rows[batch.example(0)].length;
            float[] values = new float[batch.size() * width];
            for (int i = 0; i < batch.size(); i++) {
                System.arraycopy(rows[batch.example(i)], 0, values, i * width, width);
            }
            Tensor t = TensorConversions.floats(values, batch.size(), width);
            out.put(name, t.to(Engine.device(), t.scalar_type()));
        });
        return out;
    }

    /** Whether the outputs of all examples are known, so that asking costs nothing. */
    boolean isKnown() {
        return !known.isEmpty();
    }

    /**
     * The network.
     *
     * @return the network, which belongs to this teacher
     */
    public TorchGraph network() {
        return net;
    }

    @Override
    public void close() {
        halves.values().forEach(NativeHandles::release);
        halves.clear();
        net.close();
    }
}
