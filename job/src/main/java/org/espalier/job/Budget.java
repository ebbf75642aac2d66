package org.espalier.job;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.espalier.channels.ChannelGroups;
import org.espalier.data.DataSet;
import org.espalier.data.LabelKind;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.objective.Evaluator;
import org.espalier.objective.ExecutablePart;
import org.espalier.objective.InputMatch;
import org.espalier.recipe.BudgetSettings;
import org.espalier.recipe.CostKind;
import org.espalier.recipe.CostTarget;
import org.espalier.recipe.PruningTask;
import org.espalier.shrink.BatchNormFolding;
import org.espalier.shrink.BudgetCut;
import org.espalier.shrink.CostLimit;
import org.espalier.shrink.UnitCosts;
import org.espalier.torch.TorchGraph;
import org.espalier.train.RunBudget;

/** What a result may cost and how much worse it may be, for one network: bounds as numbers, and whether they were kept. */
final class Budget implements AutoCloseable {
    /** A cost that is counted may end this share below its target. */
    private static final double COUNTED = 0.01;

    /** A time that is measured spreads; by this share it may be off. */
    private static final double MEASURED = 0.03;

    /** By this share above its target a time that is measured again is still as wanted. */
    private static final double MEASURED_AGAIN = 0.05;

    private final SourceModel original;
    private final BudgetSettings settings;
    private final PruningTask task;
    private final CostMeter meter;
    private final List<CostTarget> targets;
    private final List<CostLimit> limits = new ArrayList<>();

    /**
     * The bounds of a run.
     *
     * @param data examples like those for which the costs hold
     */
    Budget(SourceModel original, DataSet data, PruningTask task, BudgetSettings settings) {
        this.original = original;
        this.settings = settings;
        this.task = task;
        this.meter = new CostMeter(original, data, settings);
        this.targets = settings.costs();
        for (CostTarget t : targets) {
            limits.add(new CostLimit(
                    t.kind().toString(),
                    t.most(meter.ofOriginal(t.kind())),
                    t.kind() == CostKind.LATENCY ? MEASURED : COUNTED,
                    meter.of(t.kind())));
        }
    }

    /** The bounds as training takes them. */
    RunBudget forTraining() {
        return new RunBudget(limits, settings.maxError(), meter.of(settings.unitCost()));
    }

    /** The greatest costs. */
    List<CostLimit> limits() {
        return List.copyOf(limits);
    }

    /** What one unit of each group costs. */
    double[] unitCosts(ChannelGroups groups, Graph graph) {
        return UnitCosts.of(groups, graph, meter.of(settings.unitCost()));
    }

    /**
     * Checks that there is a network which meets each target.
     *
     * @throws InputException naming the nearest target that can be met
     */
    void requirePossible() {
        if (limits.isEmpty()) {
            return;
        }
        Graph sized = original.prepared();
        ChannelGroups groups = task.layers().groups(sized);
        double[] ones = new double[groups.units()];
        Arrays.fill(ones, 1);
        // The cheapest unit of each axis stays.
        double[] order = UnitCosts.perCost(ones, unitCosts(groups, sized));
        BudgetCut cut = new BudgetCut(groups, sized, order, task.layers().roundTo(), finish());
        requirePossible(cut.network(cut.smallest()));
    }

    /**
     * Checks a network than which none is smaller.
     *
     * @throws InputException naming the nearest target that can be met
     */
    void requirePossible(Graph smallest) {
        for (int i = 0; i < limits.size(); i++) {
            double least = limits.get(i).cost().applyAsDouble(smallest);
            CostTarget t = targets.get(i);
            double allowed = t.kind() == CostKind.LATENCY ? 1 + MEASURED_AGAIN : 1;
            if (least > limits.get(i).most() * allowed) {
                throw new InputException(
                        Setting.TARGET,
                        "target '" + t + "' cannot be met: one unit stays of each group, and what is not prunable;"
                                + " expected " + t.allowing(least, meter.ofOriginal(t.kind())) + " or more",
                        null);
            }
        }
    }

    /** What the result is, beside the units that are left. */
    private UnaryOperator<Graph> finish() {
        return task.layers().leavesNothingAlone() ? BatchNormFolding::fold : UnaryOperator.identity();
    }

    /**
     * One bound and what came of it.
     *
     * @param cost what is bounded: a kind of cost, or the error in percent
     * @param target as it was asked for
     * @param most the bound in the cost's own unit
     * @param found in the result
     * @param original in the original
     * @param met whether the bound was kept
     */
    record Line(String cost, String target, double most, double found, double original, boolean met) {
        /** For a line of text. */
        @Override
        public String toString() {
            return Format.of("%s: %.4g, at most %.4g%s", target, found, most, met ? "" : " (MISSED)");
        }
    }

    /** Compares a result with its bounds on costs. */
    List<Line> costs(Graph pruned) {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < limits.size(); i++) {
            CostTarget t = targets.get(i);
            CostLimit limit = limits.get(i);
            double found = limit.cost().applyAsDouble(pruned);
            double most = limit.most() * (t.kind() == CostKind.LATENCY ? 1 + MEASURED_AGAIN : 1);
            lines.add(new Line(
                    limit.name(), t.toString(), limit.most(), found, meter.ofOriginal(t.kind()), found <= most));
        }
        return lines;
    }

    /** Compares a result with the bound on its error, on the examples held out. */
    List<Line> error(Graph before, Graph pruned, Splits data, int holdOut, long seed) {
        Double worse = settings.maxError();
        if (worse == null) {
            return List.of();
        }
        DataSet heldOut = data.train().holdOut(holdOut, seed).test();
        try (TorchGraph reference = new TorchGraph(ExecutablePart.of(InputMatch.sized(before, heldOut)))) {
            double first = Evaluator.measure(before, heldOut, task, reference).errorPercent();
            double found = Evaluator.measure(pruned, heldOut, task, reference).errorPercent();
            String name = heldOut.labelKind() == LabelKind.NONE ? "difference" : "error";
            return List.of(new Line(
                    name,
                    Format.of("%s on examples held out %+.4g", name, worse),
                    first + worse,
                    found,
                    first,
                    found <= first + worse));
        }
    }

    @Override
    public void close() {
        meter.close();
    }
}
