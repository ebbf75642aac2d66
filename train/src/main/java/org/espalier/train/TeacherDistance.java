package org.espalier.train;

import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.espalier.graph.Graph;

/**
 * How far an output that no label belongs to is from the teacher's, the mean over a batch, in nats.
 *
 * <ul>
 *   <li>Made by a Softmax over all numbers of an example: the cross-entropy of these probabilities, as {@link Objective} has it. As numbers,
 *       an improbable class would hardly count.
 *   <li>Made by a Sigmoid: the same for each number, as the probability of yes against no.
 *   <li>Anything else: (y − t)² / (2 s²), with s² = {@value Loss#NOISE} of the variance that t has within the batch.
 * </ul>
 */
final class TeacherDistance {
    private final Objective objective;
    private final boolean oneOfMany;
    private final boolean yesOrNo;

    TeacherDistance(Graph graph, String output, Objective objective) {
        this.objective = objective;
        String maker = Head.maker(graph, output);
        this.oneOfMany = maker.equals("Softmax") && Head.axes(Head.shape(graph, output)) == 1;
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
            return objective.distance(Loss.logarithm(own), Loss.logarithm(wanted));
        }
        return yesOrNo
                ? objective.distance(Loss.noAndYes(own.reshape(-1, 1)), Loss.noAndYes(wanted.reshape(-1, 1)))
                : squared(own, wanted);
    }

    private static Tensor squared(Tensor y, Tensor t) {
        Tensor centred = t.size(0) < 2 ? t : t.sub(t.mean(new long[] {0}, true, new ScalarTypeOptional()));
        return Loss.squared(y, t, centred.square().mean().item_double());
    }
}
