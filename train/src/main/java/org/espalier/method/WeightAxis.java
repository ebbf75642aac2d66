package org.espalier.method;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.ReadSite;
import org.espalier.graph.TensorData;

/**
 * An axis of a weight along which lie the weights of units.
 *
 * @param units for each index along the axis the unit, or −1 for one that always stays
 * @param read whether these weights read the units; else they make them
 */
record WeightAxis(String weight, int axis, int[] units, boolean read) {
    /** All axes of weights (constants of two dimensions or more) at which units are made or read. */
    static List<WeightAxis> of(ChannelGroups groups) {
        List<WeightAxis> all = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (ReadSite s : groups.sites()) {
            all.add(new WeightAxis(s.weight(), s.axis(), s.units(), true));
            seen.add(s.weight() + "[" + s.axis() + "]");
        }
        for (ChannelGroup g : groups.groups()) {
            for (String place : g.places()) {
                if (seen.add(place)) {
                    addMaking(groups, place, all);
                }
            }
        }
        return all;
    }

    private static void addMaking(ChannelGroups groups, String place, List<WeightAxis> all) {
        int bracket = place.lastIndexOf('[');
        String weight = place.substring(0, bracket);
        int axis = Integer.parseInt(place.substring(bracket + 1, place.length() - 1));
        TensorData t = groups.graph().initializer(weight);
        int[] units = groups.unitsOf(weight, axis);
        if (t != null && t.rank() >= 2 && units != null) {
            all.add(new WeightAxis(weight, axis, units, false));
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
