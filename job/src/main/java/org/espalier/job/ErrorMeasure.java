package org.espalier.job;

import org.espalier.data.DataSet;
import org.espalier.data.LabelKind;
import org.espalier.graph.Graph;
import org.espalier.objective.ErrorScore;
import org.espalier.objective.LabelledOutput;
import org.espalier.recipe.PruningTask;

/**
 * What a report's error is, see {@link ErrorScore}.
 *
 * @param kind what labels are
 * @param classes whether the network says which class an example is
 * @param examples how many it was measured on
 * @param deviation standard deviation of numbers to predict over the test set, in their unit; NaN for other labels
 */
public record ErrorMeasure(LabelKind kind, boolean classes, int examples, double deviation) {
    /** The measure of a network and a test set. */
    public static ErrorMeasure of(Graph graph, DataSet data, PruningTask task) {
        return new ErrorMeasure(
                data.labelKind(),
                LabelledOutput.of(graph, data, task).isClasses(),
                data.size(),
                data.labelKind() == LabelKind.TARGETS ? Math.sqrt(ErrorScore.targetVariance(data)) : Double.NaN);
    }

    /** The name of the error in a table. */
    public String label() {
        String name =
                switch (kind) {
                    case CLASSES -> "error";
                    case TARGETS, INTEGERS -> "unexplained variance";
                    case NONE -> classes ? "another class than before" : "difference from original";
                };
        return Format.of("%s on %,d examples", name, examples);
    }

    /** Root of the mean squared error of numbers to predict that belongs to a share of their variance in percent. */
    public double rmse(double errorPercent) {
        return Math.sqrt(errorPercent / 100) * deviation;
    }
}
