package org.espalier.channels;

import java.util.List;
import org.espalier.graph.Axis;

/**
 * Units that the same layers make: the outputs of a layer together with all that is coupled with them, or the inputs of a dense layer that can be picked out one by one.
 *
 * @param name the first layer that makes the units; for picked inputs the layer that reads them, with {@code .in}
 * @param kind whether removing a unit removes channels, or picks inputs in front of one layer
 * @param offset the group's first unit in the numbering of the whole network
 * @param size how many units
 * @param macsPerUnit multiply-accumulates that removing one unit saves on average, all else staying; for one example where the batch size
 *     is free
 * @param places the constants' axes that make or scale the units; for picked inputs the one that reads them
 */
public record ChannelGroup(String name, Kind kind, int offset, int size, double macsPerUnit, List<Axis> places) {
    /**
     * Copies the places.
     *
     * @param name the first layer that makes the units
     * @param kind whether removing a unit removes channels, or picks inputs in front of one layer
     * @param offset the group's first unit in the numbering of the whole network
     * @param size how many units
     * @param macsPerUnit multiply-accumulates that removing one unit saves on average, all else staying
     * @param places the constants' axes that make or scale the units
     */
    public ChannelGroup {
        places = List.copyOf(places);
    }

    /** What removing a unit does. */
    public enum Kind {
        /** The unit's channels disappear from all tensors. */
        CHANNELS,
        /** One layer no longer reads the feature; a Gather in front of it picks the others. */
        INPUTS
    }

    /** Name and size. */
    @Override
    public String toString() {
        return name + " (" + size + ")";
    }
}
