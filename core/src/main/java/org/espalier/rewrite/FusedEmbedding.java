package org.espalier.rewrite;

import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** EmbedLayerNormalization: a sum of embeddings of words, positions and segments, normalised; and the length of each text by its mask. */
final class FusedEmbedding implements FusedOperator {
    private static final int POSITIONS = 8;
    private static final int MASK = 7;
    /** Range, by which positions are counted, begins there. */
    private static final long OLDEST = 11;

    @Override
    public List<String> names() {
        return List.of("EmbedLayerNormalization");
    }

    @Override
    public boolean unfuse(Node n, GraphEdit g) {
        String ids = n.input(0);
        if (g.opset() < OLDEST) {
            return false;
        }
        Map<String, Attribute> rows = Map.of("axis", Attribute.of(0L));
        String words = g.add(n, "Gather", List.of(n.input(2), ids), rows);
        String places = n.hasInput(POSITIONS) ? n.input(POSITIONS) : g.positions(n, ids, 1);
        String positions = g.add(n, "Gather", List.of(n.input(3), places), rows);
        boolean segmented = n.hasInput(1) && n.hasInput(4);
        String sum = n.output(2).isEmpty() ? g.free(n.name() + "/Add") : n.output(2);
        if (segmented) {
            String segments = g.add(n, "Gather", List.of(n.input(4), n.input(1)), rows);
            g.addAs(n, "Add", List.of(g.add(n, "Add", words, positions), segments), sum);
        } else {
            g.addAs(n, "Add", List.of(words, positions), sum);
        }
        Map<String, Attribute> how =
                Map.of("axis", Attribute.of(-1L), "epsilon", Attribute.of(n.getFloat("epsilon", 1e-12f)));
        g.replace(n, "LayerNormalization", List.of(sum, n.input(5), n.input(6)), List.of(n.output(0)), how);
        if (!n.output(1).isEmpty()) {
            lengths(n, g);
        }
        return true;
    }

    /** How many positions the mask keeps; 0 where there is no mask. */
    private static void lengths(Node n, GraphEdit g) {
        String mask = n.hasInput(MASK) ? n.input(MASK) : n.input(0);
        String one = n.hasInput(MASK)
                ? g.constant(
                        n.name() + ".one", TensorData.ofLongs(new long[] {1}).as(ElementType.INT32))
                : mask;
        String kept = g.cast(n, g.add(n, "Equal", mask, one), ElementType.INT32);
        String zeros = n.hasInput(MASK) ? kept : g.add(n, "Sub", kept, kept);
        List<String> in = g.opset() >= 13 ? List.of(zeros, g.longs(n, 1)) : List.of(zeros);
        Map<String, Attribute> how = g.opset() >= 13
                ? Map.of("keepdims", Attribute.of(0L))
                : Map.of("keepdims", Attribute.of(0L), "axes", Attribute.of(new long[] {1}));
        g.addAs(n, "ReduceSum", in, n.output(1), how);
    }
}
