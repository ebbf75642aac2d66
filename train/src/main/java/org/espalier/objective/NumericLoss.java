package org.espalier.objective;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.espalier.data.DataSet;
import org.espalier.data.LabelValues;
import org.espalier.objective.LabelledOutput.Kind;

/**
 * The loss of outputs that are labelled with several numbers per example, in nats.
 *
 * <ul>
 *   <li>Classes by position: the cross-entropy at each position that has a class, the mean over these.
 *   <li>Yes or no many times: the binary cross-entropy of each number, the mean over all.
 * </ul>
 */
final class NumericLoss {
    private final LabelledOutput head;
    private final int elements;

    NumericLoss(LabelledOutput head, DataSet data) {
        this.head = head;
        this.elements = NumericLabels.elements(data);
    }

    /** How many numbers each example is labelled with. */
    int elements() {
        return elements;
    }

    /** Class numbers, int64 [N], of labels [N, classes] with a single one each, or of a zero or one [N, 1]. */
    Tensor classes(Tensor labels) {
        return elements == 1
                ? labels.reshape(-1).round().to(torch.ScalarType.Long)
                : labels.argmax(new LongOptional(1), false);
    }

    /**
     * The loss of a batch.
     *
     * @param by the loss of classes
     * @param y the output, float32 [N, …]
     * @param labels float32 [N, {@link #elements}]
     */
    Tensor loss(ClassLoss by, Tensor y, Tensor labels) {
        return head.isByPosition() ? positions(by, y, labels) : answers(y.reshape(-1, 1), labels.reshape(-1, 1));
    }

    /**
     * A number whose squared derivatives have the curvature of {@link #loss} as their mean, where the output is right:
     * see {@link ClassLoss#probe}.
     *
     * @param by the loss of classes
     * @param y the output, float32 [N, …]
     */
    Tensor probe(ClassLoss by, Tensor y) {
        if (!head.isByPosition()) {
            return by.probe(logarithms(y.reshape(-1, 1)));
        }
        Tensor last = y.movedim(head.classAxis(), -1);
        Tensor flat = last.reshape(-1, last.size(-1));
        return by.probe(head.kind() == Kind.POSITIONS ? TrainingLoss.logarithm(flat) : flat);
    }

    private Tensor positions(ClassLoss by, Tensor y, Tensor labels) {
        Tensor last = y.movedim(head.classAxis(), -1);
        Tensor flat = last.reshape(-1, last.size(-1));
        Tensor logits = head.kind() == Kind.POSITIONS ? TrainingLoss.logarithm(flat) : flat;
        if (labels.numel() == y.numel()) {
            Tensor oneHot = labels.reshape(y.sizes()).movedim(head.classAxis(), -1);
            return by.loss(logits, oneHot.reshape(-1, last.size(-1)).argmax(new LongOptional(1), false), null, 0);
        }
        Tensor classes = labels.reshape(-1);
        Tensor none = classes.lt(new Scalar(0)).logical_or(classes.eq(new Scalar(LabelValues.VOID)));
        Tensor numbers = classes.masked_fill(none, new Scalar(NumericLabels.NO_CLASS));
        Tensor counted = none.logical_not().sum().clamp_min(new Scalar(1));
        // A batch without any class counts nothing; the mean of nothing would be no number.
        return by.sum(logits, numbers.to(torch.ScalarType.Long)).div(counted);
    }

    private Tensor answers(Tensor own, Tensor labels) {
        Tensor yes = labels.gt(new Scalar(0.5)).to(torch.ScalarType.Long);
        return logarithms(own).gather(1, yes).mean().neg();
    }

    /** Logarithms of no and yes [n, 2] for each number [n, 1]. */
    private Tensor logarithms(Tensor own) {
        return head.kind() == Kind.YES_OR_NO
                ? TrainingLoss.noAndYes(own)
                : torch.cat(new TensorVector(torch.zeros_like(own), own), 1).log_softmax(1);
    }
}
