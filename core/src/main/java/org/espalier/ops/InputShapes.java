package org.espalier.ops;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;

/** Numbers for the symbols in the declared shapes of a graph's inputs. */
final class InputShapes {
    private InputShapes() {}

    /** Shapes of the inputs that declare one, by name: {@code batch} for symbols on a first axis, {@code other} for others. */
    static Map<String, long[]> of(Graph graph, long batch, long other) {
        Map<String, Long> sizes = new HashMap<>();
        for (Value v : graph.inputs()) {
            List<Dimension> dims = v.shape();
            if (dims != null && !dims.isEmpty() && !dims.get(0).symbol().isEmpty()) {
                sizes.put(dims.get(0).symbol(), batch);
            }
        }
        Map<String, long[]> shapes = new HashMap<>();
        for (Value v : graph.inputs()) {
            List<Dimension> dims = v.shape();
            if (dims != null) {
                long[] shape = new long[dims.size()];
                for (int i = 0; i < shape.length; i++) {
                    Dimension d = dims.get(i);
                    shape[i] = d.isKnown() ? d.size() : i == 0 ? batch : sizes.getOrDefault(d.symbol(), other);
                }
                shapes.put(v.name(), shape);
            }
        }
        return shapes;
    }

    /** Whether an axis other than a first one is free. */
    static boolean hasOtherSymbols(Graph graph) {
        return graph.inputs().stream().anyMatch(v -> {
            List<Dimension> dims = v.shape();
            return dims != null
                    && IntStream.range(1, dims.size())
                            .anyMatch(i -> !dims.get(i).isKnown());
        });
    }
}
