package org.espalier.rewrite;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.ElementType;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** Operators that choose or move elements: of quantised values they do with the floats what they do with the integers. */
final class PassedOn {
    private static final Set<String> NAMES = Set.of(
            "Reshape",
            "Transpose",
            "Flatten",
            "Squeeze",
            "Unsqueeze",
            "Slice",
            "Gather",
            "Identity",
            "MaxPool",
            "Split",
            "Expand",
            "Tile",
            "DepthToSpace",
            "SpaceToDepth");
    private static final Set<String> SIZES = Set.of("Shape", "Size");
    private static final Set<ElementType> SMALL =
            Set.of(ElementType.INT8, ElementType.UINT8, ElementType.INT16, ElementType.UINT16);

    private PassedOn() {}

    /** Adds a node that reads integers; false where it reads none. */
    static boolean passOn(Node n, FloatForm f) {
        if (GraphEdit.captured(n).stream().anyMatch(f::isInteger)) {
            throw new NotInFloats(n.label() + ": reads quantised numbers in a graph of its own");
        }
        if (n.inputs().stream().noneMatch(f::isInteger)) {
            return moves(n, f);
        }
        FloatForm.Quantised q = f.quantised(n.input(0));
        FloatForm.Scaled s = f.scaled(n.input(0));
        boolean first = n.inputs().stream().skip(1).noneMatch(f::isInteger);
        if (SIZES.contains(n.opType()) && (q != null || (s != null && !s.value().isEmpty()))) {
            f.keep(n.withInput(0, q != null ? q.value() : s.value()));
        } else if (n.opType().equals("Concat") && q != null) {
            concat(n, q.how(), f);
        } else if (n.opType().equals("Cast") && s != null && isToFloat(n)) {
            f.define(n.output(0), s);
        } else if (n.opType().equals("Mul")) {
            product(n, f);
        } else if (NAMES.contains(n.opType()) && first && f.isMoved(n.input(0))) {
            f.move(n);
        } else if (NAMES.contains(n.opType()) && first && q != null && q.how().isOfOneScale()) {
            Node made = through(n, q.value(), f);
            for (int i = 0; i < made.outputs().size(); i++) {
                f.define(n.output(i), made.output(i), q.how());
            }
        } else if (NAMES.contains(n.opType())
                && first
                && s != null
                && !s.value().isEmpty()) {
            Node made = through(n, s.value(), f);
            for (int i = 0; i < made.outputs().size(); i++) {
                f.define(n.output(i), new FloatForm.Scaled(made.output(i), s.powers()));
            }
        } else {
            throw new NotInFloats(n.label() + ": reads quantised numbers in a way that is not known");
        }
        return true;
    }

    private static boolean isToFloat(Node cast) {
        return ElementType.isSupported((int) cast.getLong("to", 1))
                && ElementType.ofOnnx((int) cast.getLong("to", 1), cast.label()).isFloating();
    }

    /** Whether a node moves a constant of small integers about, at a scale that shows later. */
    private static boolean moves(Node n, FloatForm f) {
        TensorData constant = NAMES.contains(n.opType()) ? f.known(n.input(0)) : null;
        boolean moves = constant != null
                && SMALL.contains(constant.type())
                && f.known(n.output(0)) == null
                && n.outputs().size() == 1;
        if (moves) {
            f.move(n);
        }
        return moves;
    }

    private static Node through(Node n, String value, FloatForm f) {
        List<String> out = new ArrayList<>();
        n.outputs().forEach(o -> out.add(o.isEmpty() ? "" : f.edit().free(o + ".float")));
        Node made = n.withInput(0, value).withOutputs(out);
        f.keep(made);
        return made;
    }

    private static void concat(Node n, Quantisation how, FloatForm f) {
        List<String> in = n.inputs().stream().map(v -> f.floats(n, v, how)).toList();
        f.define(n.output(0), f.add(n, "Concat", in, n.attributes()), how);
    }

    private static void product(Node n, FloatForm f) {
        FloatForm.Scaled a = f.numbers(n.input(0));
        FloatForm.Scaled b = f.numbers(n.input(1));
        boolean quantised = f.quantised(n.input(0)) != null || f.quantised(n.input(1)) != null;
        if (quantised || f.isMoved(n.input(0)) || f.isMoved(n.input(1))) {
            throw new NotInFloats(n.label() + ": multiplies quantised numbers");
        }
        String value = a.value().isEmpty() ? b.value() : a.value();
        if (!a.value().isEmpty() && !b.value().isEmpty()) {
            value = f.add(n, "Mul", List.of(a.value(), b.value()), Map.of());
        }
        f.define(n.output(0), a.times(b, value));
    }
}
