package org.espalier.progress;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;

/**
 * What is known about one group after an epoch.
 *
 * @param size units that the group has now
 * @param units those that the method would keep
 * @param kl divergence of all its units from the prior at the epoch's last draw, unweighted, in nats; 0 for a method
 *     without one
 * @param snrQuantiles signal-to-noise ratios at the shares {@link #SHARES} of the units; empty for a method without a
 *     posterior
 * @param snrHistogram units per bucket of log₁₀ of the signal-to-noise ratio, see {@link #LOWEST}; empty for a method
 *     without a posterior
 */
public record GroupMetrics(int size, int units, double kl, List<Double> snrQuantiles, List<Long> snrHistogram) {
    /** The shares of {@link #snrQuantiles}. */
    public static final List<Double> SHARES = List.of(0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0);

    /** Lower limit of the histogram's first bucket, in which smaller values are counted too. */
    public static final double LOWEST = -3;

    /** Width of the histogram's buckets. */
    public static final double WIDTH = 0.2;

    /** How many buckets there are; greater values are counted in the last. */
    public static final int BUCKETS = 40;

    /**
     * Copies the lists.
     *
     * @param size units that the group has now
     * @param units those that the method would keep
     * @param kl divergence of all its units from the prior at the epoch's last draw, unweighted, in nats; 0 for a
     *     method without one
     * @param snrQuantiles signal-to-noise ratios at the shares {@link #SHARES} of the units; empty for a method
     *     without a posterior
     * @param snrHistogram units per bucket of log₁₀ of the signal-to-noise ratio, see {@link #LOWEST}; empty for a
     *     method without a posterior
     */
    public GroupMetrics {
        snrQuantiles = List.copyOf(snrQuantiles);
        snrHistogram = List.copyOf(snrHistogram);
    }

    /**
     * The metrics of all groups.
     *
     * @param groups of the network
     * @param kl divergence of each unit; empty for none
     * @param snr signal-to-noise ratio of each unit; empty for none
     * @param kept the units that the method would keep
     * @return by the groups' names as {@link ChannelGroups#count} has them
     */
    public static Map<String, GroupMetrics> of(ChannelGroups groups, double[] kl, double[] snr, boolean[] kept) {
        Map<String, GroupMetrics> out = new LinkedHashMap<>();
        List<String> names = new ArrayList<>(groups.count(kept).keySet());
        for (int i = 0; i < names.size(); i++) {
            ChannelGroup g = groups.groups().get(i);
            int end = g.offset() + g.size();
            int units =
                    (int) IntStream.range(g.offset(), end).filter(u -> kept[u]).count();
            double divergence =
                    kl.length == 0 ? 0 : Arrays.stream(kl, g.offset(), end).sum();
            double[] own = snr.length == 0 ? snr : Arrays.copyOfRange(snr, g.offset(), end);
            out.put(names.get(i), new GroupMetrics(g.size(), units, divergence, quantiles(own), histogram(own)));
        }
        return Collections.unmodifiableMap(out);
    }

    private static List<Double> quantiles(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return values.length == 0
                ? List.of()
                : SHARES.stream()
                        .map(s -> sorted[(int) Math.round(s * (sorted.length - 1))])
                        .toList();
    }

    private static List<Long> histogram(double[] values) {
        if (values.length == 0) {
            return List.of();
        }
        long[] counts = new long[BUCKETS];
        for (double v : values) {
            int bucket = (int) Math.floor((Math.log10(v) - LOWEST) / WIDTH);
            counts[Math.max(0, Math.min(BUCKETS - 1, bucket))]++;
        }
        return Arrays.stream(counts).boxed().toList();
    }
}
