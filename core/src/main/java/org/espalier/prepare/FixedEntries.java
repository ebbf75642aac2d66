package org.espalier.prepare;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/**
 * Makes those entries of a computed size constants that are the same for all sizes of the network's inputs: the channels, where height and
 * width are free. A Where puts them over what is computed; the other entries stay computed.
 */
final class FixedEntries {
    /** Operators that take sizes, and as which input. */
    private static final Map<String, Integer> SIZED = Map.of("Reshape", 1, "Expand", 1, "Resize", 3);

    private static final int OLDEST_WHERE = 9;

    private final Graph graph;
    private final List<InferredShapes> probes;
    private final BiFunction<String, TensorData, String> constant;
    private final Consumer<Node> nodes;

    /**
     * Looks at a graph.
     *
     * @param probes the graph at several sizes of its inputs
     * @param constant adds a constant to the new graph and returns its name
     * @param nodes takes nodes of the new graph
     */
    FixedEntries(
            Graph graph,
            List<InferredShapes> probes,
            BiFunction<String, TensorData, String> constant,
            Consumer<Node> nodes) {
        this.graph = graph;
        this.probes = probes;
        this.constant = constant;
        this.nodes = nodes;
    }

    /**
     * The node with such a size; the node itself where nothing is to be done.
     *
     * @param old the graph's own node
     * @param node the same in the new graph
     */
    Node in(Node old, Node node) {
        Integer at = SIZED.get(node.opType());
        int oldAt = old.opType().equals("ConstantOfShape") ? 0 : at == null ? -1 : at;
        // Sizes given for some axes are those of space.
        if (at == null
                || node.hasAttribute("axes")
                || !node.hasInput(at)
                || !old.hasInput(oldAt)
                || graph.opset() < OLDEST_WHERE) {
            return node;
        }
        String sizes = old.input(oldAt);
        long[] entries = fixed(sizes);
        boolean some = entries != null && Arrays.stream(entries).anyMatch(e -> e > 0);
        boolean computed = graph.initializer(node.input(at)) == null
                && probes.get(0).constant(sizes) == null
                && (graph.producer(sizes) != null);
        if (entries == null || !some || !computed || areConstantPieces(sizes, entries)) {
            return node;
        }
        if (Arrays.stream(entries).allMatch(e -> e > 0)) {
            return node;
        }
        double[] stays = Arrays.stream(entries).mapToDouble(e -> e < 0 ? 1 : 0).toArray();
        TensorData mask = TensorData.ofDoubles(stays, stays.length).as(ElementType.BOOL);
        String name = graph.freshName(node.name() + ".sizes");
        List<String> inputs = List.of(
                constant.apply(node.name() + ".computed", mask),
                node.input(at),
                constant.apply(node.name() + ".fixed", TensorData.vector(entries)));
        nodes.accept(Node.of(name, "Where", inputs, List.of(name), Map.of()));
        return node.withInput(at, name);
    }

    /** The entries of a vector of sizes that are the same everywhere and above 1, −1 for the others; null where it is not known. */
    private long @Nullable [] fixed(String sizes) {
        TensorData first = probes.get(0).valueAtTheseSizes(sizes);
        if (first == null || first.rank() != 1) {
            return null;
        }
        long[] entries = first.toLongs();
        for (InferredShapes s : probes) {
            TensorData other = s.valueAtTheseSizes(sizes);
            if (other == null || other.rank() != 1 || other.elements() != entries.length) {
                return null;
            }
            long[] here = other.toLongs();
            for (int i = 0; i < here.length; i++) {
                entries[i] = entries[i] == here[i] && here[i] > 1 ? here[i] : -1;
            }
        }
        return entries;
    }

    /** Whether a vector is put together of pieces, of which those with fixed entries depend on no sizes or are constants. */
    private boolean areConstantPieces(String sizes, long[] entries) {
        Node concat = graph.producer(sizes);
        if (concat == null || !concat.opType().equals("Concat")) {
            return false;
        }
        int at = 0;
        for (String piece : concat.inputs()) {
            int length = (int) probes.get(0).shape(piece)[0];
            boolean any = Arrays.stream(entries, at, at + length).anyMatch(e -> e > 0);
            boolean all = Arrays.stream(entries, at, at + length).allMatch(e -> e > 0);
            if (any && !all) {
                return false;
            }
            at += length;
        }
        return true;
    }
}
