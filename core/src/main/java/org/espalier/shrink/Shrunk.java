package org.espalier.shrink;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.ReadSite;
import org.espalier.graph.Axis;
import org.espalier.graph.Graph;

/**
 * A graph from which units were removed.
 *
 * @param graph the smaller graph
 * @param slices what stayed of each constant that was cut, by name; several slices of one axis apply one after the other
 * @param kept per unit of the larger graph's groups whether it stayed
 */
public record Shrunk(Graph graph, Map<String, List<AxisSlice>> slices, boolean[] kept) {
    /** A site before and after cuts: where it is, and whether its inputs are picked. */
    private record SiteKey(Axis place, boolean picked) {
        static SiteKey of(ReadSite s) {
            return new SiteKey(s.place(), s.picked());
        }
    }

    /**
     * Copies the flags.
     *
     * @param graph the smaller graph
     * @param slices what stayed of each constant that was cut, by name
     * @param kept per unit of the larger graph's groups whether it stayed
     */
    public Shrunk {
        kept = kept.clone();
    }

    /** {@return a copy of the flags; {@link #keeps} reads single ones} */
    @Override
    public boolean[] kept() {
        return kept.clone();
    }

    /**
     * Whether a unit of the larger graph's groups stayed.
     *
     * @param unit the unit
     * @return whether a unit of the larger graph's groups stayed
     */
    public boolean keeps(int unit) {
        return kept[unit];
    }

    /**
     * Which unit of the larger graph each unit of the smaller one was.
     *
     * <p>Nearly always the kept ones in order. But a grouped convolution that keeps one channel a group is a depthwise one afterwards,
     * whose channels no longer depend on each other: several units come from one. Where one channel is left, what was coupled through
     * it may come apart: new units show that were none before, and the last unit itself, which would have to stay anyway, may not.
     *
     * @param before the larger graph's groups
     * @param after the smaller graph's groups
     * @return per unit of {@code after} one of {@code before}, or −1 where there was none
     */
    public int[] origins(ChannelGroups before, ChannelGroups after) {
        Map<SiteKey, ReadSite> sites = new HashMap<>();
        before.sites().forEach(s -> sites.put(SiteKey.of(s), s));
        int[] origins = new int[after.units()];
        Arrays.fill(origins, -1);
        for (ReadSite s : after.sites()) {
            ReadSite old = sites.get(SiteKey.of(s));
            for (int i = 0; old != null && i < s.length(); i++) {
                int unit = s.unit(i);
                if (unit >= 0 && origins[unit] < 0) {
                    origins[unit] = old.unit(oldIndex(s, i));
                }
            }
        }
        return origins;
    }

    private int oldIndex(ReadSite s, int index) {
        int at = index;
        List<AxisSlice> cuts = slices.getOrDefault(s.weight(), List.of());
        for (int i = cuts.size() - 1; i >= 0; i--) {
            at = cuts.get(i).axis() == s.axis() ? cuts.get(i).kept(at) : at;
        }
        return at;
    }
}
