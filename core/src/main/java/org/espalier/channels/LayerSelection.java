package org.espalier.channels;

import java.util.function.Predicate;
import org.espalier.graph.Node;

/**
 * Which layers may lose units.
 *
 * <p>The layers that make a unit are those at whose constants it begins: convolutions, matrix products, embeddings. One that only scales or
 * shifts units that reach it (batch normalisation, a bias, a depthwise convolution) does not make them, and loses its share with them.
 *
 * @param only a group is prunable if all layers that make its units pass; layers that read them give up inputs
 * @param except no constant of a node that passes changes at all, neither outputs nor inputs
 */
public record LayerSelection(Predicate<Node> only, Predicate<Node> except) {
    /** Everything that the graph allows. */
    public static final LayerSelection ALL = new LayerSelection(n -> true, n -> false);

    static final String REASON = "left alone by request";

    /** Whether a node is selected and not excepted. */
    boolean includes(Node n) {
        return only.test(n) && !except.test(n);
    }
}
