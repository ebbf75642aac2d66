package org.espalier.shrink;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;

/** What one unit of each group costs, found on networks that are really smaller. */
public final class UnitCosts {
    private UnitCosts() {}

    /**
     * What a unit saves on average while half of its group goes, all else staying. Half, since kernels compute channels in blocks, so that
     * a single unit less may save nothing.
     *
     * @param groups the groups
     * @param graph the groups' graph, or one with other values of its constants
     * @param cost of a network
     * @return one number per unit, the same within a group; never negative; 0 where none of the group can go
     */
    public static double[] of(ChannelGroups groups, Graph graph, ToDoubleFunction<Graph> cost) {
        double[] each = new double[groups.units()];
        double whole = cost.applyAsDouble(graph);
        double[] equal = new double[groups.units()];
        for (ChannelGroup g : groups.groups()) {
            boolean[] wish = new boolean[groups.units()];
            Arrays.fill(wish, true);
            Arrays.fill(wish, g.offset() + (g.size() + 1) / 2, g.offset() + g.size(), false);
            KeptUnits kept = KeptUnits.of(groups, wish, equal);
            int gone = 0;
            for (int u = g.offset(); u < g.offset() + g.size(); u++) {
                gone += kept.keeps(u) ? 0 : 1;
            }
            if (gone > 0) {
                Graph smaller = Shrinker.shrink(groups, graph, kept.kept()).graph();
                double saved = Math.max(0, whole - cost.applyAsDouble(smaller)) / gone;
                Arrays.fill(each, g.offset(), g.offset() + g.size(), saved);
            }
        }
        return each;
    }

    /**
     * Units in the order in which they are worth their cost.
     *
     * @param importance what is lost with each unit; finite, not negative
     * @param cost of each unit, as {@link #of} has it
     * @return one number per unit: the importance per cost; where a group costs nothing, that of the cheapest
     */
    public static double[] perCost(double[] importance, double[] cost) {
        double least = Arrays.stream(cost).filter(c -> c > 0).min().orElse(1);
        double[] ratio = new double[importance.length];
        Arrays.setAll(ratio, u -> importance[u] / Math.max(cost[u], least));
        return ratio;
    }
}
