package org.espalier.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Node;
import org.espalier.torch.StatisticsMask;

/**
 * What the normalisations of a network count while some of its units are about to go: the others alone, as the smaller network will. So
 * nothing changes for those when units leave.
 */
final class CountedUnits {
    private final ChannelGroups groups;
    private final List<Node> normalizing;

    /**
     * Looks at a network.
     *
     * @param groups of the network
     */
    CountedUnits(ChannelGroups groups) {
        this.groups = groups;
        this.normalizing = groups.graph().nodes().stream()
                .filter(n -> groups.normalizing().contains(n.name()))
                .toList();
    }

    /** Whether there is no such normalisation. */
    boolean isEmpty() {
        return normalizing.isEmpty();
    }

    /**
     * What each normalisation counts.
     *
     * @param kept per unit whether it would be kept now
     * @return masks by name of the node; none for one that counts all, or would count nothing
     */
    Map<String, StatisticsMask> of(boolean[] kept) {
        Map<String, StatisticsMask> masks = new LinkedHashMap<>();
        for (Node n : normalizing) {
            List<StatisticsMask.Pick> inputs = picks(n.inputs(), kept, false);
            boolean nothing = inputs.stream().anyMatch(p -> p.indices().isEmpty());
            if (!inputs.isEmpty() && !nothing) {
                masks.put(n.name(), new StatisticsMask(inputs, picks(n.outputs(), kept, true)));
            }
        }
        return masks;
    }

    private List<StatisticsMask.Pick> picks(List<String> values, boolean[] kept, boolean widen) {
        List<StatisticsMask.Pick> picks = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            String value = values.get(i);
            for (int axis = 0; axis < groups.rank(value); axis++) {
                int[] units = groups.unitsOf(value, axis);
                int[] left = groups.left(value, axis, kept);
                if (units != null && left != null) {
                    long[] at = widen ? places(left, units.length) : longs(left);
                    picks.add(new StatisticsMask.Pick(
                            i, axis, Arrays.stream(at).boxed().toList()));
                }
            }
        }
        return picks;
    }

    private static long[] longs(int[] indices) {
        return Arrays.stream(indices).asLongStream().toArray();
    }

    /** For each index of the full axis where it is among those that are left; 0 for the others. */
    private static long[] places(int[] left, int size) {
        long[] places = new long[size];
        for (int k = 0; k < left.length; k++) {
            places[left[k]] = k;
        }
        return places;
    }
}
