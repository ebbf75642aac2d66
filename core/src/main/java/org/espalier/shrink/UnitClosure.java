package org.espalier.shrink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.ReadSite;
import org.espalier.ops.TensorInfo;

/** Closes a wish which units to keep: what nobody reads goes, and where an axis would become empty its best index stays. */
final class UnitClosure {
    private final ChannelGroups groups;
    private final boolean[] kept;
    private final double[] score;
    /** Names of the groups in which a unit had to stay. */
    private final Set<String> revived = new LinkedHashSet<>();

    /**
     * A closure.
     *
     * @param kept per unit whether it should stay; changed in place
     * @param score per unit how much it is worth
     */
    UnitClosure(ChannelGroups groups, boolean[] kept, double[] score) {
        this.groups = groups;
        this.kept = kept;
        this.score = score;
    }

    /** The groups in which a unit had to stay, in the order in which they were found. */
    List<String> revived() {
        return List.copyOf(revived);
    }

    /** A channel all of whose features were dropped wherever it is read goes; a feature of a dropped channel goes. */
    void dropUnread() {
        boolean[] read = new boolean[kept.length];
        for (ReadSite s : groups.sites()) {
            int pick = groups.firstPickedInput(s.node());
            for (int i = 0; i < s.length(); i++) {
                int u = s.unit(i);
                if (u >= 0 && (s.picked() || pick < 0 || kept[pick + i])) {
                    read[u] = true;
                }
            }
        }
        for (int u = 0; u < kept.length; u++) {
            kept[u] &= read[u];
        }
        dropUnreadInputs();
    }

    private void dropUnreadInputs() {
        for (ReadSite s : groups.sites()) {
            int pick = groups.firstPickedInput(s.node());
            for (int i = 0; i < s.length() && pick >= 0 && !s.picked(); i++) {
                int u = s.unit(i);
                if (u >= 0 && !kept[u]) {
                    kept[pick + i] = false;
                }
            }
        }
    }

    /** Makes the best index stay along each axis along which none does. */
    void reviveEmpty() {
        while (reviveOnce()) {
            dropUnreadInputs();
        }
    }

    /** Looks at each axis once; whether anything changed. */
    private boolean reviveOnce() {
        boolean changed = false;
        List<String> values = new ArrayList<>(groups.graph().initializers().keySet());
        groups.graph().nodes().forEach(n -> values.addAll(n.outputs()));
        for (String v : values) {
            TensorInfo info = groups.shapes().info(v);
            for (int axis = 0; info != null && axis < info.rank(); axis++) {
                int[] units = groups.unitsOf(v, axis);
                if (units != null) {
                    changed |= reviveBest(units, -1);
                }
            }
        }
        for (ReadSite s : groups.sites()) {
            if (s.picked()) {
                int[] channels = groups.unitsOf(s.weight(), s.axis());
                int[] none = new int[s.length()];
                Arrays.fill(none, -1);
                changed |= reviveBest(channels == null ? none : channels, s.unit(0));
            }
        }
        return changed;
    }

    /**
     * Makes the best index along an axis stay if none does; whether that was so.
     *
     * @param units the channel of each index, or −1 for one that always stays
     * @param pick the first of the inputs that are picked along the axis, or −1
     */
    private boolean reviveBest(int[] units, int pick) {
        int best = -1;
        double bestScore = Double.NEGATIVE_INFINITY;
        double bestChannel = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < units.length; i++) {
            boolean channelStays = units[i] < 0 || kept[units[i]];
            boolean inputStays = pick < 0 || kept[pick + i];
            if (channelStays && inputStays) {
                return false;
            }
            double channelScore = channelStays ? Double.POSITIVE_INFINITY : score[units[i]];
            double s = Math.min(channelScore, pick < 0 ? Double.POSITIVE_INFINITY : score[pick + i]);
            // Among equals one whose channel is there anyway.
            if (best < 0 || s > bestScore || (s == bestScore && channelScore > bestChannel)) {
                best = i;
                bestScore = s;
                bestChannel = channelScore;
            }
        }
        if (units[best] >= 0) {
            revive(units[best]);
        }
        if (pick >= 0) {
            revive(pick + best);
        }
        return true;
    }

    private void revive(int unit) {
        if (!kept[unit]) {
            kept[unit] = true;
            revived.add(groups.groupOf(unit).name());
        }
    }
}
