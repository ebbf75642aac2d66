package org.espalier.objective;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.espalier.data.DataSet;
import org.espalier.data.LabelKind;
import org.espalier.data.LabelValues;
import org.espalier.graph.Graph;
import org.espalier.objective.LabelledOutput.Kind;
import org.espalier.recipe.PruningTask;

/**
 * What labels of one or several numbers per example mean for an output.
 *
 * <ul>
 *   <li>As many zeros and ones as the output has numbers: the class, where each example has a single one and the output one axis of classes;
 *   the class at each position, where a Softmax makes the output; else yes or no for each number.
 *   <li>Fewer integers: the class at each position of an output with one more axis. Below 0, or {@value #VOID}, there is none.
 *   <li>As many floats as the output has numbers: these are to be predicted.
 * </ul>
 */
final class NumericLabels {
    /** The class of positions that have none. */
    static final long NO_CLASS = -100;

    /** How label maps of bytes say that a pixel has no class. */
    private static final int VOID = LabelValues.VOID;

    private NumericLabels() {}

    /**
     * Finds out.
     *
     * @param graph the network
     * @param output the output's name
     * @param shape its shape, the batch first; empty where that is not known
     * @param data with labels that are numbers
     * @param task which says whether the output has a score per class
     * @throws IllegalArgumentException if labels do not fit
     */
    static LabelledOutput output(Graph graph, String output, long[] shape, DataSet data, PruningTask task) {
        int size = LabelledOutput.size(shape);
        int wanted = elements(data);
        LabelValues values = data.labelValues();
        boolean answers = values.zerosAndOnes() && values.smallest() == 0 && values.largest() == 1;
        if (answers && (size < 0 || size == wanted)) {
            return answers(graph, output, shape, wanted, values);
        }
        if (data.labelKind() == LabelKind.INTEGERS) {
            return byPosition(graph, output, shape, data);
        }
        if (task.classifier()) {
            throw new IllegalArgumentException("data set '" + data.name()
                    + "': labels of a classifier must be classes, expected integers, found numbers to predict");
        }
        if (size >= 0 && size != wanted) {
            boolean classes = values.whole() && wanted == 1;
            throw new IllegalArgumentException("output '" + output + "' must have the shape of data set '" + data.name()
                    + "''s targets, expected " + wanted + " numbers per example as y " + data.targetShape() + ", found "
                    + size + (classes ? "; if they are classes, give them as integers" : ""));
        }
        return new LabelledOutput(output, Kind.NUMBERS, size, true);
    }

    private static LabelledOutput answers(Graph graph, String output, long[] shape, int wanted, LabelValues values) {
        boolean classes = wanted == 1 || (values.oneHot() && LabelledOutput.axes(shape) <= 1);
        if (classes) {
            return new LabelledOutput(output, LabelledOutput.classKind(graph, output, wanted), wanted, true);
        }
        int axis = LabelledOutput.softmaxAxis(graph, output, shape);
        if (axis > 0) {
            return new LabelledOutput(output, Kind.POSITIONS, wanted, true, axis);
        }
        boolean sigmoid = LabelledOutput.maker(graph, output).equals("Sigmoid");
        return new LabelledOutput(output, sigmoid ? Kind.YES_OR_NO : Kind.YES_OR_NO_SCORES, wanted, true);
    }

    private static LabelledOutput byPosition(Graph graph, String output, long[] shape, DataSet data) {
        int softmax = LabelledOutput.softmaxAxis(graph, output, shape);
        int axis = classAxis(shape, data.targetShape(), softmax);
        LabelValues values = data.labelValues();
        if (axis < 0) {
            throw new IllegalArgumentException("output '" + output + "' must have scores of classes at each position"
                    + " that data set '" + data.name() + "' has an integer for, expected " + data.targetShape()
                    + " and an axis of classes, or a zero or one for each number, found "
                    + (shape.length == 0 ? "a shape that depends on data" : LabelledOutput.text(shape)));
        }
        if (values.largest() >= shape[axis]) {
            throw new IllegalArgumentException("output '" + output + "' must hold a score for each class of data set '"
                    + data.name() + "', expected classes 0 to " + (shape[axis] - 1) + " (below 0, or " + VOID
                    + ", for none), found " + (int) values.largest());
        }
        return new LabelledOutput(
                output,
                softmax == axis ? Kind.POSITIONS : Kind.SCORES_BY_POSITION,
                LabelledOutput.size(shape),
                true,
                axis);
    }

    /**
     * The axis of an output without which it has the labels' shape: the Softmax's, else the channels' of a picture, else the last one that
     * fits; −1 where none does.
     */
    private static int classAxis(long[] shape, List<Integer> labels, int softmax) {
        long[] wanted = labels.stream().mapToLong(n -> n).filter(n -> n != 1).toArray();
        int best = -1;
        for (int a = 1; a < shape.length; a++) {
            int axis = a;
            long[] rest = IntStream.range(1, shape.length)
                    .filter(i -> i != axis)
                    .mapToLong(i -> shape[i])
                    .filter(n -> n != 1)
                    .toArray();
            boolean fits = shape[a] > 1 && Arrays.equals(rest, wanted);
            if (fits && (a == softmax || (a == 1 && shape.length > 3 && softmax < 0))) {
                return a;
            }
            best = fits ? a : best;
        }
        return best;
    }

    /** How many numbers each example is labelled with. */
    static int elements(DataSet data) {
        return data.targetShape().stream().reduce(1, Math::multiplyExact);
    }

    static float[] read(DataSet data, int example) {
        float[] target = new float[elements(data)];
        data.readTarget(example, target, 0);
        return target;
    }

    /** The class of an example, which labels may say by a one among zeros, or by a single zero or one. */
    static int label(DataSet data, int example) {
        if (!data.hasTargets()) {
            return data.label(example);
        }
        float[] target = read(data, example);
        if (target.length == 1) {
            return Math.round(target[0]);
        }
        return largest(target, 0, new ChannelAxis(1, target.length, 1));
    }

    /**
     * The share of an example's positions at which the largest score is another class's.
     *
     * @param target classes by position, or scores as {@code output} has them
     */
    static double wrongPositions(ChannelAxis classes, float[] output, int offset, float[] target, int targetOffset) {
        boolean numbered = target.length == classes.positions();
        int wrong = 0;
        int counted = 0;
        for (int o = 0; o < classes.outer(); o++) {
            for (int i = 0; i < classes.inner(); i++) {
                int from = o * classes.channels() * classes.inner() + i;
                long right = numbered
                        ? classAt(target[o * classes.inner() + i])
                        : largest(target, targetOffset + from, classes);
                if (right != NO_CLASS) {
                    counted++;
                    wrong += largest(output, offset + from, classes) == right ? 0 : 1;
                }
            }
        }
        return counted == 0 ? 0 : (double) wrong / counted;
    }

    private static long classAt(float label) {
        return label < 0 || label == VOID ? NO_CLASS : (long) label;
    }

    private static int largest(float[] scores, int from, ChannelAxis classes) {
        int best = 0;
        for (int c = 1; c < classes.channels(); c++) {
            best = scores[from + c * classes.inner()] > scores[from + best * classes.inner()] ? c : best;
        }
        return best;
    }

    /** The share of numbers that say yes, being above {@code yes}, where labels say no, or the reverse. */
    static double wrongAnswers(float yes, int size, float[] output, int offset, float[] target) {
        int wrong = 0;
        for (int i = 0; i < size; i++) {
            wrong += output[offset + i] > yes == target[i] > 0.5f ? 0 : 1;
        }
        return (double) wrong / size;
    }
}
