package org.espalier.shapes;

import java.util.List;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;

/**
 * How many examples a network takes at a time.
 *
 * @param fixed the one number that it takes; 0 where it takes several
 * @param multiple where it takes several, what they are multiples of: 1 for any number
 */
public record BatchRule(int fixed, int multiple) {
    /**
     * The rule of a network.
     *
     * @param graph the network
     * @return what it takes
     */
    public static BatchRule of(Graph graph) {
        return of(graph, InferredShapes.infer(graph, 1));
    }

    /**
     * The rule of a network that is known for a batch of 1.
     *
     * @param shapes as {@link InferredShapes#infer(Graph, long)} has them for one example
     */
    static BatchRule of(Graph graph, InferredShapes shapes) {
        int fixed = Value.fixedBatch(graph.inputs());
        if (fixed > 0) {
            return new BatchRule(fixed, 1);
        }
        for (Value v : graph.inputs()) {
            List<Dimension> dims = v.shape();
            if (dims != null && !dims.isEmpty()) {
                return new BatchRule(0, (int) shapes.shape(v.name())[0]);
            }
        }
        return new BatchRule(0, 1);
    }

    /**
     * Rows that hold some examples, of which the last ones may be padding.
     *
     * @param examples how many; not more than the network takes, where that is fixed
     * @return the smallest number that the network takes and that holds them
     */
    public int rows(int examples) {
        return fixed > 0 ? fixed : (examples + multiple - 1) / multiple * multiple;
    }

    /**
     * The number nearest to a wish.
     *
     * @param wanted examples at a time
     * @return the largest number that the network takes of at most so many, or the smallest that it takes
     */
    public int nearest(int wanted) {
        return fixed > 0 ? fixed : Math.max(1, wanted / multiple) * multiple;
    }
}
