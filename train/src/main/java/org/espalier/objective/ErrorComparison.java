package org.espalier.objective;

import java.util.List;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.recipe.PruningTask;
import org.espalier.torch.TorchGraph;

/**
 * A pruned network's error beside the original's, on the same examples.
 *
 * @param originalPercent error of the original, see {@link NetworkScore#errorPercent}
 * @param percent error of the pruned network
 * @param originalRmse see {@link NetworkScore#rmse}
 * @param rmse of the pruned network
 * @param interval where the difference of the two lies
 * @param outputs how far each output that no label belongs to is from what it was
 */
public record ErrorComparison(
        double originalPercent,
        double percent,
        double originalRmse,
        double rmse,
        ErrorInterval interval,
        List<OutputError> outputs) {
    /**
     * Copies the list.
     *
     * @param originalPercent error of the original
     * @param percent error of the pruned network
     * @param originalRmse of the original
     * @param rmse of the pruned network
     * @param interval where the difference lies
     * @param outputs outputs that no label belongs to
     */
    public ErrorComparison {
        outputs = List.copyOf(outputs);
    }

    /**
     * Measures both networks.
     *
     * @param original the original
     * @param pruned the pruned network, with the same inputs and outputs
     * @param data the test set
     * @param task which output is scored
     * @return their errors
     */
    public static ErrorComparison of(Graph original, Graph pruned, DataSet data, PruningTask task) {
        return of(Evaluator.measure(original, data, task, null), original, pruned, data, task);
    }

    /**
     * Measures a pruned network.
     *
     * @param before the original's score on the same data
     * @param original the original
     * @param pruned the pruned network, with the same inputs and outputs
     * @param data the test set
     * @param task which output is scored
     * @return their errors
     */
    public static ErrorComparison of(
            NetworkScore before, Graph original, Graph pruned, DataSet data, PruningTask task) {
        try (TorchGraph reference = new TorchGraph(ExecutablePart.of(original))) {
            NetworkScore after = Evaluator.measure(pruned, data, task, reference);
            return new ErrorComparison(
                    before.errorPercent(),
                    after.errorPercent(),
                    before.rmse(),
                    after.rmse(),
                    after.above(before),
                    after.otherOutputs());
        }
    }

    /**
     * The difference of the errors.
     *
     * @return points
     */
    public double points() {
        return percent - originalPercent;
    }
}
