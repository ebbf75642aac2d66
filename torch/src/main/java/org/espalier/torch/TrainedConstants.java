package org.espalier.torch;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** Which constants of a graph are trained. */
public final class TrainedConstants {
    /** Inputs from this position on hold weights; {@code last} is the last such position. */
    private record Range(int first, int last) {}

    private static final Map<String, Range> WEIGHTS = Map.of(
            "BatchNormalization", new Range(1, 2),
            "Clip", new Range(3, 3),
            "Pad", new Range(3, 3),
            "Resize", new Range(4, 4),
            "Upsample", new Range(4, 4),
            "Pow", new Range(2, 2),
            "Dropout", new Range(3, 3),
            "Range", new Range(3, 3));
    private static final Set<String> ARITHMETIC =
            Set.of("Add", "Sub", "Mul", "Div", "Sum", "Mean", "Min", "Max", "Mod", "Where", "Equal", "Greater", "Less");

    /** What masks have for minus infinity where a sum with it should stay finite, or at most that. */
    private static final float AS_GOOD_AS_INFINITE = -1e4f;

    private TrainedConstants() {}

    /**
     * Names of the constants that training changes: floating-point ones, except running statistics, settings such as
     * the bounds of Clip, single numbers in arithmetic, which formulas such as a hand-written GELU are made of, equal
     * numbers that only fill a shape, and the masks of attentions.
     *
     * @param graph the network
     * @return in the order of the graph's constants
     */
    public static Set<String> trainable(Graph graph) {
        Set<String> names = new LinkedHashSet<>();
        graph.initializers().forEach((name, value) -> {
            if (value.type().isFloating()
                    && graph.consumers(name).stream().anyMatch(n -> weighs(n, name, value))
                    && graph.consumers(name).stream().noneMatch(n -> isStatistic(n, name))
                    && !isMask(graph.consumers(name), value)
                    && !isFilling(graph.consumers(name), value)) {
                names.add(name);
            }
        });
        return names;
    }

    /** Names of the constants that hold running statistics of a batch normalisation. */
    static Set<String> statistics(Graph graph) {
        Set<String> names = new LinkedHashSet<>();
        for (String name : graph.initializers().keySet()) {
            if (graph.consumers(name).stream().anyMatch(n -> isStatistic(n, name))) {
                names.add(name);
            }
        }
        return names;
    }

    /** Whether a constant holds infinities, or is added to something with numbers that stand for them. */
    private static boolean isMask(List<Node> readers, TensorData value) {
        boolean added = readers.stream().allMatch(n -> ARITHMETIC.contains(n.opType()));
        for (float v : value.toFloats()) {
            if (Float.isInfinite(v) || (added && v <= AS_GOOD_AS_INFINITE)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a constant of equal numbers is read only to fill a shape, as the zeros that a recurrent layer starts from. */
    private static boolean isFilling(List<Node> readers, TensorData value) {
        if (!readers.stream().allMatch(n -> n.opType().equals("Expand"))) {
            return false;
        }
        float[] v = value.toFloats();
        for (float x : v) {
            if (x != v[0]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isStatistic(Node n, String name) {
        return n.opType().equals("BatchNormalization")
                && (n.input(3).equals(name) || n.input(4).equals(name));
    }

    private static boolean weighs(Node n, String name, TensorData value) {
        if (ARITHMETIC.contains(n.opType()) && value.elements() == 1) {
            return false;
        }
        Range range = WEIGHTS.getOrDefault(n.opType(), new Range(0, Integer.MAX_VALUE));
        for (int i = 0; i < n.inputs().size(); i++) {
            if (n.input(i).equals(name) && i >= range.first() && i <= range.last()) {
                return true;
            }
        }
        return false;
    }
}
