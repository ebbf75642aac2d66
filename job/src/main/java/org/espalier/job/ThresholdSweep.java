package org.espalier.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.espalier.bayes.Posterior;
import org.espalier.bayes.PruneRule;
import org.espalier.bayes.SnrRule;
import org.espalier.channels.ChannelGroups;
import org.espalier.data.DataSet;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.method.KlWeights;
import org.espalier.method.PruningMethod;
import org.espalier.method.PruningMethods;
import org.espalier.method.StructuredBayes;
import org.espalier.objective.ErrorComparison;
import org.espalier.objective.Evaluator;
import org.espalier.objective.ExecutablePart;
import org.espalier.objective.InputMatch;
import org.espalier.objective.NetworkScore;
import org.espalier.onnx.OnnxReader;
import org.espalier.recipe.BudgetSettings;
import org.espalier.recipe.PruningTask;
import org.espalier.shapes.Cost;
import org.espalier.shrink.BudgetCut;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.espalier.shrink.UnitCosts;
import org.espalier.torch.TorchGraph;
import org.jspecify.annotations.Nullable;

/** The network of a finished run as pruning left it, to which other thresholds can be applied without training. */
public final class ThresholdSweep {
    private final Graph trained;
    private final ChannelGroups groups;
    private final Posterior posterior;
    private final Splits data;
    private final PruningTask task;
    private final SourceModel original;
    private final RunConfiguration configuration;
    private @Nullable NetworkScore before;

    /**
     * A network cut by one rule.
     *
     * @param masked of the size before, with removed units at zero
     * @param pruned without them
     * @param units per group
     * @param errors on the test set, beside the original's
     * @param revived groups that would have lost all their units, so that the best was kept
     * @param parameters of the pruned network
     * @param macs multiply-accumulates that it takes for one example
     */
    public record Cut(
            Graph masked,
            Graph pruned,
            Map<String, Integer> units,
            ErrorComparison errors,
            List<String> revived,
            long parameters,
            long macs) {
        /** {@return the error on the test set, in percent} */
        public double errorPercent() {
            return errors.percent();
        }
    }

    /**
     * Reads a run.
     *
     * @param folder the run's folder
     * @param configuration the run's
     * @param data the examples that the run was made with
     * @throws InputException if the run has no posterior, a file is damaged, or the data are not of the run's kind
     */
    public ThresholdSweep(RunFolder folder, RunConfiguration configuration, Splits data) {
        this.configuration = configuration;
        this.task = configuration.task();
        // First, as it says best what a run lacks.
        PosteriorFile noise = folder.readPosterior();
        this.original = SourceModel.beforeData("original.onnx", OnnxReader.read(folder.original()))
                .at(data.train());
        original.requireFit(data, configuration.recipe(), task);
        this.trained = SourceModel.beforeData("trained.onnx", OnnxReader.read(folder.trained()))
                .at(data.train())
                .prepared();
        this.groups = task.layers().groups(trained);
        this.posterior = noise.posterior(groups);
        this.data = data;
    }

    /**
     * Applies a rule to the run's posterior. The result is not fine-tuned.
     *
     * @param rule says which units go
     * @return both networks, with their error and cost
     */
    public Cut cut(PruneRule rule) {
        PruningMethod.Decision wish = StructuredBayes.decide(posterior, rule);
        return cut(task.layers().kept(groups, wish.kept(), wish.score()));
    }

    private Cut cut(KeptUnits kept) {
        Graph masked = Shrinker.mask(groups, trained, kept.masked(posterior.mean()), kept.kept());
        Graph pruned = Shrinker.shrink(groups, masked, kept.kept()).graph();
        return new Cut(
                masked,
                pruned,
                groups.count(kept.kept()),
                ErrorComparison.of(before(), original.prepared(), pruned, data.test(), task),
                kept.revived(),
                Cost.of(pruned).parameters(),
                MemoryEstimate.macs(pruned, data.test()));
    }

    /**
     * Cuts at a budget: as many units stay as fit, the most valuable for their cost first; or, where the error alone is bounded, as few as
     * keep it on the examples that the run held out. The result is not fine-tuned.
     *
     * @param settings what is bounded
     * @return the network, and what came of each bound
     * @throws InputException if no cut meets a target, naming the nearest that can be met; or the run held out no examples to measure on
     */
    public BudgetedCut cut(BudgetSettings settings) {
        int holdOut = configuration.recipe().batches().holdOut();
        long seed = configuration.recipe().batches().seed();
        if (settings.maxError() != null && holdOut == 0) {
            throw new InputException(
                    Setting.MAX_ERROR,
                    "the error is bounded on examples that the run did not train on, expected a run with examples held out,"
                            + " found one with none",
                    null);
        }
        try (Budget budget = new Budget(original, data.test(), task, settings)) {
            BudgetCut order = order(budget);
            Cut cut = cut(settings.hasTargets() ? within(budget, order) : fewest(settings, order, holdOut, seed));
            List<Budget.Line> lines = new ArrayList<>(budget.costs(cut.pruned));
            lines.addAll(budget.error(original.prepared(), cut.pruned, data, holdOut, seed));
            return new BudgetedCut(cut, lines);
        }
    }

    private BudgetCut order(Budget budget) {
        PruningMethod.Decision all = StructuredBayes.decide(posterior, new SnrRule(0));
        double[] weights = configuration.method() == PruningMethods.SBPA
                ? KlWeights.of(configuration.recipe().noise().weights()).of(groups)
                : KlWeights.one().of(groups);
        double[] importance = StructuredBayes.importance(all.snr(), weights);
        return new BudgetCut(
                groups,
                trained,
                UnitCosts.perCost(importance, budget.unitCosts(groups, trained)),
                task.layers().roundTo(),
                UnaryOperator.identity());
    }

    private static KeptUnits within(Budget budget, BudgetCut order) {
        budget.requirePossible(order.network(order.smallest()));
        return order.within(budget.limits());
    }

    private KeptUnits fewest(BudgetSettings settings, BudgetCut order, int holdOut, long seed) {
        DataSet heldOut = data.train().holdOut(holdOut, seed).test();
        try (TorchGraph reference = new TorchGraph(ExecutablePart.of(InputMatch.sized(original.prepared(), heldOut)))) {
            double most = Objects.requireNonNull(settings.maxError())
                    + Evaluator.measure(original.prepared(), heldOut, task, reference)
                            .errorPercent();
            return order.fewest(kept -> Evaluator.measure(
                                    Shrinker.mask(groups, trained, kept.masked(posterior.mean()), kept.kept()),
                                    heldOut,
                                    task,
                                    reference)
                            .errorPercent()
                    <= most);
        }
    }

    /**
     * A network cut at a budget.
     *
     * @param cut the network
     * @param budget what is bounded, and what came of it; for a report's settings
     */
    public record BudgetedCut(Cut cut, List<?> budget) {}

    /**
     * Tells the listener how many units left while the run trained, which no rule brings back.
     *
     * @param listener is told
     */
    public void noteGone(JobListener listener) {
        int before = task.layers().groups(original.prepared()).units();
        int gone = before - groups.units();
        if (gone > 0) {
            listener.onMessage(
                    JobMessage.Code.UNITS_GONE,
                    Format.count(gone) + " of " + Format.count(before)
                            + " units left while the run trained and do not come back at any threshold; training with a patience of 0 epochs keeps them");
        }
    }

    /** {@return the network before pruning} */
    public SourceModel original() {
        return original;
    }

    /** {@return multiply-accumulates of the network before pruning for one example} */
    public long originalMacs() {
        return MemoryEstimate.macs(original.prepared(), data.test());
    }

    /** The original's score on the test set, measured once. */
    private NetworkScore before() {
        NetworkScore known = before;
        if (known == null) {
            known = Evaluator.measure(original.prepared(), data.test(), task, null);
            before = known;
        }
        return known;
    }
}
