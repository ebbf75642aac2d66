package org.espalier.rewrite;

import java.util.List;
import org.espalier.graph.Graph;

/**
 * A network in plain operators. A new form is one class and one line here.
 *
 * @param graph the network
 * @param notes what was done, a line for each kind; empty where there was nothing to do
 */
public record Rewritten(Graph graph, List<String> notes) {
    /** In this order: what one leaves may be what the next one looks for. */
    private static final List<Rewriting> ALL = List.of(new Dequantising(), new Unfusing(), new IfInlining());

    /**
     * Copies the notes.
     *
     * @param graph the network
     * @param notes what was done
     */
    public Rewritten {
        notes = List.copyOf(notes);
    }

    /**
     * Rewrites a network until nothing changes any more: what a branch holds is looked at when it stands in the network itself.
     *
     * @param graph the network as it is in the file
     * @return the network in plain operators, as far as the forms in it are known
     * @throws org.espalier.graph.GraphException if its parts do not fit each other
     */
    public static Rewritten of(Graph graph) {
        Notes notes = new Notes();
        Graph before = graph;
        while (true) {
            Graph now = before;
            for (Rewriting r : ALL) {
                now = r.apply(now, notes);
            }
            if (now == before) {
                return new Rewritten(now, notes.lines());
            }
            before = now;
        }
    }
}
