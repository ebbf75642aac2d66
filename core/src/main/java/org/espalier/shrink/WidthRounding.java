package org.espalier.shrink;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.ReadSite;

/** Rounds the number of kept units of each group up to a multiple. */
final class WidthRounding {
    private WidthRounding() {}

    /** Adds units to {@code kept}, which is closed and stays so. */
    static void round(ChannelGroups groups, boolean[] kept, boolean[] wish, double[] score, int multiple) {
        boolean[] before = kept.clone();
        for (ChannelGroup g : groups.groups()) {
            if (g.kind() == ChannelGroup.Kind.CHANNELS) {
                add(g, kept, score, multiple, u -> true);
            }
        }
        Map<Integer, Integer> channelOf = channelOfFeature(groups);
        reviveFeatures(groups, channelOf, before, kept, wish, score);
        for (ChannelGroup g : groups.groups()) {
            if (g.kind() == ChannelGroup.Kind.INPUTS) {
                add(g, kept, score, multiple, u -> {
                    Integer channel = channelOf.get(u);
                    return channel == null || kept[channel];
                });
            }
        }
    }

    /** Keeps the best of those that may be added until the number kept is a multiple, or none is left. */
    private static void add(ChannelGroup g, boolean[] kept, double[] score, int multiple, IntPredicate may) {
        List<Integer> others = new ArrayList<>();
        int count = 0;
        for (int u = g.offset(); u < g.offset() + g.size(); u++) {
            if (kept[u]) {
                count++;
            } else if (may.test(u)) {
                others.add(u);
            }
        }
        others.sort(Comparator.<Integer>comparingDouble(u -> -score[u]).thenComparing(u -> u));
        int missing = Math.floorMod(-count, multiple);
        others.stream().limit(missing).forEach(u -> kept[u] = true);
    }

    /** The channel of each feature that may be picked. */
    private static Map<Integer, Integer> channelOfFeature(ChannelGroups groups) {
        Map<Integer, Integer> channel = new HashMap<>();
        for (ReadSite s : groups.sites()) {
            int pick = groups.firstPickedInput(s.node());
            for (int i = 0; i < s.length() && pick >= 0 && !s.picked(); i++) {
                if (s.unit(i) >= 0) {
                    channel.put(pick + i, s.unit(i));
                }
            }
        }
        return channel;
    }

    /** A channel that was added gets the features back that were wished, or else the best one. */
    private static void reviveFeatures(
            ChannelGroups groups,
            Map<Integer, Integer> channelOf,
            boolean[] before,
            boolean[] kept,
            boolean[] wish,
            double[] score) {
        for (ChannelGroup g : groups.groups()) {
            Map<Integer, Integer> best = new HashMap<>();
            for (int u = g.offset(); u < g.offset() + g.size(); u++) {
                Integer channel = channelOf.get(u);
                if (channel != null && kept[channel] && !before[channel]) {
                    kept[u] |= wish[u];
                    int feature = u;
                    best.merge(channel, u, (a, b) -> kept[a] || score[a] >= score[feature] ? a : b);
                }
            }
            best.values().forEach(u -> kept[u] = true);
        }
    }
}
