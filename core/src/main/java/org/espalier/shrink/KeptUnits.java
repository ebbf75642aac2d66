package org.espalier.shrink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.ReadSite;
import org.espalier.ops.TensorInfo;

/**
 * Turns a wish which units to keep into one that can be carried out: what nobody reads any more goes too, and no layer becomes empty.
 *
 * @param kept per unit of the network whether it stays
 * @param revived names of the groups in which a unit had to stay because a layer would have become empty
 * @param ofNothing whether there are units and none stays for its own sake: the network may as well predict a constant
 */
public record KeptUnits(boolean[] kept, List<String> revived, boolean ofNothing) {
    public KeptUnits {
        revived = List.copyOf(revived);
    }

    /**
     * The factors with which {@link Shrinker#mask} makes the network of full size that computes what the smaller one will: 0 for units that
     * go, and for all where none stays for its own sake.
     *
     * @param multipliers one factor per unit, for example the posterior mean
     * @throws IllegalArgumentException if there is not one factor per unit
     */
    public double[] masked(double[] multipliers) {
        if (multipliers.length != kept.length) {
            throw new IllegalArgumentException(
                    "kept units: one multiplier per unit, expected " + kept.length + ", found " + multipliers.length);
        }
        double[] scale = new double[kept.length];
        for (int u = 0; u < scale.length; u++) {
            scale[u] = kept[u] && !ofNothing ? multipliers[u] : 0;
        }
        return scale;
    }

    /**
     * Closes a wish.
     *
     * @param wish per unit whether it should stay
     * @param score per unit how much it is worth (signal-to-noise ratio); the best one survives where a layer would become empty; among
     *     equals the first
     * @throws IllegalArgumentException if there is not one flag and one score per unit, or a score is NaN
     */
    public static KeptUnits of(ChannelGroups groups, boolean[] wish, double[] score) {
        return of(groups, wish, score, 1);
    }

    /**
     * Closes a wish and rounds the number of units that stay of each group up to a multiple, as far as there are units: the best of
     * those that would go stay too.
     *
     * @param multiple at least 1; 8 suits most hardware
     */
    public static KeptUnits of(ChannelGroups groups, boolean[] wish, double[] score, int multiple) {
        check(groups, wish, score, multiple);
        boolean[] kept = wish.clone();
        List<String> revived = new ArrayList<>();
        dropUnread(groups, kept);
        boolean ofNothing = kept.length > 0 && IntStream.range(0, kept.length).noneMatch(u -> kept[u]);
        while (reviveEmpty(groups, kept, score, revived)) {
            dropUnreadInputs(groups, kept);
        }
        if (multiple > 1) {
            WidthRounding.round(groups, kept, wish, score, multiple);
        }
        return new KeptUnits(kept, revived.stream().distinct().toList(), ofNothing);
    }

    private static void check(ChannelGroups groups, boolean[] wish, double[] score, int multiple) {
        if (wish.length != groups.units() || score.length != groups.units()) {
            throw new IllegalArgumentException("kept units: one flag and one score per unit, expected " + groups.units()
                    + ", found " + wish.length + " and " + score.length);
        }
        if (multiple < 1) {
            throw new IllegalArgumentException("kept units: multiple must be at least 1, found " + multiple);
        }
        for (ChannelGroup g : groups.groups()) {
            for (int u = g.offset(); u < g.offset() + g.size(); u++) {
                if (Double.isNaN(score[u])) {
                    throw new IllegalArgumentException("kept units: score of unit " + (u - g.offset()) + " of group '"
                            + g.name() + "' must be a number, found NaN");
                }
            }
        }
    }

    /** A channel all of whose features were dropped wherever it is read goes; a feature of a dropped channel goes. */
    private static void dropUnread(ChannelGroups groups, boolean[] kept) {
        boolean[] read = new boolean[kept.length];
        for (ReadSite s : groups.sites()) {
            int pick = groups.firstPickedInput(s.node());
            for (int i = 0; i < s.units().length; i++) {
                int u = s.units()[i];
                if (u >= 0 && (s.picked() || pick < 0 || kept[pick + i])) {
                    read[u] = true;
                }
            }
        }
        for (int u = 0; u < kept.length; u++) {
            kept[u] &= read[u];
        }
        dropUnreadInputs(groups, kept);
    }

    private static void dropUnreadInputs(ChannelGroups groups, boolean[] kept) {
        for (ReadSite s : groups.sites()) {
            int pick = groups.firstPickedInput(s.node());
            for (int i = 0; i < s.units().length && pick >= 0 && !s.picked(); i++) {
                int u = s.units()[i];
                if (u >= 0 && !kept[u]) {
                    kept[pick + i] = false;
                }
            }
        }
    }

    private static boolean reviveEmpty(ChannelGroups groups, boolean[] kept, double[] score, List<String> revived) {
        boolean changed = false;
        List<String> values = new ArrayList<>(groups.graph().initializers().keySet());
        groups.graph().nodes().forEach(n -> values.addAll(n.outputs()));
        for (String v : values) {
            TensorInfo info = groups.shapes().info(v);
            for (int axis = 0; info != null && axis < info.rank(); axis++) {
                int[] units = groups.unitsOf(v, axis);
                if (units != null) {
                    changed |= reviveBest(groups, units, -1, kept, score, revived);
                }
            }
        }
        for (ReadSite s : groups.sites()) {
            if (s.picked()) {
                int[] channels = groups.unitsOf(s.weight(), s.axis());
                int[] none = new int[s.units().length];
                Arrays.fill(none, -1);
                int first = s.units()[0];
                changed |= reviveBest(groups, channels == null ? none : channels, first, kept, score, revived);
            }
        }
        return changed;
    }

    /** Makes the best index along an axis stay if none does. */
    private static boolean reviveBest(
            ChannelGroups groups, int[] units, int pick, boolean[] kept, double[] score, List<String> revived) {
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
            revive(groups, units[best], kept, revived);
        }
        if (pick >= 0) {
            revive(groups, pick + best, kept, revived);
        }
        return true;
    }

    private static void revive(ChannelGroups groups, int unit, boolean[] kept, List<String> revived) {
        if (kept[unit]) {
            return;
        }
        kept[unit] = true;
        for (ChannelGroup g : groups.groups()) {
            if (unit >= g.offset() && unit < g.offset() + g.size()) {
                revived.add(g.name());
            }
        }
    }
}
