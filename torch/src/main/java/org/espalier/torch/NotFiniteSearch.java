package org.espalier.torch;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.espalier.graph.Node;
import org.jspecify.annotations.Nullable;

/** Looks for the first node of a pass whose result is not finite: see {@link TorchGraph#firstNotFinite}. */
final class NotFiniteSearch {
    /** Values that may hold infinities: constants that do, and what is made of them. */
    private final Set<String> infinite = new HashSet<>();

    private @Nullable Node found;

    NotFiniteSearch(Map<String, Tensor> constants) {
        constants.forEach((name, t) -> {
            if (t.is_floating_point() && !isFinite(t)) {
                infinite.add(name);
            }
        });
    }

    static boolean isFinite(Tensor t) {
        return t.isfinite().all().item_bool();
    }

    /** Looks at a node that has run; whether it is the one. */
    boolean isDone(Node node, Map<String, Tensor> known) {
        for (String name : node.outputs()) {
            Tensor y = known.get(name);
            if (y == null || !y.is_floating_point() || isFinite(y)) {
                continue;
            }
            boolean inherited = node.inputs().stream().anyMatch(infinite::contains);
            if (!inherited || y.isnan().any().item_bool()) {
                found = node;
                return true;
            }
            infinite.add(name);
        }
        return false;
    }

    Optional<Node> found() {
        return Optional.ofNullable(found);
    }
}
