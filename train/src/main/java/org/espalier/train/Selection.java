package org.espalier.train;

import java.util.List;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.shrink.KeptUnits;

/**
 * Which layers may be pruned.
 *
 * @param only names or patterns ({@code *} for anything) of the layers to prune; empty for all
 * @param except names or patterns of layers to leave alone
 * @param roundTo widths are kept at multiples of this; 1 for any width
 */
public record Selection(List<String> only, List<String> except, int roundTo) {
    /** All layers, any width. */
    public static final Selection ALL = new Selection(List.of(), List.of(), 1);

    public Selection {
        only = List.copyOf(only);
        except = List.copyOf(except);
        if (roundTo < 1) {
            throw new IllegalArgumentException(
                    "selection 'roundTo': out of range, expected 1 or more, found " + roundTo);
        }
    }

    /** The groups of a graph that may be pruned. */
    public ChannelGroups groups(Graph graph) {
        return ChannelGroups.of(graph);
    }

    /** A wish closed as {@link KeptUnits} says, with widths at multiples. */
    public KeptUnits kept(ChannelGroups groups, boolean[] wish, double[] score) {
        return KeptUnits.of(groups, wish, score);
    }
}
