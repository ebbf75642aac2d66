package org.espalier.channels;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Makes units stay, and notes how many on which axis and why. */
final class UnitFreezer {
    private final UnitSets sets;
    private final AxisTable axes;
    private final List<FrozenUnits> frozen = new ArrayList<>();

    UnitFreezer(UnitSets sets, AxisTable axes) {
        this.sets = sets;
        this.axes = axes;
    }

    /** Freezes the units on all axes of a value, and makes its open axes plain. */
    void freeze(String value, String reason) {
        if (axes.isKnown(value)) {
            for (int a = 0; a < axes.rank(value); a++) {
                freeze(value, a, reason);
            }
        }
    }

    /** Freezes the units on one axis, or makes it plain where it is open. */
    void freeze(String value, int axis, String reason) {
        int[] ids = axes.units(value, axis);
        if (ids == null) {
            axes.setPlain(value, axis);
        } else {
            freezeUnits(value, axis, ids, reason);
        }
    }

    /** Freezes units that lie on an axis. */
    void freezeUnits(String value, int axis, int[] ids, String reason) {
        int live = 0;
        for (int u : ids) {
            live += sets.isFrozen(u) ? 0 : 1;
            sets.unite(u, UnitSets.FROZEN);
        }
        if (live > 0) {
            frozen.add(new FrozenUnits(value, axis, live, reason));
        }
    }

    /** What was frozen, in the order in which it was. */
    List<FrozenUnits> frozen() {
        return Collections.unmodifiableList(frozen);
    }
}
