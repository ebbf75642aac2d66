package org.espalier.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Value;
import org.espalier.rewrite.Rewritten;

/**
 * A network that somebody brings, in the form that analysis and training work on, and the way back.
 *
 * @param given as it was read, in plain operators as far as {@link Rewritten} knows the forms in it
 * @param graph the same in float32, constants folded, its batch size free where that is possible
 * @param sizes shapes of inputs by name at which free sizes are looked at, such as the data's; empty for usual ones
 * @param rewritten what was not in plain operators in the file, a line for each kind
 */
public record PreparedGraph(Graph given, Graph graph, Map<String, long[]> sizes, List<String> rewritten) {
    /**
     * Copies sizes and lines.
     *
     * @param given as it was read, in plain operators
     * @param graph the same in the form that is worked on
     * @param sizes shapes of inputs by name
     * @param rewritten what was not in plain operators in the file
     */
    public PreparedGraph {
        sizes = Map.copyOf(sizes);
        rewritten = List.copyOf(rewritten);
    }

    /**
     * A network that was in plain operators, looked at at usual sizes.
     *
     * @param given as it was read
     * @param graph the same in the form that is worked on
     */
    public PreparedGraph(Graph given, Graph graph) {
        this(given, graph, Map.of(), List.of());
    }

    /**
     * Prepares a network.
     *
     * @param given the network as it is in the file
     * @return the network, ready for work
     * @throws GraphException if its parts do not fit each other
     */
    public static PreparedGraph of(Graph given) {
        return of(given, Map.of());
    }

    /**
     * Prepares a network that leaves sizes open.
     *
     * @param given the network as it is in the file
     * @param sizes shapes of inputs by name; the first size, the batch, counts nothing
     * @return the network, ready for work
     * @throws GraphException if its parts do not fit each other
     */
    public static PreparedGraph of(Graph given, Map<String, long[]> sizes) {
        Rewritten plain = Rewritten.of(given);
        Graph normal = GraphNormalizer.normalize(HalfPrecision.widen(plain.graph()), sizes);
        return new PreparedGraph(plain.graph(), BatchFreeing.free(normal), sizes, plain.notes());
    }

    /**
     * The same with another graph to work on.
     *
     * @param other made from {@link #graph}
     * @return the network with it
     */
    public PreparedGraph withGraph(Graph other) {
        return new PreparedGraph(given, other, sizes, rewritten);
    }

    /**
     * A graph made from {@link #graph}, with names and sizes of inputs and outputs as they were given; float32 for
     * half precision.
     *
     * @param g a graph made from {@link #graph}
     * @return a graph made from {@link #graph}, with names and sizes of inputs and outputs as they were given
     */
    public Graph withInterface(Graph g) {
        return declared(
                g,
                given.inputs().stream().map(HalfPrecision::widen).toList(),
                given.outputs().stream().map(HalfPrecision::widen).toList());
    }

    private Graph declared(Graph g, List<Value> inputs, List<Value> outputs) {
        return new Graph(given.name(), g.opsets(), inputs, outputs, g.nodes(), g.initializers(), given.metadata());
    }

    /**
     * A graph made from {@link #graph} as one like that which was given: inputs, outputs and precision.
     *
     * @param g a graph made from {@link #graph}
     * @return a graph made from {@link #graph} as one like that which was given
     * @throws GraphException if a weight does not fit the precision
     */
    public Graph asGiven(Graph g) {
        if (HalfPrecision.of(given) == null) {
            return withInterface(g);
        }
        // Which type a value has shows at sizes that the network takes.
        Graph narrow = HalfPrecision.narrow(sized(withInterface(g)), sized(given));
        return declared(narrow, given.inputs(), given.outputs());
    }

    /** A graph whose inputs have the sizes at which it is looked at. */
    private Graph sized(Graph g) {
        List<Value> inputs = new ArrayList<>();
        for (Value v : g.inputs()) {
            long[] shape = sizes.get(v.name());
            List<Dimension> dims = v.shape();
            if (shape == null || dims == null || dims.size() != shape.length) {
                inputs.add(v);
                continue;
            }
            List<Dimension> known = new ArrayList<>(dims);
            for (int i = 1; i < shape.length; i++) {
                known.set(i, dims.get(i).isKnown() ? dims.get(i) : Dimension.of(shape[i]));
            }
            inputs.add(new Value(v.name(), v.type(), known));
        }
        return new Graph(g.name(), g.opsets(), inputs, g.outputs(), g.nodes(), g.initializers(), g.metadata());
    }
}
