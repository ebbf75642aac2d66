package org.espalier.graph;

import java.util.List;

/** What layers are called: by their weights where these are named for the layer, as frameworks do, else by their nodes. */
public final class LayerNames {
    private static final List<String> ENDINGS =
            List.of(".weight", ".kernel", "/kernel", "/weight", ".weight_quantized");

    private LayerNames() {}

    /**
     * The name of a layer.
     *
     * @param n its node
     * @return {@code layer1.0.conv2} where the weight is {@code layer1.0.conv2.weight}; the node's name where no weight says more
     */
    public static String of(Node n) {
        for (String in : n.inputs()) {
            for (String ending : ENDINGS) {
                if (in.endsWith(ending) && in.length() > ending.length()) {
                    return in.substring(0, in.length() - ending.length());
                }
            }
        }
        return n.name();
    }
}
