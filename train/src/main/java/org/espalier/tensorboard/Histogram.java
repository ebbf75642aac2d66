package org.espalier.tensorboard;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How many values lie in each of a row of buckets.
 *
 * @param lowest lower limit of the first bucket
 * @param width width of each bucket
 * @param counts values per bucket
 */
public record Histogram(double lowest, double width, List<Long> counts) {
    // Field numbers of HistogramProto in histogram.proto.
    private static final int MIN = 1;
    private static final int MAX = 2;
    private static final int COUNT = 3;
    private static final int SUM = 4;
    private static final int SQUARES = 5;
    private static final int LIMITS = 6;
    private static final int BUCKETS = 7;

    /**
     * Copies the counts.
     *
     * @param lowest lower limit of the first bucket
     * @param width width of each bucket
     * @param counts values per bucket
     */
    public Histogram {
        counts = List.copyOf(counts);
        if (counts.isEmpty()) {
            throw new IllegalArgumentException("histogram 'counts': must have buckets, expected 1 or more, found none");
        }
        if (!(width > 0)) {
            throw new IllegalArgumentException("histogram 'width': must be positive, expected > 0, found " + width);
        }
    }

    /** Upper limit of a bucket. */
    double limit(int bucket) {
        return lowest + width * (bucket + 1);
    }

    /** A HistogramProto without the empty buckets at both ends; every value counts as its bucket's middle. */
    Message toMessage() {
        int first = 0;
        int last = counts.size() - 1;
        while (first < last && counts.get(first) == 0) {
            first++;
        }
        while (last > first && counts.get(last) == 0) {
            last--;
        }
        double[] limits =
                IntStream.rangeClosed(first, last).mapToDouble(this::limit).toArray();
        double[] n = IntStream.rangeClosed(first, last)
                .mapToDouble(i -> (double) counts.get(i))
                .toArray();
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n.length; i++) {
            double middle = limits[i] - width / 2;
            sum += n[i] * middle;
            squares += n[i] * middle * middle;
        }
        return new Message()
                .number(MIN, limit(first) - width)
                .number(MAX, limit(last))
                .number(COUNT, Arrays.stream(n).sum())
                .number(SUM, sum)
                .number(SQUARES, squares)
                .numbers(LIMITS, limits)
                .numbers(BUCKETS, n);
    }
}
