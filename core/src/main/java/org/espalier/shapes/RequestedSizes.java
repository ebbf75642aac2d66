package org.espalier.shapes;

import java.util.List;
import java.util.stream.IntStream;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** Sizes that a declaration leaves open, but the weights that read the value do not: exporters call even the channels of pictures free. */
final class RequestedSizes {
    private RequestedSizes() {}

    /** The size that an axis of a value must have, or null where nothing near it says so. */
    static @Nullable Long of(Graph graph, String value, int rank, int axis) {
        for (Node n : graph.consumers(value)) {
            Long size = n.input(0).equals(value) ? read(graph, n, rank, axis) : null;
            size = size == null ? passedOn(graph, n, value, rank, axis) : size;
            if (size != null) {
                return size;
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
            case "Conv" -> axis == 1 && w.rank() == rank ? w.size(1) * n.getLong("group", 1) : null;
            case "BatchNormalization" -> axis == 1 ? w.elements() : null;
            case "MatMul" -> axis == rank - 1 && w.rank() > 1 ? w.size(w.rank() - 2) : null;
            case "Gemm" -> {
                boolean summed = axis == (n.getLong("transA", 0) == 0 ? 1 : 0);
                yield summed && w.rank() == 2 ? w.size(n.getLong("transB", 0) == 0 ? 0 : 1) : null;
            }
            default -> null;
        };
    }

    /** By what reads it after types, scales or the order of axes have changed. */
    private static @Nullable Long passedOn(Graph graph, Node n, String value, int rank, int axis) {
        boolean first = n.input(0).equals(value);
        return switch (n.opType()) {
            case "Cast", "Identity" -> of(graph, n.output(0), rank, axis);
            case "Transpose" -> {
                long[] perm = n.getLongs("perm");
                int to = perm == null
                        ? rank - 1 - axis
                        : IntStream.range(0, perm.length)
                                .filter(i -> perm[i] == axis)
                                .findFirst()
                                .orElse(-1);
                yield to < 0 ? null : of(graph, n.output(0), rank, to);
            }
            case "Add", "Sub", "Mul", "Div" -> {
                List<String> in = n.inputs();
                TensorData other = graph.initializer(in.get(first ? 1 : 0));
                yield other != null && other.rank() <= rank ? of(graph, n.output(0), rank, axis) : null;
            }
            default -> null;
        };
    }
}
