package org.espalier.shapes;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;
import org.jspecify.annotations.Nullable;

/**
 * The axes of a network's inputs whose sizes are declared free, by name: a symbol, or {@code input[axis]} where it has none. A symbol on a
 * first axis is the batch; where it stands on another axis, too, that is an axis of its own, as data are not bound to it.
 */
final class FreeAxes {
    private static final String APART = " on other axes";

    private final Graph graph;
    private final Set<String> batchSymbols = new HashSet<>();
    /** Sizes that the weights demand, by axis. */
    private final Map<String, Long> requested = new LinkedHashMap<>();
    /** Where each axis is whose size is to be chosen: inputs, and the axis's number. */
    private final Map<String, List<Place>> open = new LinkedHashMap<>();

    private boolean freeBatch;

    /** One axis of one input. */
    record Place(String input, int axis) {}

    FreeAxes(Graph graph) {
        this.graph = graph;
        for (Value v : graph.inputs()) {
            List<Dimension> dims = v.shape();
            if (dims != null && !dims.isEmpty() && !dims.get(0).isKnown()) {
                freeBatch = true;
                if (!dims.get(0).symbol().isEmpty()) {
                    batchSymbols.add(dims.get(0).symbol());
                }
            }
        }
        graph.inputs().forEach(this::note);
        open.keySet().removeIf(name -> sum(name, open.keySet()) != null);
    }

    private void note(Value v) {
        List<Dimension> dims = v.shape() == null ? List.of() : v.shape();
        for (int i = 1; i < dims.size(); i++) {
            if (!dims.get(i).isKnown()) {
                String name = name(v, i, dims.get(i));
                Long needed = RequestedSizes.of(graph, v.name(), dims.size(), i);
                if (needed != null) {
                    requested.putIfAbsent(name, needed);
                    open.remove(name);
                } else if (!requested.containsKey(name)) {
                    open.computeIfAbsent(name, k -> new ArrayList<>()).add(new Place(v.name(), i));
                }
            }
        }
    }

    private String name(Value v, int axis, Dimension d) {
        String symbol = d.symbol();
        return symbol.isEmpty() ? v.name() + "[" + axis + "]" : batchSymbols.contains(symbol) ? symbol + APART : symbol;
    }

    /** Whether the number of examples is free. */
    boolean hasFreeBatch() {
        return freeBatch;
    }

    /** Names of the axes whose size is to be chosen, in the inputs' order. */
    List<String> names() {
        return List.copyOf(open.keySet());
    }

    /** Where an axis is. */
    List<Place> places(String name) {
        return Collections.unmodifiableList(open.getOrDefault(name, List.of()));
    }

    /**
     * Shapes of the inputs that declare one, by name.
     *
     * @param batch for first axes
     * @param sizes by axis; one that is missing is as large as the batch if it has its symbol
     */
    Map<String, long[]> shapes(long batch, Map<String, Long> sizes) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (Value v : graph.inputs()) {
            List<Dimension> dims = v.shape();
            if (dims != null) {
                long[] shape = new long[dims.size()];
                for (int i = 0; i < shape.length; i++) {
                    Dimension d = dims.get(i);
                    shape[i] = d.isKnown() ? d.size() : i == 0 ? batch : size(name(v, i, d), batch, sizes);
                }
                shapes.put(v.name(), shape);
            }
        }
        return shapes;
    }

    private long size(String name, long batch, Map<String, Long> sizes) {
        Long known = requested.getOrDefault(name, sizes.get(name));
        if (known != null) {
            return known;
        }
        List<String> parts = sum(name, open.keySet());
        if (parts != null) {
            return parts.stream()
                    .mapToLong(p -> p.chars().allMatch(Character::isDigit) ? Long.parseLong(p) : size(p, batch, sizes))
                    .sum();
        }
        return batch;
    }

    /** The parts of a name such as {@code past + 1}, each a number or another axis; null where it is none. */
    private static @Nullable List<String> sum(String name, Set<String> others) {
        List<String> parts = List.of(name.split(" *\\+ *", -1));
        boolean known = parts.size() > 1
                && parts.stream().allMatch(p -> others.contains(p) || p.matches("[0-9]{1,9}"))
                && parts.stream().anyMatch(others::contains);
        return known ? parts : null;
    }

    /** Whether an axis has its size from the batch where nothing else is said. */
    static boolean followsBatch(String name) {
        return name.endsWith(APART);
    }
}
