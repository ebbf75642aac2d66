package org.espalier.prepare;

import java.util.List;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.rewrite.Rewritten;

/**
 * A network that somebody brings, in the form that analysis and training work on, and the way back.
 *
 * @param given as it was read, in plain operators as far as {@link Rewritten} knows the forms in it
 * @param graph the same in float32, constants folded, its batch size free where that is possible
 * @param rewritten what was not in plain operators in the file, a line for each kind
 */
public record PreparedGraph(Graph given, Graph graph, List<String> rewritten) {
    /**
     * Copies the lines.
     *
     * @param given as it was read, in plain operators
     * @param graph the same in the form that is worked on
     * @param rewritten what was not in plain operators in the file
     */
    public PreparedGraph {
        rewritten = List.copyOf(rewritten);
    }

    /**
     * A network that was in plain operators.
     *
     * @param given as it was read
     * @param graph the same in the form that is worked on
     */
    public PreparedGraph(Graph given, Graph graph) {
        this(given, graph, List.of());
    }

    /**
     * Prepares a network.
     *
     * @param given the network as it is in the file
     * @return the network, ready for work
     * @throws GraphException if its parts do not fit each other
     */
    public static PreparedGraph of(Graph given) {
        Rewritten plain = Rewritten.of(given);
        Graph graph = BatchFreeing.free(GraphNormalizer.normalize(HalfPrecision.widen(plain.graph())));
        return new PreparedGraph(plain.graph(), graph, plain.notes());
    }

    /**
     * A graph made from {@link #graph}, with names and sizes of inputs and outputs as they were given; float32 for
     * half precision.
     *
     * @param g a graph made from {@link #graph}
     * @return a graph made from {@link #graph}, with names and sizes of inputs and outputs as they were given
     */
    public Graph withInterface(Graph g) {
        return new Graph(
                given.name(),
                g.opsets(),
                given.inputs().stream().map(HalfPrecision::widen).toList(),
                given.outputs().stream().map(HalfPrecision::widen).toList(),
                g.nodes(),
                g.initializers(),
                given.metadata());
    }

    /**
     * A graph made from {@link #graph} as one like that which was given: inputs, outputs and precision.
     *
     * @param g a graph made from {@link #graph}
     * @return a graph made from {@link #graph} as one like that which was given
     * @throws GraphException if a weight does not fit the precision
     */
    public Graph asGiven(Graph g) {
        return HalfPrecision.narrow(withInterface(g), given);
    }
}
