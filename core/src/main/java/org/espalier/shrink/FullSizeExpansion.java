package org.espalier.shrink;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.ReadSite;
import org.espalier.graph.Axis;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;

/**
 * Puts the constants of a shrunk network back to where they were cut from: the masked network of full size, against which the shrunk one is
 * checked. Where weights read a unit that was cut there are zeros; what makes it is as it was before the first cut, so that its values stay
 * finite whatever is done to them on their way (divided by a deviation, for example).
 */
public final class FullSizeExpansion {
    private FullSizeExpansion() {}

    /**
     * The full network.
     *
     * @param full the network before the first cut
     * @param cuts what stayed at each cut, first to last
     * @param small the network after the last cut, possibly trained on
     * @param groups of the full network
     * @return the full network
     */
    public static Graph expand(Graph full, List<Map<String, List<AxisSlice>>> cuts, Graph small, ChannelGroups groups) {
        Set<Axis> read = groups.sites().stream().map(ReadSite::place).collect(Collectors.toSet());
        Map<String, TensorData> changed = new HashMap<>();
        for (Map.Entry<String, TensorData> e : full.initializers().entrySet()) {
            String name = e.getKey();
            TensorData t = small.initializer(name);
            if (t == null || !t.type().isFloating()) {
                continue;
            }
            int[][] kept = kept(name, e.getValue(), cuts);
            boolean[] zeros = new boolean[kept.length];
            for (int axis = 0; axis < zeros.length; axis++) {
                zeros[axis] = read.contains(new Axis(name, axis));
            }
            changed.put(name, scatter(e.getValue(), t, kept, zeros));
        }
        Graph masked = KeptStatistics.of(groups, full.withInitializers(changed), left(full, cuts, groups));
        return masked.with(masked.nodes(), masked.initializers());
    }

    /** Per unit whether something of it is left at one of the places that make it. */
    private static boolean[] left(Graph full, List<Map<String, List<AxisSlice>>> cuts, ChannelGroups groups) {
        boolean[] left = new boolean[groups.units()];
        for (Map.Entry<String, TensorData> e : full.initializers().entrySet()) {
            int[][] kept = kept(e.getKey(), e.getValue(), cuts);
            for (int axis = 0; axis < kept.length; axis++) {
                int[] units = groups.unitsOf(e.getKey(), axis);
                for (int i : units == null ? new int[0] : kept[axis]) {
                    if (units != null && units[i] >= 0) {
                        left[units[i]] = true;
                    }
                }
            }
        }
        return left;
    }

    /** For each axis of a constant, the indices that all cuts left. */
    private static int[][] kept(String name, TensorData full, List<Map<String, List<AxisSlice>>> cuts) {
        int[][] kept = new int[full.rank()][];
        Arrays.setAll(kept, a -> IntStream.range(0, (int) full.size(a)).toArray());
        for (Map<String, List<AxisSlice>> cut : cuts) {
            for (AxisSlice s : cut.getOrDefault(name, List.of())) {
                int[] before = kept[s.axis()];
                kept[s.axis()] = Arrays.stream(s.kept()).map(i -> before[i]).toArray();
            }
        }
        return kept;
    }

    /**
     * The values of {@code small} at the kept indices; elsewhere zeros if an index that is not kept is of an axis with {@code zeros}, else
     * the values of {@code full}.
     */
    private static TensorData scatter(TensorData full, TensorData small, int[][] kept, boolean[] zeros) {
        int[][] place = new int[kept.length][];
        for (int axis = 0; axis < kept.length; axis++) {
            place[axis] = new int[(int) full.size(axis)];
            Arrays.fill(place[axis], -1);
            for (int k = 0; k < kept[axis].length; k++) {
                place[axis][kept[axis][k]] = k;
            }
        }
        float[] values = full.toFloats();
        float[] from = small.toFloats();
        int[] index = new int[kept.length];
        for (int i = 0; i < values.length; i++) {
            int at = 0;
            boolean cut = false;
            boolean zero = false;
            for (int axis = 0; axis < index.length; axis++) {
                int k = place[axis][index[axis]];
                cut |= k < 0;
                zero |= k < 0 && zeros[axis];
                at = at * kept[axis].length + k;
            }
            values[i] = zero ? 0 : cut ? values[i] : from[at];
            for (int axis = index.length - 1; axis >= 0 && ++index[axis] == place[axis].length; axis--) {
                index[axis] = 0;
            }
        }
        return TensorData.ofFloats(values, full.shape()).as(small.type());
    }
}
