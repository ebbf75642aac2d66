package org.espalier.rewrite;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Attribute;
import org.espalier.graph.Node;
import org.jspecify.annotations.Nullable;

/** The activation at the end of a fused layer. */
final class Activations {
    private static final Set<String> PLAIN = Set.of("Relu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Selu");
    /** Names of the parameters of those that have some, in ONNX Runtime's order. */
    private static final Map<String, List<String>> PARAMETERS = Map.of(
            "LeakyRelu", List.of("alpha"),
            "Elu", List.of("alpha"),
            "ThresholdedRelu", List.of("alpha"),
            "HardSigmoid", List.of("alpha", "beta"));

    private Activations() {}

    static boolean isKnown(String name) {
        return PLAIN.contains(name) || PARAMETERS.containsKey(name) || name.equals("Clip");
    }

    /** Adds the activation with the output of that name; parameters that are null have ONNX's defaults. */
    static void add(Node of, String name, @Nullable Float[] parameters, String in, String out, GraphEdit g) {
        if (name.equals("Clip")) {
            clip(of, parameters, in, out, g);
            return;
        }
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        List<String> names = PARAMETERS.getOrDefault(name, List.of());
        for (int i = 0; i < names.size(); i++) {
            Float value = i < parameters.length ? parameters[i] : null;
            if (value != null) {
                attributes.put(names.get(i), Attribute.of(value));
            }
        }
        String node = g.free(of.name() + "/" + name);
        g.keep(Node.of(node, name, List.of(in), List.of(out), attributes));
    }

    private static void clip(Node of, @Nullable Float[] bounds, String in, String out, GraphEdit g) {
        Float low = bounds.length > 0 ? bounds[0] : null;
        Float high = bounds.length > 1 ? bounds[1] : null;
        g.clip(
                of,
                in,
                out,
                low == null ? Double.NEGATIVE_INFINITY : low,
                high == null ? Double.POSITIVE_INFINITY : high);
    }
}
