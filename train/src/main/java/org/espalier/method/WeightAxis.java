package org.espalier.method;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.ReadSite;
import org.espalier.graph.Axis;
import org.espalier.graph.TensorData;

/** An axis of a weight along which lie the weights of units. */
final class WeightAxis {
    private final String weight;
    private final int axis;
    private final int[] units;
    private final boolean read;

    WeightAxis(String weight, int axis, int[] units, boolean read) {
        this.weight = weight;
        this.axis = axis;
        this.units = units;
        this.read = read;
    }

    /** {@return the name of the weight} */
    String weight() {
        return weight;
    }

    /** {@return the number of the axis} */
    int axis() {
        return axis;
    }

    /** {@return for each index along the axis the unit, or −1 for one that always stays; not to be changed} */
    int[] units() {
        return units;
    }

    /** {@return whether these weights read the units; else they make them} */
    boolean read() {
        return read;
    }

    /** All axes of weights (constants of two dimensions or more) at which units are made or read. */
    static List<WeightAxis> of(ChannelGroups groups) {
        List<WeightAxis> all = new ArrayList<>();
        Set<Axis> seen = new HashSet<>();
        for (ReadSite s : groups.sites()) {
            all.add(new WeightAxis(s.weight(), s.axis(), s.units(), true));
            seen.add(s.place());
        }
        for (ChannelGroup g : groups.groups()) {
            for (Axis place : g.places()) {
                if (seen.add(place)) {
                    addMaking(groups, place, all);
                }
            }
        }
        return all;
    }

    private static void addMaking(ChannelGroups groups, Axis place, List<WeightAxis> all) {
        TensorData t = groups.graph().initializer(place.value());
        int[] units = groups.unitsOf(place.value(), place.axis());
        if (t != null && t.rank() >= 2 && units != null) {
            all.add(new WeightAxis(place.value(), place.axis(), units, false));
        }
    }

    /** The unit of each element of the weight, in the order of its elements. */
    int[] unitOfElement(TensorData t) {
        int inner = 1;
        for (int a = axis + 1; a < t.rank(); a++) {
            inner *= (int) t.size(a);
        }
        int[] of = new int[Math.toIntExact(t.elements())];
        for (int i = 0; i < of.length; i++) {
            of[i] = units[i / inner % units.length];
        }
        return of;
    }
}
