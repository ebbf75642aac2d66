package org.espalier.torch.ops;

import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Attention of operator set 23, without a cache of earlier keys. */
final class AttentionKernel {
    private static final int MASK = 3;
    private static final double NONE = Double.NEGATIVE_INFINITY;

    private AttentionKernel() {}

    static void register(Map<String, Kernel> table) {
        table.put("Attention", Kernel.of(AttentionKernel::attend));
    }

    private static Tensor attend(KernelCall c) {
        for (int i = MASK + 1; i < c.count(); i++) {
            if (c.has(i)) {
                throw c.wrong("a cache of earlier keys is not supported for training", "3 or 4 inputs", i + 1);
            }
        }
        boolean flat = c.in(0).dim() == 3;
        Tensor q = heads(c, c.in(0), "q_num_heads");
        Tensor k = heads(c, c.in(1), "kv_num_heads");
        Tensor v = heads(c, c.in(2), "kv_num_heads");
        long served = q.size(1) / k.size(1);
        if (served > 1) {
            k = k.repeat_interleave(served, new LongOptional(1), new LongOptional());
            v = v.repeat_interleave(served, new LongOptional(1), new LongOptional());
        }
        double scale = c.node().getFloat("scale", (float) (1 / Math.sqrt((double) q.size(3))));
        Tensor scores = torch.matmul(c.factor(q), c.factor(k.transpose(2, 3))).mul(new Scalar(scale));
        double cap = c.node().getFloat("softcap", 0);
        if (cap > 0) {
            scores = scores.div(new Scalar(cap)).tanh().mul(new Scalar(cap));
        }
        Tensor y = torch.matmul(weights(c, scores), c.factor(v));
        return flat ? y.transpose(1, 2).flatten(2, 3) : y;
    }

    /** [N, T, heads·d] as [N, heads, T, d]. */
    private static Tensor heads(KernelCall c, Tensor x, String attribute) {
        if (x.dim() == 4) {
            return x;
        }
        long heads = c.node().getLong(attribute, 1);
        return x.unflatten(2, heads, x.size(2) / heads).transpose(1, 2);
    }

    /** How much each query takes of each value; nothing where all keys are masked. */
    private static Tensor weights(KernelCall c, Tensor scores) {
        Tensor masked = scores;
        Tensor allowed = causal(c, scores);
        if (c.has(MASK)) {
            Tensor mask = c.in(MASK).to(scores.device(), c.in(MASK).scalar_type());
            boolean flags = mask.scalar_type().intern() == ScalarType.Bool;
            Tensor own = flags ? mask : mask.ne(new Scalar(NONE));
            if (!flags) {
                masked = masked.add(
                        mask.masked_fill(own.logical_not(), new Scalar(0)).to(scores.scalar_type()));
            }
            allowed = allowed == null ? own : allowed.logical_and(own);
        }
        if (allowed == null) {
            return masked.softmax(-1);
        }
        Tensor some = allowed.any(-1, true);
        // A row without any key would be nothing but infinities.
        Tensor gone = allowed.logical_not().logical_and(some);
        return masked.masked_fill(gone, new Scalar(NONE)).softmax(-1).mul(some.to(scores.scalar_type()));
    }

    /** Which keys come no later than a query; null where all may be looked at. */
    private static @Nullable Tensor causal(KernelCall c, Tensor scores) {
        if (c.node().getLong("is_causal", 0) == 0) {
            return null;
        }
        long[] sizes = {scores.size(2), scores.size(3)};
        return torch.ones(sizes, scores.options()).tril().to(ScalarType.Bool);
    }
}
