package org.espalier.objective;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.espalier.data.DataSet;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.Value;
import org.espalier.ops.TensorInfo;
import org.espalier.recipe.PruningTask;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/**
 * The output of a network that labels belong to, and what its numbers mean.
 *
 * @param output its name
 * @param kind what the numbers are
 * @param size numbers per example; −1 where that is not known before the network runs
 * @param labelled whether there are labels; without, the numbers are compared with those of the original network
 * @param classAxis the axis of classes by position ({@link #isByPosition}), the batch being axis 0; −1 for other kinds
 */
public record LabelledOutput(String output, Kind kind, int size, boolean labelled, int classAxis) {
    private static final Set<String> RESHAPING =
            Set.of("Identity", "Cast", "Flatten", "Reshape", "Squeeze", "Unsqueeze");

    /** What the numbers of an output are. */
    public enum Kind {
        /** One score per class; logarithms of probabilities count as such. */
        SCORES,
        /** One probability per class, made by a Softmax, or by a Sigmoid: of that class against all others. */
        PROBABILITIES,
        /** One number: positive for class 1, else class 0. */
        SCORE,
        /** One number: the probability of class 1, made by a Sigmoid. */
        PROBABILITY,
        /** Probabilities of classes at many positions, made by a Softmax: of characters, of steps in time, of pixels. */
        POSITIONS,
        /** One score per class at many positions; labels say which class is meant. */
        SCORES_BY_POSITION,
        /** Many probabilities, made by a Sigmoid, each of yes against no; labels say which is meant. */
        YES_OR_NO,
        /** Many scores, each positive for yes, else no; labels say which is meant. */
        YES_OR_NO_SCORES,
        /** Numbers to predict. */
        NUMBERS
    }

    /**
     * An output that holds no classes by position.
     *
     * @param output its name
     * @param kind what the numbers are
     * @param size numbers per example; −1 where that is not known before the network runs
     * @param labelled whether there are labels
     */
    public LabelledOutput(String output, Kind kind, int size, boolean labelled) {
        this(output, kind, size, labelled, -1);
    }

    /**
     * What an output's numbers are where no label belongs to them.
     *
     * @param graph the network, with inputs of the data's size
     * @param output its name
     * @return compared with those of the original network
     */
    static LabelledOutput unlabelled(Graph graph, String output) {
        long[] shape = shape(graph, output);
        int size = size(shape);
        if (axes(shape) == 1 && maker(graph, output).equals("Softmax")) {
            return new LabelledOutput(output, classKind(graph, output, size), size, false);
        }
        int axis = softmaxAxis(graph, output, shape);
        return axis < 1
                ? new LabelledOutput(output, Kind.NUMBERS, size, false)
                : new LabelledOutput(output, Kind.POSITIONS, size, false, axis);
    }

    /** The axis over which a Softmax makes an output's classes at many positions; −1 where none does. */
    static int softmaxAxis(Graph graph, String output, long[] shape) {
        Node n = graph.producer(output);
        while (n != null && (n.opType().equals("Identity") || n.opType().equals("Cast"))) {
            n = graph.producer(n.input(0));
        }
        if (n == null || !n.opType().equals("Softmax") || shape.length < 3) {
            return -1;
        }
        boolean flattens = graph.opset() < 13;
        int axis = (int) n.getLong("axis", flattens ? 1 : -1);
        axis = axis < 0 ? axis + shape.length : axis;
        // Before operator set 13 all axes from this one on were one.
        return flattens && axis != shape.length - 1 ? -1 : axis;
    }

    /**
     * Finds out.
     *
     * @param graph the network
     * @param data the data set
     * @param task which output labels belong to
     * @return what labels belong to
     * @throws IllegalArgumentException if labels, or the task, do not fit the network
     */
    public static LabelledOutput of(Graph graph, DataSet data, PruningTask task) {
        String name = find(graph, task.output());
        long[] shape = shape(InputMatch.sized(graph, data), name);
        int size = size(shape);
        return switch (data.labelKind()) {
            case CLASSES -> {
                requireClasses(name, shape, data.name(), data.classNames(), beginsAtOne(data));
                yield new LabelledOutput(name, classKind(graph, name, size), size, true);
            }
            case TARGETS, INTEGERS -> NumericLabels.output(graph, name, shape, data, task);
            case NONE -> {
                if (task.classifier() && axes(shape) > 1) {
                    throw new IllegalArgumentException("output '" + name
                            + "' must hold one score per class, expected [N, classes], found " + text(shape));
                }
                yield task.classifier()
                        ? new LabelledOutput(name, classKind(graph, name, size), size, false)
                        : unlabelled(InputMatch.sized(graph, data), name);
            }
        };
    }

    /** Along how many axes an example's numbers lie: none for a single number, or where the shape is not known. */
    static long axes(long... shape) {
        return Arrays.stream(shape).skip(1).filter(n -> n != 1).count();
    }

    /** A shape with the number of examples left open. */
    static String text(long[] shape) {
        return Arrays.toString(shape).replaceFirst("^\\[\\d+", "[N");
    }

    private static String find(Graph graph, @Nullable String output) {
        List<String> names = graph.outputs().stream().map(Value::name).toList();
        if (output != null) {
            if (!names.contains(output)) {
                throw new IllegalArgumentException(
                        "output '" + output + "' is not one of the network's, found " + names);
            }
            return output;
        }
        List<String> numbers = graph.outputs().stream()
                .filter(v -> v.type().isFloating())
                .map(Value::name)
                .toList();
        return numbers.stream()
                .filter(name -> ExampleOutputs.hasExamples(graph, name))
                .findFirst()
                .or(() -> numbers.stream().findFirst())
                .orElseThrow(() -> new IllegalArgumentException(
                        "the network must have an output of floating-point numbers, found " + graph.outputs()));
    }

    /**
     * The shape of an output for two examples; empty where that is not known, or follows from a size that the inputs
     * leave open.
     */
    static long[] shape(Graph graph, String output) {
        if (graph.inputs().stream().anyMatch(LabelledOutput::isOpen)) {
            return new long[0];
        }
        try {
            TensorInfo info = InferredShapes.infer(graph, 2).info(output);
            return info == null ? new long[0] : info.shape();
        } catch (GraphException e) {
            return new long[0];
        }
    }

    private static boolean isOpen(Value input) {
        List<Dimension> shape = input.shape();
        return shape == null || shape.stream().skip(1).anyMatch(d -> !d.isKnown());
    }

    /**
     * Checks that an output has one score for each class, before any example is read.
     *
     * @param graph the network
     * @param output the output's name, or null for the first one that holds numbers
     * @param data the data set's name
     * @param classes their names
     * @throws IllegalArgumentException if it has not
     */
    public static void requireClasses(Graph graph, @Nullable String output, String data, List<String> classes) {
        String name = find(graph, output);
        requireClasses(name, shape(graph, name), data, classes, false);
    }

    private static void requireClasses(
            String output, long[] shape, String data, List<String> names, boolean beginsAtOne) {
        int classes = names.size();
        int size = size(shape);
        // Class numbers that stand in a file say which score is meant, names of folders only if there is one for each.
        boolean numbered =
                IntStream.range(0, classes).allMatch(i -> names.get(i).equals(Integer.toString(i)));
        boolean fits = size < 0 || (size == 1 ? classes <= 2 : numbered ? classes <= size : classes == size);
        if (!fits || axes(shape) > 1) {
            throw new IllegalArgumentException("output '" + output + "' must hold one score per class of data set '"
                    + data + "', expected [N, " + classes + "], found " + text(shape)
                    + (beginsAtOne && numbered && classes == size + 1
                            ? "; classes are counted from 0, but none of the examples has class 0: count them from 0"
                            : ""));
        }
    }

    /** Numbers per example; −1 where that is not known. */
    static int size(long[] shape) {
        return shape.length == 0 || shape[0] < 1
                ? -1
                : (int) (Arrays.stream(shape).reduce(1, (a, b) -> a * b) / shape[0]);
    }

    private static boolean beginsAtOne(DataSet data) {
        return IntStream.range(0, data.size()).allMatch(i -> data.label(i) > 0);
    }

    /** The operator that makes an output, but for changes of shape and type; empty where there is none. */
    static String maker(Graph graph, String output) {
        Node last = graph.producer(output);
        while (last != null && RESHAPING.contains(last.opType())) {
            last = graph.producer(last.input(0));
        }
        return last == null ? "" : last.opType();
    }

    static Kind classKind(Graph graph, String output, int size) {
        String op = maker(graph, output);
        if (size == 1) {
            return op.equals("Sigmoid") ? Kind.PROBABILITY : Kind.SCORE;
        }
        return op.equals("Softmax") || op.equals("Sigmoid") ? Kind.PROBABILITIES : Kind.SCORES;
    }

    /**
     * Whether the numbers say which class an example is.
     *
     * @return true if it has scores or probabilities of classes
     */
    public boolean isClasses() {
        return kind == Kind.SCORES || kind == Kind.PROBABILITIES || kind == Kind.SCORE || kind == Kind.PROBABILITY;
    }

    /**
     * Whether there are classes at many positions.
     *
     * @return true if the output has scores or probabilities of classes along {@link #classAxis}
     */
    public boolean isByPosition() {
        return kind == Kind.POSITIONS || kind == Kind.SCORES_BY_POSITION;
    }

    /**
     * Whether each number says yes or no by itself.
     *
     * @return true if it does
     */
    public boolean isYesOrNo() {
        return kind == Kind.YES_OR_NO || kind == Kind.YES_OR_NO_SCORES;
    }
}
