package org.espalier.shapes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Value;
import org.jspecify.annotations.Nullable;

/**
 * A network at several sizes of its inputs, so that what is the same at some sizes is not taken for what is always the same.
 *
 * <p>Each free axis is varied alone, with all others at the sizes that were found first: a height that only fits at one size must not hide
 * that the width is free. What depends on an axis of which no second size fits is not known.
 */
public final class SizeProbes {
    /** Sizes for free axes other than the batch: the usual images, then lengths of sequences. */
    private static final long[] ALIKE = {
        224, 32, 7, 64, 128, 256, 299, 320, 384, 512, 640, 28, 16, 2, 1, 4_096, 16_000, 48_000, 48, 96, 80, 100, 1_024,
        720, 840, 5_040, 27_720
    };
    /** Sizes of which an axis has one and the others another, where none fits them all. */
    private static final long[] UNLIKE = {224, 64, 48, 32, 128, 320, 100, 512, 80, 16, 1, 2};
    /** Sizes for several axes in turn, so that what holds for squares, round numbers or short signals is not taken for a rule. */
    private static final long[][] IN_TURN = {{256, 320, 192}, {233, 301, 271}, {4_099, 4_513, 3_947}, {16_411}};
    /** Batches of which a network may take multiples only. */
    private static final long[] UNITS = {2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 20, 24, 32, 48, 64, 96, 128};

    private static final long[] BATCHES = {2, 3};
    /** Batch sizes that may mean something else to a network: those that it does not take are passed over. */
    private static final long[] OTHER_BATCHES = {1, 40};
    /** Other sizes of one axis that are looked at. */
    private static final int ENOUGH = 3;

    private final Graph graph;
    private final FreeAxes axes;
    /** Sizes by axis that are given. */
    private final Map<String, Long> given;

    private SizeProbes(Graph graph, Map<String, long[]> sizes) {
        this.graph = graph;
        this.axes = new FreeAxes(graph);
        this.given = new LinkedHashMap<>();
        for (String name : axes.names()) {
            for (FreeAxes.Place p : axes.places(name)) {
                long[] shape = sizes.get(p.input());
                if (shape != null && p.axis() < shape.length && shape[p.axis()] > 0) {
                    given.put(name, shape[p.axis()]);
                }
            }
        }
    }

    /**
     * A network at the first sizes that fit it.
     *
     * @param graph the network
     * @param batch how many examples; where it only takes multiples, the same number of the smallest one
     * @param sizes shapes of inputs by name, for axes that are declared free; the first size counts nothing
     * @param earlier what is known from other sizes of the same graph, or null
     * @return types, shapes and known values
     * @throws GraphException if shapes do not fit each other at any of the sizes tried
     */
    public static InferredShapes first(
            Graph graph, long batch, Map<String, long[]> sizes, @Nullable InferredShapes earlier) {
        return new SizeProbes(graph, sizes).first(batch, earlier);
    }

    /**
     * A network at several sizes of its inputs; the first is where others depart from.
     *
     * @param graph the network
     * @param sizes shapes of inputs by name, for axes that are declared free, such as the data's; the first size counts nothing
     * @return at least two
     * @throws GraphException if shapes do not fit each other at any of the sizes tried
     */
    public static List<InferredShapes> of(Graph graph, Map<String, long[]> sizes) {
        return new SizeProbes(graph, sizes).all();
    }

    /**
     * Whether a size other than the batch is declared free.
     *
     * @param graph the network
     * @return true if there is one whose weights do not say how large it is
     */
    public static boolean hasFreeSizes(Graph graph) {
        return !new FreeAxes(graph).names().isEmpty();
    }

    private InferredShapes first(long batch, @Nullable InferredShapes earlier) {
        try {
            return search(batch, earlier);
        } catch (GraphException e) {
            if (axes.hasFreeBatch()) {
                for (long unit : UNITS) {
                    try {
                        search(unit, earlier);
                        return search(unit * batch, earlier);
                    } catch (GraphException next) {
                        // Multiples of another number may fit.
                    }
                }
            }
            throw e;
        }
    }

    private InferredShapes search(long batch, @Nullable InferredShapes earlier) {
        GraphException first = null;
        for (Map<String, Long> sizes : candidates()) {
            try {
                return at(batch, sizes, earlier);
            } catch (GraphException e) {
                first = first == null ? e : first;
            }
        }
        throw Objects.requireNonNull(first);
    }

    private InferredShapes at(long batch, Map<String, Long> sizes, @Nullable InferredShapes earlier) {
        return InferredShapes.infer(graph, axes.shapes(batch, sizes), earlier);
    }

    /** Axes whose sizes are neither given nor the batch's. */
    private List<String> unknown() {
        return axes.names().stream()
                .filter(n -> !given.containsKey(n) && !FreeAxes.followsBatch(n))
                .toList();
    }

    private List<Map<String, Long>> candidates() {
        List<String> unknown = unknown();
        if (unknown.isEmpty()) {
            return List.of(given);
        }
        List<Map<String, Long>> all = new ArrayList<>();
        for (long size : ALIKE) {
            all.add(inTurn(size));
        }
        for (int apart = 0; apart < unknown.size() && unknown.size() > 1; apart++) {
            for (long one : UNLIKE) {
                for (long other : UNLIKE) {
                    if (one != other) {
                        Map<String, Long> sizes = inTurn(other);
                        sizes.put(unknown.get(apart), one);
                        all.add(sizes);
                    }
                }
            }
        }
        return all;
    }

    /** Sizes for the axes in their order, one after the other; given ones as they are. */
    private Map<String, Long> inTurn(long... sizes) {
        Map<String, Long> all = new HashMap<>(given);
        List<String> unknown = unknown();
        for (int i = 0; i < unknown.size(); i++) {
            all.put(unknown.get(i), sizes[i % sizes.length]);
        }
        return all;
    }

    private List<InferredShapes> all() {
        List<InferredShapes> probes = new ArrayList<>();
        for (long batch : BATCHES) {
            probes.add(first(batch, probes.isEmpty() ? null : probes.get(0)));
        }
        InferredShapes first = probes.get(0);
        long batch = batch(first);
        Map<String, Long> base = sizes(first);
        for (long other : OTHER_BATCHES) {
            add(probes, other * batch / BATCHES[0], base);
        }
        for (long[] sizes : IN_TURN) {
            Map<String, Long> all = new LinkedHashMap<>(base);
            List<String> names = axes.names();
            for (int i = 0; i < names.size(); i++) {
                all.put(names.get(i), sizes[i % sizes.length]);
            }
            add(probes, batch, all);
        }
        addAlike(probes, batch, base);
        for (String name : axes.names()) {
            vary(probes, batch, base, name);
        }
        blur(probes);
        return probes;
    }

    /** Adds the network at other sizes, where it takes them. */
    private boolean add(List<InferredShapes> probes, long batch, Map<String, Long> sizes) {
        Map<String, long[]> shapes = axes.shapes(batch, sizes);
        for (InferredShapes s : probes) {
            if (shapes.entrySet().stream().allMatch(e -> Arrays.equals(e.getValue(), s.shape(e.getKey())))) {
                return true;
            }
        }
        try {
            probes.add(InferredShapes.infer(graph, shapes, probes.get(0)));
            return true;
        } catch (GraphException e) {
            return false;
        }
    }

    /** The first other size that fits all axes. */
    private void addAlike(List<InferredShapes> probes, long batch, Map<String, Long> base) {
        for (long size : ALIKE) {
            Map<String, Long> all = new LinkedHashMap<>(base);
            all.replaceAll((name, old) -> size);
            int before = probes.size();
            if (add(probes, batch, all) && probes.size() > before) {
                return;
            }
        }
    }

    private void vary(List<InferredShapes> probes, long batch, Map<String, Long> base, String name) {
        long n = Objects.requireNonNull(base.get(name));
        Set<Long> others = new LinkedHashSet<>(List.of(
                2 * n, 233L, 4_099L, 3 * n, n + 32, n + 64, n + 16, n + 8, n + 4, n + 1, n + 2, n - 1, n / 2, n / 4));
        for (long size : ALIKE) {
            others.add(size);
        }
        int found = 0;
        for (long other : others) {
            if (other >= 1 && other != n && found < ENOUGH) {
                Map<String, Long> sizes = new LinkedHashMap<>(base);
                sizes.put(name, other);
                found += add(probes, batch, sizes) ? 1 : 0;
            }
        }
    }

    /** Adds what is not known where an axis has the same size in all probes. */
    private void blur(List<InferredShapes> probes) {
        Set<String> unsure = new LinkedHashSet<>();
        for (String name : axes.names()) {
            long base = size(probes.get(0), name);
            if (probes.stream().allMatch(s -> size(s, name) == base)) {
                axes.places(name).forEach(p -> unsure.add(p.input()));
            }
        }
        if (!unsure.isEmpty()) {
            probes.add(probes.get(0).without(unsure));
        }
    }

    private Map<String, Long> sizes(InferredShapes shapes) {
        Map<String, Long> sizes = new LinkedHashMap<>();
        axes.names().forEach(name -> sizes.put(name, size(shapes, name)));
        return sizes;
    }

    private long size(InferredShapes shapes, String name) {
        FreeAxes.Place p = axes.places(name).get(0);
        return shapes.shape(p.input())[p.axis()];
    }

    private long batch(InferredShapes shapes) {
        for (Value v : graph.inputs()) {
            List<Dimension> dims = v.shape();
            if (dims != null && !dims.isEmpty() && !dims.get(0).isKnown()) {
                return shapes.shape(v.name())[0];
            }
        }
        return BATCHES[0];
    }
}
