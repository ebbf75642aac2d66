package org.espalier.channels;

import java.util.Arrays;

/** Units in disjoint sets: two that were united are one from then on. Unit 0 stands for all that always stay. */
final class UnitSets {
    /** The unit of all indices that always stay. */
    static final int FROZEN = 0;

    private int[] parent = new int[1024];
    private int count = 1;

    /** New units, each in a set of its own. */
    int[] fresh(int size) {
        int[] ids = new int[size];
        for (int i = 0; i < size; i++) {
            if (count == parent.length) {
                parent = Arrays.copyOf(parent, 2 * count);
            }
            parent[count] = count;
            ids[i] = count++;
        }
        return ids;
    }

    /** The unit that represents the set of a unit. */
    int find(int unit) {
        int x = unit;
        while (parent[x] != x) {
            parent[x] = parent[parent[x]];
            x = parent[x];
        }
        return x;
    }

    /** Makes two units one. */
    void unite(int a, int b) {
        int p = find(a);
        int q = find(b);
        // The smaller number stays the root, so that 0 (frozen) always does.
        parent[Math.max(p, q)] = Math.min(p, q);
    }

    /** Whether a unit always stays. */
    boolean isFrozen(int unit) {
        return find(unit) == FROZEN;
    }

    /** One more than the largest unit. */
    int count() {
        return count;
    }
}
