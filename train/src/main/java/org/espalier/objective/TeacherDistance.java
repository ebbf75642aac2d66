package org.espalier.objective;

import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.espalier.graph.Graph;

/**
 * How far an output that no label belongs to is from the teacher's, the mean over a batch, in nats.
 *
 * <ul>
 *   <li>Made by a Softmax over all numbers of an example: the cross-entropy of these probabilities, as {@link
 *   ClassLoss} has it. As numbers, an improbable class would hardly count.
 *   <li>Made by a Sigmoid: the same for each number, as the probability of yes against no.
 *   <li>Anything else: (y − t)² / (2 s²), with s² = {@value TrainingLoss#NOISE} of the variance that t has within the
 *   batch.
 * </ul>
 */
final class TeacherDistance {
    private final ClassLoss objective;
    private final boolean oneOfMany;
    private final boolean yesOrNo;

    TeacherDistance(Graph graph, String output, ClassLoss objective) {
        this.objective = objective;
        String maker = LabelledOutput.maker(graph, output);
        this.oneOfMany = maker.equals("Softmax") && LabelledOutput.axes(LabelledOutput.shape(graph, output)) == 1;
        this.yesOrNo = maker.equals("Sigmoid");
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
        if (oneOfMany) {
            return objective.distance(TrainingLoss.logarithm(own), TrainingLoss.logarithm(wanted));
        }
        return yesOrNo
                ? objective.distance(
                        TrainingLoss.noAndYes(own.reshape(-1, 1)), TrainingLoss.noAndYes(wanted.reshape(-1, 1)))
                : squared(own, wanted);
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
        if (oneOfMany) {
            return objective.probe(TrainingLoss.logarithm(own));
        }
        return yesOrNo
                ? objective.probe(TrainingLoss.noAndYes(own.reshape(-1, 1)))
                : TrainingLoss.squaredProbe(own, variance(own.detach()));
    }

    private static double variance(Tensor t) {
        Tensor centred = t.size(0) < 2 ? t : t.sub(t.mean(new long[] {0}, true, new ScalarTypeOptional()));
        return centred.square().mean().item_double();
    }

    private static Tensor squared(Tensor y, Tensor t) {
        return TrainingLoss.squared(y, t, variance(t));
    }
}
