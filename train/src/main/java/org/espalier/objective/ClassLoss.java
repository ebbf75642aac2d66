package org.espalier.objective;

import org.bytedeco.pytorch.CrossEntropyLossOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.kSum;
import org.jspecify.annotations.Nullable;

/**
 * What training minimises, without what the method adds: (1 − a)·CE(y, softmax(z)) + a·T²·CE(softmax(t/T),
 * softmax(z/T)), the mean over the batch, with logits z, classes y (smoothed), the teacher's logits t and temperature
 * T (Hinton, Vinyals, Dean: "Distilling the Knowledge in a Neural Network", 2015).
 *
 * @param labelSmoothing share of y that is spread over all classes
 * @param temperature T
 */
record ClassLoss(double labelSmoothing, double temperature) {
    /**
     * The loss of a batch.
     *
     * @param logits float32 [N, classes]
     * @param labels int64 [N]
     * @param teacher the teacher's logits, or null
     * @param share a, the teacher's share
     */
    Tensor loss(Tensor logits, Tensor labels, @Nullable Tensor teacher, double share) {
        Tensor own = torch.cross_entropy(logits, labels, options());
        if (teacher == null) {
            return own;
        }
        return own.mul(new Scalar(1 - share)).add(distance(logits, teacher).mul(new Scalar(share)));
    }

    /**
     * A number whose squared derivatives have the curvature of {@link #distance} as their mean, where the teacher says
     * what the logits say: with q = softmax(z/T) and classes drawn from q, Σ (q − drawn)·z / √rows. The drawn classes'
     * gradient has the mean 0, so that squaring the sum over the rows gives the sum of the squares (Martens: "New
     * Insights and Perspectives on the Natural Gradient Method", JMLR 2020, on the Fisher information).
     *
     * @param logits float32 [N, classes]
     */
    Tensor probe(Tensor logits) {
        Tensor q = logits.detach().div(new Scalar(temperature)).softmax(1);
        Tensor drawn = logits.gather(1, torch.multinomial(q, 1));
        return q.mul(logits).sum().sub(drawn.sum()).mul(new Scalar(1 / Math.sqrt((double) logits.size(0))));
    }

    /** The sum over the rows of (classes alone); those of {@link NumericLabels#NO_CLASS} count nothing. */
    Tensor sum(Tensor logits, Tensor labels) {
        CrossEntropyLossOptions options = options();
        options.ignore_index().put(NumericLabels.NO_CLASS);
        options.reduction().put(new kSum());
        return torch.cross_entropy(logits, labels, options);
    }

    private CrossEntropyLossOptions options() {
        CrossEntropyLossOptions options = new CrossEntropyLossOptions();
        options.label_smoothing().put(labelSmoothing);
        return options;
    }

    /** T²·CE(softmax(t/T), softmax(z/T)), the mean over the rows of z, {@code logits}, and t, {@code teacher}. */
    Tensor distance(Tensor logits, Tensor teacher) {
        Scalar t = new Scalar(temperature);
        double factor = -temperature * temperature / logits.size(0);
        Tensor target = teacher.div(t).softmax(1);
        return logits.div(t).log_softmax(1).mul(target).sum().mul(new Scalar(factor));
    }
}
