package org.espalier.channels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Axis;

/**
 * For each unit the places that make it, in the order in which they were added. Equal lists have one number, so that comparing two takes no
 * longer with many places.
 */
final class PlaceSets {
    /** The number of the list without a place. */
    private static final int NONE = 0;

    private final int[] list;
    private final int[] lastPlace;
    private final List<Axis> places = new ArrayList<>();
    /** The number of a list with one more place, by the list's number in the upper and the place in the lower half. */
    private final Map<Long, Integer> extended = new HashMap<>();
    /** List {@code s} is list {@code before[s]} with the place {@code added[s]} after it. */
    private final List<Integer> before = new ArrayList<>(List.of(NONE));

    private final List<Integer> added = new ArrayList<>(List.of(-1));

    PlaceSets(int units) {
        list = new int[units];
        lastPlace = new int[units];
        Arrays.fill(lastPlace, -1);
    }

    /** Begins a place, to which {@link #add} adds units. */
    void begin(Axis place) {
        places.add(place);
    }

    /** Adds the place begun last to a unit that does not have it. */
    void add(int unit) {
        int place = places.size() - 1;
        if (lastPlace[unit] == place) {
            return;
        }
        lastPlace[unit] = place;
        long key = ((long) list[unit] << 32) | place;
        Integer next = extended.get(key);
        if (next == null) {
            next = before.size();
            before.add(list[unit]);
            added.add(place);
            extended.put(key, next);
        }
        list[unit] = next;
    }

    boolean isEmpty(int unit) {
        return list[unit] == NONE;
    }

    /** A number that two units share exactly where their places are the same. */
    int numberOf(int unit) {
        return list[unit];
    }

    /** The places of a unit. */
    List<Axis> of(int unit) {
        List<Axis> all = new ArrayList<>();
        for (int s = list[unit]; s != NONE; s = before.get(s)) {
            all.add(places.get(added.get(s)));
        }
        Collections.reverse(all);
        return all;
    }
}
