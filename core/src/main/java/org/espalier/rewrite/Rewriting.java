package org.espalier.rewrite;

import org.espalier.graph.Graph;

/** One kind of foreign form and what stands in its place. */
interface Rewriting {
    /**
     * The graph without this form, as far as it is known; the same graph where there is none.
     *
     * @param graph the network
     * @param notes gets what was done
     */
    Graph apply(Graph graph, Notes notes);
}
