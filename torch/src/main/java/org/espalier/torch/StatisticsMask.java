package org.espalier.torch;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.torch.ops.TensorConversions;
import org.jspecify.annotations.Nullable;

/**
 * The units that a normalisation counts in one pass. Its node sees what it counts alone; in its outputs the first of those stands in the
 * places of the others.
 *
 * @param inputs what is taken of the node's inputs
 * @param outputs how its outputs get their full size: for each index of an axis the one that stands there
 */
public record StatisticsMask(List<Pick> inputs, List<Pick> outputs) {
    /** Nothing is left out. */
    static final StatisticsMask ALL = new StatisticsMask(List.of(), List.of());

    /**
     * Indices along an axis.
     *
     * @param position of the input or output
     * @param axis its axis
     * @param indices those that are taken, in order
     */
    public record Pick(int position, int axis, List<Long> indices) {
        private Tensor of(Tensor t) {
            long[] at = indices.stream().mapToLong(Long::longValue).toArray();
            return t.index_select(axis, TensorConversions.longs(at, at.length).to(t.device(), ScalarType.Long));
        }
    }

    /**
     * Copies the lists.
     *
     * @param inputs what is taken of the node's inputs
     * @param outputs how its outputs get their full size
     */
    public StatisticsMask {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** Takes what is counted, in place in {@code in}. */
    void pick(@Nullable Tensor[] in) {
        for (Pick p : inputs) {
            Tensor t = in[p.position()];
            in[p.position()] = t == null ? null : p.of(t);
        }
    }

    /** Brings outputs to full size, in place in {@code out}. */
    void widen(Tensor[] out) {
        for (Pick p : outputs) {
            out[p.position()] = p.of(out[p.position()]);
        }
    }
}
