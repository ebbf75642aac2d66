package org.espalier.shapes;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** Sizes that a declaration leaves open, but the weights that read the value do not: exporters call even the channels of pictures free. */
final class RequestedSizes {
    private RequestedSizes() {}

    /** An axis of a value, on the way from the one that is asked about. */
    private record Place(String value, int rank, int axis) {}

    /** The size that an axis of a value must have, or null where nothing near it says so. */
    static @Nullable Long of(Graph graph, String value, int rank, int axis) {
        Deque<Place> next = new ArrayDeque<>(List.of(new Place(value, rank, axis)));
        while (!next.isEmpty()) {
            Place p = next.remove();
            for (Node n : graph.consumers(p.value)) {
                Long size = n.input(0).equals(p.value) ? read(graph, n, p.rank, p.axis) : null;
                if (size != null) {
                    return size;
                }
                int to = passedOn(graph, n, p);
                if (to >= 0) {
                    next.add(new Place(n.output(0), p.rank, to));
                }
            }
        }
        return null;
    }

    /** By a layer's weight, of which the value is the first input. */
    private static @Nullable Long read(Graph graph, Node n, int rank, int axis) {
        TensorData w = n.hasInput(1) ? graph.initializer(n.input(1)) : null;
        if (w == null) {
            return null;
        }
        return switch (n.opType()) {
            case "Conv" -> {
                long group = n.getLong("group", 1);
                boolean fits = axis == 1 && w.rank() == rank && group > 0 && group <= Integer.MAX_VALUE;
                yield fits && w.size(1) <= Integer.MAX_VALUE ? w.size(1) * group : null;
            }
            case "BatchNormalization" -> axis == 1 ? w.elements() : null;
            case "MatMul" -> axis == rank - 1 && w.rank() > 1 ? w.size(w.rank() - 2) : null;
            case "Gemm" -> {
                boolean summed = axis == (n.getLong("transA", 0) == 0 ? 1 : 0);
                yield summed && w.rank() == 2 ? w.size(n.getLong("transB", 0) == 0 ? 0 : 1) : null;
            }
            default -> null;
        };
    }

    /** The axis on which what a node makes has it, after types, scales or the order of axes have changed; −1 where that is not known. */
    private static int passedOn(Graph graph, Node n, Place p) {
        return switch (n.opType()) {
            case "Cast", "Identity" -> p.axis;
            case "Transpose" -> {
                long[] perm = n.getLongs("perm");
                yield perm == null
                        ? p.rank - 1 - p.axis
                        : IntStream.range(0, perm.length)
                                .filter(i -> perm[i] == p.axis)
                                .findFirst()
                                .orElse(-1);
            }
            case "Add", "Sub", "Mul", "Div" -> {
                TensorData other = graph.initializer(n.input(n.input(0).equals(p.value) ? 1 : 0));
                yield other != null && other.rank() <= p.rank ? p.axis : -1;
            }
            default -> -1;
        };
    }
}
