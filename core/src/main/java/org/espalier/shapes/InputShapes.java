package org.espalier.shapes;

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

    /**
     * Shapes of the inputs that declare one, by name: {@code batch} for symbols on a first axis; for others what reads the input demands
     * ({@link RequestedSizes}), else {@code others} in turn; the same for the same symbol.
     */
    static Map<String, long[]> of(Graph graph, long batch, long... others) {
        Map<String, Long> sizes = new HashMap<>();
        int free = 0;
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
                    if (d.isKnown() || i == 0) {
                        shape[i] = d.isKnown() ? d.size() : batch;
                        continue;
                    }
                    String symbol = d.symbol().isEmpty() ? v.name() + "[" + i + "]" : d.symbol();
                    Long size = sizes.get(symbol);
                    if (size == null) {
                        Long needed = RequestedSizes.of(graph, v.name(), dims.size(), i);
                        size = needed == null ? others[free++ % others.length] : needed;
                        sizes.put(symbol, size);
                    }
                    shape[i] = size;
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
