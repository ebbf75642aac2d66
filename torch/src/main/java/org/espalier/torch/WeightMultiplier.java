package org.espalier.torch;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.graph.Node;
import org.jspecify.annotations.Nullable;

/**
 * A vector that multiplies a weight along one axis wherever the weight is read.
 *
 * <p>Where the reading node sums over that axis, multiplying the node's data along its matching axis gives the same
 * sums. That is done where the data are smaller than the weight, as in late layers, unless they are a network's
 * input, for which the gradient of the product would have to be computed for nothing else. It also lets parts of the
 * batch have draws of their own; where it cannot be done, or the first axis of the data does not divide into that
 * many parts, the whole batch has the first.
 *
 * @param weight the constant's name
 * @param axis of the weight
 * @param factor float32 [draws, length of the axis]: draw d is for the d-th of {@code draws} equal parts of the batch
 */
public record WeightMultiplier(String weight, int axis, Tensor factor) {
    private static final int NOWHERE = -1;

    /**
     * Multiplies what a node reads, in place in {@code in}.
     *
     * @param in the node's inputs
     * @param i which of them is the weight
     * @param mixed whether products are computed in bfloat16
     */
    void apply(Node n, @Nullable Tensor[] in, int i, boolean mixed) {
        Tensor w = in[i];
        Tensor x = in[0];
        if (w == null || x == null) {
            throw new IllegalArgumentException(n.label() + ": needs both its data and its weight");
        }
        long draws = factor.size(0);
        int at = i == 1 && x.dim() > 0 && x.size(0) % draws == 0 ? dataAxis(n, w, x) : NOWHERE;
        if (at != NOWHERE && (draws > 1 || (x.requires_grad() && x.numel() < w.numel()))) {
            in[0] = timesData(x, at);
        } else {
            boolean half = mixed && LocalReparametrization.applies(n);
            Tensor source = half ? w.to(ScalarType.BFloat16) : w;
            in[i] = times(source, axis, factor.narrow(0, 0, 1));
        }
    }

    /** The axis of the data that the node sums over together with this one of its weight. */
    private int dataAxis(Node n, Tensor w, Tensor x) {
        boolean whole = n.getLong("group", 1) == 1;
        return switch (n.opType()) {
            case "Conv" -> whole && axis == 1 ? 1 : NOWHERE;
            case "ConvTranspose" -> whole && axis == 0 ? 1 : NOWHERE;
            case "Gemm" -> axis == n.getLong("transB", 0) && n.getLong("transA", 0) == 0 ? 1 : NOWHERE;
            case "MatMul" -> w.dim() == 2 && axis == 0 && x.dim() > 1 ? (int) x.dim() - 1 : NOWHERE;
            default -> NOWHERE;
        };
    }

    /** Each part of the batch times its draw; the data may have more channels than there are factors, all zeros. */
    private Tensor timesData(Tensor x, int at) {
        Tensor factors = PaddedChannels.padded(factor, 1, x.size(at), 0);
        long draws = factors.size(0);
        if (draws == 1) {
            return times(x, at, factors);
        }
        return times(x.unflatten(0, draws, x.size(0) / draws), at + 1, factors).flatten(0, 1);
    }

    /** Multiplies along an axis by one row for all, or by one for each index of axis 0. */
    private static Tensor times(Tensor t, int axis, Tensor rows) {
        long[] shape = new long[(int) t.dim()];
        Arrays.fill(shape, 1);
        shape[0] = rows.size(0);
        shape[axis] = rows.size(1);
        return t.mul(rows.to(t.scalar_type()).view(shape));
    }
}
