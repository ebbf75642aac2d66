package org.espalier.rewrite;

import java.util.List;
import java.util.Map;
import org.espalier.graph.Node;

/** BiasAdd: x + bias + skip. */
final class FusedBias implements FusedOperator {
    @Override
    public List<String> names() {
        return List.of("BiasAdd");
    }

    @Override
    public boolean unfuse(Node n, GraphEdit g) {
        String sum = g.add(n, "Add", n.input(0), n.input(1));
        g.replace(n, "Add", List.of(sum, n.input(2)), n.outputs(), Map.of());
        return true;
    }
}
