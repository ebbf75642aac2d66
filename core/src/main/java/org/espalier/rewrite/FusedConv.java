package org.espalier.rewrite;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.Node;
import org.jspecify.annotations.Nullable;

/** FusedConv: a convolution, a sum with another value where there is one, and an activation. */
final class FusedConv implements FusedOperator {
    @Override
    public List<String> names() {
        return List.of("FusedConv");
    }

    @Override
    public boolean unfuse(Node n, GraphEdit g) {
        String activation = n.getString("activation", "");
        if (!activation.isEmpty() && !Activations.isKnown(activation)) {
            return false;
        }
        Map<String, Attribute> attributes = new LinkedHashMap<>(n.attributes());
        attributes.keySet().removeIf(key -> key.startsWith("activation"));
        List<String> in = n.hasInput(2) ? n.inputs().subList(0, 3) : n.inputs().subList(0, 2);
        boolean sum = n.hasInput(3);
        String conv = sum || !activation.isEmpty() ? g.free(n.name() + "/Conv") : n.output(0);
        g.replace(n, "Conv", in, List.of(conv), attributes);
        String last = conv;
        if (sum) {
            last = activation.isEmpty() ? n.output(0) : g.free(n.name() + "/Add");
            g.addAs(n, "Add", List.of(conv, n.input(3)), last);
        }
        if (!activation.isEmpty()) {
            Activations.add(n, activation, parameters(n), last, n.output(0), g);
        }
        return true;
    }

    private static @Nullable Float[] parameters(Node n) {
        return n.attributes().get("activation_params") instanceof Attribute.OfFloats f
                ? f.values().toArray(new Float[0])
                : new Float[0];
    }
}
