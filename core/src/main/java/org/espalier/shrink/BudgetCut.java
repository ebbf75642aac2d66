package org.espalier.shrink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;

/**
 * The units that stay so that a network's cost keeps within limits: as many as fit, the most valuable first.
 *
 * <p>Each candidate is really shrunk and its cost is asked for. Units are in a fixed order, so that a longer beginning of it costs more, and
 * bisection finds the longest that fits. What is then left of the budget, since the next unit is too dear, goes to the groups whose units
 * still fit. Some units always stay: one along each axis that may not become empty.
 */
public final class BudgetCut {
    /** Units of a group that may be passed over, since each takes a search. */
    private static final int MOST_PASSED = 8;

    private static final int MOST_PASSES = 4;

    private final ChannelGroups groups;
    private final Graph graph;
    private final double[] order;
    private final int multiple;
    private final UnaryOperator<Graph> finish;
    /** Units from the most to the least valuable. */
    private final int[] ranked;
    /** Those that stay whatever else goes. */
    private final boolean[] core;

    /**
     * Prepares.
     *
     * @param groups the groups
     * @param graph the groups' graph, or one with other values of its constants
     * @param order per unit how much it is worth for its cost: greater stays longer; not NaN
     * @param multiple widths are kept at multiples of this; 1 for any
     * @param finish what else is done to the shrunk network before its cost counts
     */
    public BudgetCut(ChannelGroups groups, Graph graph, double[] order, int multiple, UnaryOperator<Graph> finish) {
        this.groups = groups;
        this.graph = graph;
        this.order = order.clone();
        this.multiple = multiple;
        this.finish = finish;
        this.core =
                KeptUnits.of(groups, new boolean[order.length], order, multiple).kept();
        this.ranked = IntStream.range(0, order.length)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(u -> -order[u]).thenComparing(u -> u))
                .mapToInt(u -> u)
                .toArray();
    }

    /**
     * The fewest units that can stay.
     *
     * @return one along each axis, in whole multiples
     */
    public KeptUnits smallest() {
        return first(0);
    }

    /**
     * The network with these units.
     *
     * @param kept units that stay
     * @return the shrunk network as its cost counts
     */
    public Graph network(KeptUnits kept) {
        return finish.apply(Shrinker.shrink(groups, graph, kept.kept()).graph());
    }

    /**
     * How near the network with these units is to its limits.
     *
     * @param kept units that stay
     * @param limits at least one
     * @return the greatest cost as a share of its limit: above 1 where one is exceeded
     */
    public double share(KeptUnits kept, List<CostLimit> limits) {
        Graph network = network(kept);
        return limits.stream().mapToDouble(l -> l.share(network)).max().orElse(0);
    }

    /**
     * The most units that keep within all limits.
     *
     * @param limits at least one
     * @return the units that stay; {@link #smallest} where even these exceed a limit
     */
    public KeptUnits within(List<CostLimit> limits) {
        double slack = limits.stream().mapToDouble(CostLimit::slack).max().orElse(0);
        int count = last(ranked.length, n -> share(first(n), limits) <= 1);
        if (count < 0) {
            return smallest();
        }
        boolean[] wish = wish(count);
        if (count == ranked.length) {
            return close(wish);
        }
        KeptUnits kept = filled(wish, limits, 1 - slack);
        return share(kept, limits) < 1 - 2 * slack ? exchanged(kept, count, limits, 1 - slack) : kept;
    }

    /** A channel comes with all of its features that were wished; where that is too much, it comes alone, and then they do. */
    private KeptUnits filled(boolean[] wish, List<CostLimit> limits, double enough) {
        KeptUnits kept = fill(wish, limits, enough);
        for (int pass = 1; pass < MOST_PASSES && share(kept, limits) < enough; pass++) {
            KeptUnits more = fill(kept.kept(), limits, enough);
            if (Arrays.equals(more.kept(), kept.kept())) {
                break;
            }
            kept = more;
        }
        return kept;
    }

    /** Where nothing more fits and much is left, a unit that is too dear may take the place of cheaper ones. */
    private KeptUnits exchanged(KeptUnits found, int count, List<CostLimit> limits, double enough) {
        KeptUnits best = found;
        double bestShare = share(found, limits);
        for (int u : firstLeftOut(found)) {
            if (bestShare >= enough) {
                break;
            }
            List<Integer> dear = List.of(u);
            int fits = last(count, n -> share(close(with(wish(n), dear)), limits) <= 1);
            if (fits >= 0) {
                KeptUnits other = filled(with(wish(fits), dear), limits, enough);
                double share = share(other, limits);
                best = share > bestShare && share <= 1 ? other : best;
                bestShare = share > bestShare && share <= 1 ? share : bestShare;
            }
        }
        return best;
    }

    /** The most valuable unit that goes, of each of the first groups. */
    private List<Integer> firstLeftOut(KeptUnits kept) {
        Map<ChannelGroup, Integer> first = new LinkedHashMap<>();
        for (int u : ranked) {
            if (!kept.keeps(u)) {
                first.putIfAbsent(groups.groupOf(u), u);
            }
        }
        return first.values().stream().limit(MOST_PASSED).toList();
    }

    /**
     * The fewest units, in the order, of which a condition holds.
     *
     * @param holds a condition that holds of more units if it holds of fewer, nearly always
     * @return the units that stay; all where it never holds
     */
    public KeptUnits fewest(Predicate<KeptUnits> holds) {
        int without = last(ranked.length, n -> !holds.test(first(n)));
        return first(Math.min(ranked.length, without + 1));
    }

    /** Adds units of each group, the group with the most valuable one first, as far as they fit. */
    private KeptUnits fill(boolean[] begun, List<CostLimit> limits, double enough) {
        boolean[] wish = begun;
        Map<ChannelGroup, List<Integer>> left = new LinkedHashMap<>();
        KeptUnits kept = close(wish);
        for (int u : ranked) {
            if (!kept.keeps(u)) {
                left.computeIfAbsent(groups.groupOf(u), g -> new ArrayList<>()).add(u);
            }
        }
        for (List<Integer> units : left.values()) {
            // Mostly the units of a group cost the same; where they do not, one that is too dear is passed over.
            for (int from = 0, passed = 0; from < units.size() && passed < MOST_PASSED; passed++) {
                if (share(close(wish), limits) >= enough) {
                    return close(wish);
                }
                boolean[] before = wish;
                List<Integer> rest = units.subList(from, units.size());
                int more = last(rest.size(), n -> share(close(with(before, rest.subList(0, n))), limits) <= 1);
                wish = with(before, fitting(before, rest.subList(0, Math.max(0, more))));
                from += Math.max(0, more) + 1;
            }
        }
        return close(wish);
    }

    /** Those that stay when they are added: an input whose channel is gone would only make that channel dearer. */
    private List<Integer> fitting(boolean[] wish, List<Integer> units) {
        KeptUnits kept = close(with(wish, units));
        return units.stream().filter(kept::keeps).toList();
    }

    private static boolean[] with(boolean[] wish, List<Integer> units) {
        boolean[] more = wish.clone();
        units.forEach(u -> more[u] = true);
        return more;
    }

    private boolean[] wish(int count) {
        boolean[] wish = core.clone();
        for (int i = 0; i < count; i++) {
            wish[ranked[i]] = true;
        }
        return wish;
    }

    private KeptUnits first(int count) {
        return close(wish(count));
    }

    private KeptUnits close(boolean[] wish) {
        return KeptUnits.of(groups, wish, order, multiple);
    }

    /** The greatest number from 0 to {@code most} of which something holds that holds of smaller ones too; −1 for none. */
    private static int last(int most, IntPredicate holds) {
        if (holds.test(most)) {
            return most;
        }
        int yes = -1;
        int no = most;
        while (no - yes > 1) {
            int middle = (yes + no) >>> 1;
            if (holds.test(middle)) {
                yes = middle;
            } else {
                no = middle;
            }
        }
        return yes;
    }
}
