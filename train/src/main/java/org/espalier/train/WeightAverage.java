package org.espalier.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.espalier.graph.TensorData;
import org.espalier.torch.NativeHandles;
import org.espalier.torch.Scope;
import org.espalier.torch.ops.TensorConversions;

/**
 * The running mean of weights over the steps of training (Izmailov et al., "Averaging Weights Leads to Wider Optima
 * and Better Generalization", UAI 2018).
 */
final class WeightAverage implements AutoCloseable {
    private final Map<String, Tensor> weights;
    private final Map<String, Tensor> means = new LinkedHashMap<>();
    private long count;

    /**
     * Begins anew, or where a checkpoint stopped.
     *
     * @param weights by name; they stay their owner's
     * @param count weights averaged so far
     * @param known their means by name; empty where there are none
     */
    WeightAverage(Map<String, Tensor> weights, long count, Map<String, TensorData> known) {
        this.weights = weights;
        this.count = count;
        try (Scope scope = Scope.open()) {
            weights.forEach((name, w) -> {
                TensorData mean = known.get(name);
                Tensor own =
                        mean == null ? w.detach().clone() : w.detach().clone().copy_(TensorConversions.toTorch(mean));
                NativeHandles.keep(own);
                means.put(name, own);
            });
        }
    }

    /** Takes the weights as they are now into account. */
    void add() {
        count++;
        try (Scope scope = Scope.open();
                AutoGradMode off = new AutoGradMode(false)) {
            Scalar share = new Scalar(1.0 / count);
            means.forEach((name, mean) -> {
                Tensor w = weights.get(name);
                if (w != null) {
                    mean.lerp_(w, share);
                }
            });
        }
    }

    /** Puts the means in the weights' place, if there are any. */
    void apply() {
        if (count == 0) {
            return;
        }
        try (Scope scope = Scope.open();
                AutoGradMode off = new AutoGradMode(false)) {
            means.forEach((name, mean) -> {
                Tensor w = weights.get(name);
                if (w != null) {
                    w.copy_(mean);
                }
            });
        }
    }

    /** Weights averaged so far. */
    long count() {
        return count;
    }

    /** The means by name; empty where there are none yet. */
    Map<String, TensorData> state() {
        Map<String, TensorData> out = new LinkedHashMap<>();
        if (count > 0) {
            try (Scope scope = Scope.open()) {
                means.forEach((name, mean) -> out.put(name, TensorConversions.toGraph(mean)));
            }
        }
        return out;
    }

    @Override
    public void close() {
        means.values().forEach(NativeHandles::release);
        means.clear();
    }
}
