package org.espalier.rewrite;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.Node;
import org.jspecify.annotations.Nullable;

/** FusedGemm: a Gemm and an activation. */
final class FusedGemm implements FusedOperator {
    @Override
    public List<String> names() {
        return List.of("FusedGemm");
    }

    @Override
    public boolean unfuse(Node n, GraphEdit g) {
        String activation = n.getString("activation", "");
        if (!activation.isEmpty() && !Activations.isKnown(activation)) {
            return false;
        }
        Map<String, Attribute> attributes = new LinkedHashMap<>(n.attributes());
        attributes.keySet().removeIf(key -> key.startsWith("activation"));
        String gemm = activation.isEmpty() ? n.output(0) : g.free(n.name() + "/Gemm");
        g.replace(n, "Gemm", n.inputs(), List.of(gemm), attributes);
        if (!activation.isEmpty()) {
            @Nullable Float[] parameters = {number(n, "activation_alpha"), number(n, "activation_beta")};
            Activations.add(n, activation, parameters, gemm, n.output(0), g);
        }
        return true;
    }

    private static @Nullable Float number(Node n, String key) {
        return n.hasAttribute(key) ? n.getFloat(key, 0) : null;
    }
}
