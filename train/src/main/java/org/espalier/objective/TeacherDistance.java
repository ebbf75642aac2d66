package org.espalier.objective;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.graph.Graph;
import org.espalier.torch.Engine;
import org.espalier.torch.ops.TensorConversions;
import org.jspecify.annotations.Nullable;

/**
 * How far an output that no label belongs to is from the teacher's, the mean over a batch, in nats.
 *
 * <ul>
 *   <li>Made by a Softmax over all numbers of an example: the cross-entropy of these probabilities, as {@link
 *   ClassLoss} has it. As numbers, an improbable class would hardly count.
 *   <li>Made by a Softmax at many positions: the same, the mean over the positions.
 *   <li>Made by a Sigmoid: the same for each number, as the probability of yes against no.
 *   <li>Anything else: (y − t)² / (2 s²), the mean over the numbers, with s² = {@value TrainingLoss#NOISE} of the variance that t's channel
 *   has over the training set ({@link OutputVariances}).
 * </ul>
 */
final class TeacherDistance {
    private static final double SMALLEST = 1e-12;

    private final ClassLoss objective;
    private final LabelledOutput what;
    private final boolean yesOrNo;
    private final double[] variances;

    /**
     * Prepares.
     *
     * @param graph the network, with inputs of the data's size
     * @param output the output's name
     * @param objective the loss of classes
     * @param variances of the teacher's channels; null for an output that is not compared by its numbers
     */
    TeacherDistance(Graph graph, String output, ClassLoss objective, double @Nullable [] variances) {
        this.objective = objective;
        this.what = LabelledOutput.unlabelled(graph, output);
        this.yesOrNo = LabelledOutput.maker(graph, output).equals("Sigmoid");
        this.variances = variances == null ? new double[] {1} : variances.clone();
    }

    /**
     * The distance.
     *
     * @param y the output, float32 [N, …]
     * @param t the teacher's, with as many numbers
     * @param examples N
     */
    Tensor of(Tensor y, Tensor t, int examples) {
        Tensor own = y.reshape(examples, -1);
        Tensor wanted = t.reshape(examples, -1);
        if (what.kind() == LabelledOutput.Kind.POSITIONS) {
            return objective.distance(byPosition(y, y), byPosition(y, t));
        }
        if (what.isClasses()) {
            return objective.distance(TrainingLoss.logarithm(own), TrainingLoss.logarithm(wanted));
        }
        return yesOrNo
                ? objective.distance(
                        TrainingLoss.noAndYes(own.reshape(-1, 1)), TrainingLoss.noAndYes(wanted.reshape(-1, 1)))
                : numbers(own, wanted, y);
    }

    /**
     * A number whose squared derivatives have the curvature of {@link #of} as their mean, where the teacher says what
     * the output says.
     *
     * @param y the output, float32 [N, …]
     * @param examples N
     */
    Tensor probe(Tensor y, int examples) {
        Tensor own = y.reshape(examples, -1);
        if (what.kind() == LabelledOutput.Kind.POSITIONS) {
            return objective.probe(byPosition(y, y));
        }
        if (what.isClasses()) {
            return objective.probe(TrainingLoss.logarithm(own));
        }
        return yesOrNo
                ? objective.probe(TrainingLoss.noAndYes(own.reshape(-1, 1)))
                : TrainingLoss.probe(byChannel(own, y), factors(channels(own, y).channels()));
    }

    /** Logarithms of probabilities, [N · positions, classes]. */
    private Tensor byPosition(Tensor shape, Tensor values) {
        Tensor last = values.reshape(shape.sizes()).movedim(what.classAxis(), -1);
        return TrainingLoss.logarithm(last.reshape(-1, last.size(-1)));
    }

    private Tensor numbers(Tensor y, Tensor t, Tensor shape) {
        Tensor squares = byChannel(y.sub(t).square(), shape);
        return squares.mul(factors(channels(y, shape).channels())).mean();
    }

    /** Numbers [N, all] as [N, outer, channels, inner]. */
    private static Tensor byChannel(Tensor y, Tensor shape) {
        ChannelAxis axis = channels(y, shape);
        return y.reshape(y.size(0), axis.outer(), axis.channels(), axis.inner());
    }

    private static ChannelAxis channels(Tensor y, Tensor shape) {
        long[] example = new long[(int) shape.dim()];
        for (int a = 0; a < example.length; a++) {
            example[a] = a == 0 ? shape.size(0) / y.size(0) : shape.size(a);
        }
        return ChannelAxis.of(example);
    }

    /** 1 / (2 s²) of each channel; where one does not vary, as if its variance were 1. */
    private Tensor factors(int channels) {
        float[] factors = new float[channels];
        for (int c = 0; c < channels; c++) {
            double variance = variances[variances.length == channels ? c : 0];
            factors[c] = (float) (0.5 / (TrainingLoss.NOISE * (variance > SMALLEST ? variance : 1)));
        }
        return TensorConversions.floats(factors, 1, 1, channels, 1).to(Engine.device(), ScalarType.Float);
    }
}
