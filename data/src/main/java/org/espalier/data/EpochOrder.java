package org.espalier.data;

import java.util.LinkedHashMap;
import java.util.Map;

/** The order of examples in each epoch, from the seed and the epoch alone. Thread-safe; remembers the latest epochs. */
final class EpochOrder {
    private static final long ORDER_STREAM = 0x6f72646572L;

    private final int size;
    private final long seed;
    private final boolean shuffle;
    private final int remembered;
    private final Map<Integer, int[]> orders = new LinkedHashMap<>();

    EpochOrder(int size, long seed, boolean shuffle, int remembered) {
        this.size = size;
        this.seed = seed;
        this.shuffle = shuffle;
        this.remembered = remembered;
    }

    synchronized int[] of(int epoch) {
        int key = shuffle ? epoch : 0;
        int[] order = orders.get(key);
        if (order == null) {
            order = new int[size];
            if (shuffle) {
                order = SeededRandom.permutation(size, seed, ORDER_STREAM, epoch);
            } else {
                for (int i = 0; i < size; i++) {
                    order[i] = i;
                }
            }
            if (orders.size() >= remembered) {
                orders.remove(orders.keySet().iterator().next());
            }
            orders.put(key, order);
        }
        return order;
    }
}
