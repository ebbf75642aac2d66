package org.espalier.job;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.data.DataSet;
import org.espalier.data.LabelKind;
import org.espalier.graph.Graph;
import org.espalier.objective.ErrorComparison;
import org.espalier.objective.ErrorInterval;
import org.espalier.objective.LabelledOutput;
import org.espalier.objective.NetworkScore;
import org.espalier.objective.OutputError;
import org.espalier.recipe.PruningTask;

/**
 * What a report's error is, see {@link NetworkScore}, and all that was measured of it.
 *
 * @param kind what labels are
 * @param output what the numbers are of the output that is scored where one is chosen
 * @param examples how many it was measured on
 * @param errors of both networks
 */
public record ErrorMeasure(LabelKind kind, LabelledOutput.Kind output, int examples, ErrorComparison errors) {
    /** Points from which on a report says first how much worse the network is, of classes and of anything else. */
    private static final double MUCH_OF_CLASSES = 3;

    private static final double MUCH = 10;

    /**
     * Says what the errors of a network and a test set mean.
     *
     * @param graph the network
     * @param data the test set
     * @param task which output the labels belong to
     * @param errors what was measured of both networks
     * @return the meaning with the errors
     */
    public static ErrorMeasure of(Graph graph, DataSet data, PruningTask task, ErrorComparison errors) {
        return new ErrorMeasure(
                data.labelKind(), LabelledOutput.of(graph, data, task).kind(), data.size(), errors);
    }

    /** {@return whether labels are numbers to predict, whose error has a root of the mean square} */
    public boolean predictsNumbers() {
        return kind != LabelKind.NONE && output == LabelledOutput.Kind.NUMBERS;
    }

    /** {@return the name of the error in a table, with the number of examples} */
    public String label() {
        String name =
                switch (kind) {
                    case CLASSES -> "error";
                    case TARGETS, INTEGERS ->
                        switch (output) {
                            case NUMBERS -> "unexplained variance";
                            case POSITIONS, SCORES_BY_POSITION -> "positions with another class";
                            case YES_OR_NO, YES_OR_NO_SCORES -> "wrong yes or no";
                            default -> "error";
                        };
                    case NONE ->
                        switch (output) {
                            case NUMBERS -> "difference from original";
                            case POSITIONS -> "positions with another class";
                            default -> "another class than before";
                        };
                };
        return Format.of("%s on %,d examples", name, examples);
    }

    /** What {@code report.json} says beside the errors. */
    Map<String, Object> details() {
        Map<String, Object> data = new LinkedHashMap<>();
        if (predictsNumbers()) {
            data.put("rmse", errors.rmse());
            data.put("original_rmse", errors.originalRmse());
        }
        data.put("error_difference", errors.points());
        data.put(
                "error_difference_interval",
                List.of(errors.interval().low(), errors.interval().high()));
        List<Map<String, Object>> outputs = new ArrayList<>();
        for (OutputError o : errors.outputs()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("output", o.output());
            one.put("measure", measure(o));
            one.put("error_percent", o.percent());
            one.put("channels", o.channels());
            one.put("worst_channel", o.worstChannel());
            one.put("worst_channel_percent", o.worstPercent());
            outputs.add(one);
        }
        if (!outputs.isEmpty()) {
            data.put("outputs", outputs);
        }
        data.put("test_examples", examples);
        return data;
    }

    private static String measure(OutputError o) {
        return switch (o.kind()) {
            case NUMBERS -> "difference from original";
            case POSITIONS -> "positions with another class";
            default -> "another class than before";
        };
    }

    /** What is worth knowing about the errors. */
    List<JobMessage> notes() {
        List<JobMessage> notes = new ArrayList<>();
        boolean wrong = kind != LabelKind.NONE && !predictsNumbers();
        double much = wrong ? MUCH_OF_CLASSES : MUCH;
        if (errors.points() > much) {
            notes.add(new JobMessage(
                    JobMessage.Code.MUCH_WORSE,
                    Format.of(
                            "the pruned network is much worse than the original: %s, %+.2f points; a lower tolerance or less"
                                    + " strength keeps more of it",
                            label(), errors.points())));
        }
        for (OutputError o : errors.outputs()) {
            if (o.worstPercent() > MUCH && (o.channels() > 1 || errors.outputs().size() > 1)) {
                notes.add(new JobMessage(
                        JobMessage.Code.OUTPUT_MUCH_WORSE,
                        Format.of(
                                "output '%s': %s is %s%s",
                                o.output(),
                                measure(o),
                                Format.percent(o.percent()),
                                o.channels() > 1
                                        ? Format.of(
                                                ", and %s in channel %d of %d, which is worst",
                                                Format.percent(o.worstPercent()), o.worstChannel(), o.channels())
                                        : "")));
            }
        }
        ErrorInterval interval = errors.interval();
        if (interval.saysLittle()) {
            notes.add(new JobMessage(
                    JobMessage.Code.TEST_PART_TOO_SMALL,
                    Format.of(
                            "the test part of %,d examples is too small to tell: the difference lies between %+.1f and"
                                    + " %+.1f points with 95 %% confidence",
                            examples, interval.low(), interval.high())));
        }
        return notes;
    }
}
