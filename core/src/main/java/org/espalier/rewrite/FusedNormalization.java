package org.espalier.rewrite;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.Node;

/**
 * SkipLayerNormalization and SkipSimplifiedLayerNormalization: a sum of two values, and of a bias where there is one, normalised along the
 * last axis; the latter by the root of the mean square alone. One whose statistics are read, as in training, stays.
 */
final class FusedNormalization implements FusedOperator {
    private static final float EPSILON = 1e-12f;

    @Override
    public List<String> names() {
        return List.of("SkipLayerNormalization", "SkipSimplifiedLayerNormalization");
    }

    @Override
    public boolean unfuse(Node n, GraphEdit g) {
        boolean simplified = n.opType().startsWith("SkipSimplified");
        int bias = simplified ? 3 : 4;
        if (g.isRead(n.output(1)) || g.isRead(n.output(2))) {
            return false;
        }
        String sum = n.output(3).isEmpty() ? g.free(n.name() + "/Add") : n.output(3);
        if (n.hasInput(bias)) {
            String both = g.add(n, "Add", n.input(0), n.input(1));
            g.addAs(n, "Add", List.of(both, n.input(bias)), sum);
        } else {
            g.addAs(n, "Add", List.of(n.input(0), n.input(1)), sum);
        }
        normalise(n, sum, simplified, g);
        return true;
    }

    private static void normalise(Node n, String sum, boolean simplified, GraphEdit g) {
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        attributes.put("axis", Attribute.of(-1L));
        attributes.put("epsilon", Attribute.of(n.getFloat("epsilon", EPSILON)));
        boolean shift = !simplified && n.hasInput(3);
        List<String> in = shift ? List.of(sum, n.input(2), n.input(3)) : List.of(sum, n.input(2));
        List<String> out = List.of(n.output(0));
        g.replace(n, simplified ? "SimplifiedLayerNormalization" : "LayerNormalization", in, out, attributes);
    }
}
