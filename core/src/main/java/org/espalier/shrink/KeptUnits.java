package org.espalier.shrink;

import java.util.List;
import java.util.stream.IntStream;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;

/**
 * Turns a wish which units to keep into one that can be carried out: what nobody reads any more goes too, and no layer becomes empty.
 *
 * @param kept per unit of the network whether it stays
 * @param revived names of the groups in which a unit had to stay because a layer would have become empty
 * @param ofNothing whether there are units and none stays for its own sake: the network may as well predict a constant
 */
public record KeptUnits(boolean[] kept, List<String> revived, boolean ofNothing) {
    /**
     * Copies flags and names.
     *
     * @param kept per unit of the network whether it stays
     * @param revived names of the groups in which a unit had to stay because a layer would have become empty
     * @param ofNothing whether there are units and none stays for its own sake: the network may as well predict a
     *     constant
     */
    public KeptUnits {
        kept = kept.clone();
        revived = List.copyOf(revived);
    }

    /** {@return a copy of the flags; {@link #keeps} reads single ones} */
    @Override
    public boolean[] kept() {
        return kept.clone();
    }

    /**
     * Whether a unit stays.
     *
     * @param unit the unit
     * @return whether a unit stays
     */
    public boolean keeps(int unit) {
        return kept[unit];
    }

    /**
     * The factors with which {@link Shrinker#mask} makes the network of full size that computes what the smaller one will: 0 for units that
     * go, and for all where none stays for its own sake.
     *
     * @param multipliers one factor per unit, for example the posterior mean
     * @return the factors with which {@link Shrinker#mask} makes the network of full size that computes what the
     *     smaller one will
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
     * @param groups the groups
     * @param wish per unit whether it should stay
     * @param score per unit how much it is worth (signal-to-noise ratio); the best one survives where a layer would become empty; among
     *     equals the first
     * @return what can be carried out
     * @throws IllegalArgumentException if there is not one flag and one score per unit, or a score is NaN
     */
    public static KeptUnits of(ChannelGroups groups, boolean[] wish, double[] score) {
        return of(groups, wish, score, 1);
    }

    /**
     * Closes a wish and rounds the number of units that stay of each group up to a multiple, as far as there are units: the best of
     * those that would go stay too.
     *
     * @param groups the groups
     * @param wish per unit whether it should stay
     * @param score per unit how much it is worth
     * @param multiple at least 1; 8 suits most hardware
     * @return what can be carried out
     */
    public static KeptUnits of(ChannelGroups groups, boolean[] wish, double[] score, int multiple) {
        check(groups, wish, score, multiple);
        boolean[] kept = wish.clone();
        UnitClosure closure = new UnitClosure(groups, kept, score);
        closure.dropUnread();
        boolean ofNothing = kept.length > 0 && IntStream.range(0, kept.length).noneMatch(u -> kept[u]);
        closure.reviveEmpty();
        if (multiple > 1) {
            WidthRounding.round(groups, kept, wish, score, multiple);
        }
        return new KeptUnits(kept, closure.revived(), ofNothing);
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
}
