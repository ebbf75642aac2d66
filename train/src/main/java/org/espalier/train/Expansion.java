package org.espalier.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import org.espalier.graph.Graph;
import org.espalier.graph.Tensor;
import org.espalier.shrink.Slice;

/**
 * Puts the constants of a shrunk network back to where they were cut from, with zeros for what was cut: the masked network of full size,
 * against which the shrunk one is checked.
 */
final class Expansion {
    private Expansion() {}

    /**
     * The full network.
     *
     * @param full the network before the first cut
     * @param cuts what stayed at each cut, first to last
     * @param small the network after the last cut, possibly trained on
     */
    static Graph expand(Graph full, List<Map<String, List<Slice>>> cuts, Graph small) {
        Map<String, Tensor> changed = new HashMap<>();
        for (Map.Entry<String, Tensor> e : full.initializers().entrySet()) {
            Tensor t = small.initializer(e.getKey());
            if (t == null || !t.type().isFloating()) {
                continue;
            }
            changed.put(e.getKey(), expand(e.getKey(), e.getValue(), cuts, t));
        }
        return full.withInitializers(changed);
    }

    private static Tensor expand(String name, Tensor full, List<Map<String, List<Slice>>> cuts, Tensor small) {
        // The sizes before each slice, found by going through the cuts once forwards.
        List<Slice> slices = new ArrayList<>();
        List<Long> before = new ArrayList<>();
        long[] shape = full.shape();
        for (Map<String, List<Slice>> cut : cuts) {
            for (Slice s : cut.getOrDefault(name, List.of())) {
                slices.add(s);
                before.add(shape[s.axis()]);
                shape[s.axis()] = s.kept().length;
            }
        }
        Tensor t = small;
        ListIterator<Slice> back = slices.listIterator(slices.size());
        while (back.hasPrevious()) {
            int i = back.previousIndex();
            t = scatter(t, back.previous(), before.get(i).intValue());
        }
        return t;
    }

    private static Tensor scatter(Tensor t, Slice s, int size) {
        long[] shape = t.shape();
        int inner = 1;
        for (int a = s.axis() + 1; a < shape.length; a++) {
            inner *= (int) shape[a];
        }
        int cut = (int) shape[s.axis()];
        shape[s.axis()] = size;
        float[] from = t.toFloats();
        float[] to = new float[Math.toIntExact(Tensor.elements(shape))];
        for (int i = 0; i < from.length; i++) {
            int at = i / inner % cut;
            int outer = i / inner / cut;
            to[(outer * size + s.kept()[at]) * inner + i % inner] = from[i];
        }
        return Tensor.ofFloats(to, shape).as(t.type());
    }
}
