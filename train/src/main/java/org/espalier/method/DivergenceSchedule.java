package org.espalier.method;

import java.util.stream.IntStream;

/**
 * The weight of each unit's divergence in the course of pruning. Until a number of epochs is over, a weight that
 * starts below its full value grows linearly, and one that starts above it stays where it started: a network gives up
 * a unit only under a push that lasts until the unit is gone. From then on each weight is exactly the full one.
 */
final class DivergenceSchedule {
    /** Growth begins with the first step. */
    private static final double OFFSET = 0.02;

    private final double[] full;
    private final double[] start;
    private final double epochs;

    /**
     * A schedule.
     *
     * @param full one per unit
     * @param start one per unit
     * @param epochs until the weights are full
     */
    DivergenceSchedule(double[] full, double[] start, double epochs) {
        this.full = full.clone();
        this.start = start.clone();
        this.epochs = epochs;
    }

    /** The share of its way that something which grows over so many epochs has gone. */
    static double grown(double epoch, double epochs) {
        return epochs > 0 ? Math.min(1, (epoch + OFFSET) / epochs) : 1;
    }

    int units() {
        return full.length;
    }

    /** The weights after so many epochs, times a number. */
    double[] at(double epoch, double times) {
        double grown = grown(epoch, epochs);
        double[] now = new double[full.length];
        for (int u = 0; u < now.length; u++) {
            double from = start[u];
            now[u] = times * (from < full[u] ? from + (full[u] - from) * grown : epoch < epochs ? from : full[u]);
        }
        return now;
    }

    /** By what the full weights are multiplied after so many epochs, in the mean over their sum. */
    double share(double epoch) {
        double whole = sum(full);
        return whole > 0 ? sum(at(epoch, 1)) / whole : 1;
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double v : values) {
            sum += v;
        }
        return sum;
    }

    /** The schedule of the units that are kept. */
    DivergenceSchedule select(boolean[] kept) {
        int[] stay = IntStream.range(0, kept.length).filter(u -> kept[u]).toArray();
        return new DivergenceSchedule(take(full, stay), take(start, stay), epochs);
    }

    private static double[] take(double[] of, int[] at) {
        return IntStream.of(at).mapToDouble(i -> of[i]).toArray();
    }

    /** Of each unit. */
    double[] full() {
        return full.clone();
    }

    /** Of each unit. */
    double[] start() {
        return start.clone();
    }

    /** The same number of epochs with other weights. */
    DivergenceSchedule with(double[] newFull, double[] newStart) {
        return new DivergenceSchedule(newFull, newStart, epochs);
    }
}
