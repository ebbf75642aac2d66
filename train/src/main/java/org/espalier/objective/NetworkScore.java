package org.espalier.objective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;
import org.espalier.progress.TrainingException;
import org.espalier.recipe.PruningTask;
import org.jspecify.annotations.Nullable;

/**
 * How far all outputs of a network are from what they should give: the one that labels belong to from these, all others from the original
 * network's. Outputs without an axis of examples, such as a scale or a table of priors, are left out.
 */
public final class NetworkScore {
    private final boolean chosen;
    private final LabelledOutput head;
    private final Map<String, ErrorScore> scores = new LinkedHashMap<>();

    /**
     * Starts at nothing.
     *
     * @param graph the network
     * @param data the examples with their labels
     * @param task which output is scored
     */
    public NetworkScore(Graph graph, DataSet data, PruningTask task) {
        this.head = LabelledOutput.of(graph, data, task);
        this.chosen = head.labelled() || task.output() != null || task.classifier();
        scores.put(head.output(), new ErrorScore(head, data));
        Graph sized = InputMatch.sized(graph, data);
        for (Value output : graph.outputs()) {
            boolean scored = output.type().isFloating() && ExampleOutputs.hasExamples(sized, output.name());
            if (scored && !scores.containsKey(output.name())) {
                scores.put(output.name(), new ErrorScore(LabelledOutput.unlabelled(sized, output.name()), data));
            }
        }
    }

    /** The outputs that are scored. */
    List<String> outputs() {
        return List.copyOf(scores.keySet());
    }

    /**
     * Adds the examples of a batch for one output.
     *
     * @param name the output's
     * @param examples their numbers in the data set
     * @param rows of the batch, of which those behind the examples do not count
     * @param output the network's values
     * @param shape of {@code output}, the batch first
     * @param original the original network's values; null where the network is the original
     * @throws TrainingException if a value is not a number
     */
    void add(String name, int[] examples, int rows, float[] output, long[] shape, float @Nullable [] original) {
        ErrorScore score = scores.get(name);
        if (score == null || shape.length == 0 || shape[0] % rows != 0) {
            return;
        }
        long[] example = exampleShape(shape, (int) shape[0] / rows);
        int size = output.length / rows;
        for (int row = 0; row < examples.length; row++) {
            score.add(examples[row], output, row * size, example, original);
        }
    }

    /** The sizes of the axes of one example. There may be several rows for each: these lengthen its first axis. */
    private static long[] exampleShape(long[] shape, int rowsOfExample) {
        if (shape.length == 1) {
            return new long[] {rowsOfExample};
        }
        long[] example = Arrays.copyOfRange(shape, 1, shape.length);
        example[0] *= rowsOfExample;
        return example;
    }

    /** The score that the error is of: of the output that was chosen or has labels, else of the worst. */
    private ErrorScore leading() {
        ErrorScore first = scores.values().iterator().next();
        return chosen
                ? first
                : scores.values().stream()
                        .filter(s -> s.examples() > 0)
                        .max(Comparator.comparingDouble(ErrorScore::errorPercent))
                        .orElse(first);
    }

    /**
     * The error of the output that was chosen or has labels, else of the one that is worst off.
     *
     * @return percent, see {@link ErrorScore}
     */
    public double errorPercent() {
        return leading().errorPercent();
    }

    /**
     * Root of the mean squared difference to numbers to predict, in their unit.
     *
     * @return NaN where labels are no numbers
     */
    public double rmse() {
        return head.labelled() ? leading().rmse() : Double.NaN;
    }

    /**
     * The errors of all outputs but the one that labels belong to.
     *
     * @return in the network's order
     */
    public List<OutputError> otherOutputs() {
        List<OutputError> all = new ArrayList<>();
        scores.forEach((name, score) -> {
            if (score.examples() > 0 && !(head.labelled() && name.equals(head.output()))) {
                all.add(OutputError.of(score));
            }
        });
        return all;
    }

    /**
     * The interval of the difference of a network's error to another's on the same examples.
     *
     * @param before the other's score
     * @return points of this error minus that one
     */
    public ErrorInterval above(NetworkScore before) {
        ErrorScore mine = leading();
        ErrorScore other = before.scores.getOrDefault(mine.output().output(), mine);
        return ErrorInterval.of(
                other.byExample(), mine.byExample(), mine.output().isClasses());
    }
}
