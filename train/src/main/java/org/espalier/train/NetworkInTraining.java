package org.espalier.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.checkpoint.Checkpoint;
import org.espalier.graph.Graph;
import org.espalier.method.DropoutNodes;
import org.espalier.method.PruningMethod;
import org.espalier.objective.ExecutablePart;
import org.espalier.recipe.PhaseSettings;
import org.espalier.recipe.PruningTask;
import org.espalier.shrink.AxisSlice;
import org.espalier.shrink.BatchNormFolding;
import org.espalier.shrink.BudgetCut;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.espalier.shrink.Shrunk;
import org.espalier.shrink.UnitCosts;
import org.espalier.torch.Optimizer;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.jspecify.annotations.Nullable;

/** A network in training with its method and optimizer, which get smaller together. */
final class NetworkInTraining implements AutoCloseable {
    private static final String WEIGHTS = "weights";
    private static final String NOISE = "noise";
    /** Signal-to-noise ratios about the usual threshold of 1; fresh units have far more. */
    private static final double[] THRESHOLDS = {0.5, 1, 2, 4, 8};

    /** Before the number of a parameter that the method attached. */
    private static final String METHOD = "method.";

    private final PhaseSettings settings;
    /** What was cut so far, in order, from the network that training began with. */
    private final List<Map<String, List<AxisSlice>>> cuts = new ArrayList<>();

    private ChannelGroups groups;
    private Graph structure;
    private TorchGraph torch;
    private PruningMethod method;
    private Optimizer optimizer;

    private final PruningTask task;
    private RunBudget budget = RunBudget.NONE;
    /** Of the present groups; null until they are asked for. */
    private double @Nullable [] unitCosts;

    NetworkInTraining(
            ChannelGroups groups, Graph graph, PruningMethod method, PhaseSettings settings, PruningTask task) {
        this.task = task;
        this.settings = settings;
        this.structure = graph;
        this.groups = groups;
        this.torch = execution(groups, graph);
        this.method = method;
        this.optimizer = newOptimizer();
    }

    /**
     * Goes on from a checkpoint.
     *
     * @param method attached to the groups of the checkpoint's network
     */
    static NetworkInTraining resume(
            Checkpoint.State state,
            ChannelGroups groups,
            PruningMethod method,
            PhaseSettings settings,
            PruningTask task) {
        method.load(state.method());
        NetworkInTraining net = new NetworkInTraining(groups, state.graph(), method, settings, task);
        net.optimizer.load(state.optimizer());
        net.cuts.addAll(state.cuts());
        return net;
    }

    private TorchGraph execution(ChannelGroups of, Graph graph) {
        return new TorchGraph(ExecutablePart.of(DropoutNodes.insert(of, graph, settings.dropout())));
    }

    private Optimizer newOptimizer() {
        Map<String, Tensor> own = new LinkedHashMap<>();
        for (int i = 0; i < method.parameters().size(); i++) {
            own.put(METHOD + i, method.parameters().get(i).tensor());
        }
        Map<String, Tensor> trained = new LinkedHashMap<>(torch.parameters());
        for (String frozen : TrainedWeights.fixed(torch.graph(), task.layers()).keySet()) {
            Tensor left = trained.remove(frozen);
            if (left != null) {
                // Nobody would read the gradient, nor clear it.
                left.set_requires_grad(false);
            }
        }
        return new Optimizer(List.of(
                Optimizer.Group.of(WEIGHTS, trained, 0)
                        .withRule(settings.optimizer())
                        .withBeta1(settings.momentum()),
                Optimizer.Group.of(NOISE, own, 0).withBeta1(settings.momentum())));
    }

    ChannelGroups groups() {
        return groups;
    }

    PruningTask task() {
        return task;
    }

    TorchGraph torch() {
        return torch;
    }

    PruningMethod method() {
        return method;
    }

    Optimizer optimizer() {
        return optimizer;
    }

    void setRates(double weights, double noise) {
        optimizer.setLearningRate(WEIGHTS, weights);
        optimizer.setLearningRate(NOISE, noise);
    }

    /** Sets the decay of the weights from the next step on; none to begin with, and after {@link #shrink}. */
    void setWeightDecay(double decay) {
        optimizer.setWeightDecay(WEIGHTS, decay);
    }

    /** The graph as it is now but for the values of its constants. */
    Graph structure() {
        return structure;
    }

    /** The graph as it is now, weights without multipliers. */
    Graph graph() {
        return structure.withInitializers(torch.state());
    }

    /**
     * What the method says now.
     *
     * @param kept the units that stay, which layers cannot be without
     * @param decision the method's wish
     */
    record Choice(KeptUnits kept, PruningMethod.Decision decision) {}

    /** The units that stay if the method decides now. */
    Choice decide() {
        PruningMethod.Decision d = method.decide(graph());
        Choice choice = new Choice(task.layers().kept(groups, d.kept(), d.score()), d);
        if (budget.limits().isEmpty()) {
            return choice;
        }
        // Where there is room for more than the method keeps, more stays.
        BudgetCut cut = cut(d);
        return cut.share(choice.kept(), budget.limits()) < 1 ? new Choice(cut.within(budget.limits()), d) : choice;
    }

    /** What the network may cost; nothing is bounded where nobody calls this. */
    void setBudget(RunBudget bounds) {
        budget = bounds;
    }

    /** The units that stay for good: as the method decides, or as many as fit where a cost is bounded. */
    Choice last() {
        PruningMethod.Decision d = method.decide(graph());
        if (budget.limits().isEmpty()) {
            return decide();
        }
        BudgetCut cut = cut(d);
        KeptUnits kept = cut.within(budget.limits());
        // The best unit along each axis stays; where a cheaper one must do, that one.
        return cut.share(kept, budget.limits()) <= 1
                ? new Choice(kept, d)
                : new Choice(cut(ones(groups.units())).within(budget.limits()), d);
    }

    /** The fewest units, in the order of their worth for their cost, with which the masked network is good enough. */
    Choice fewest(Predicate<Graph> isGood) {
        PruningMethod.Decision d = method.decide(graph());
        return new Choice(cut(d).fewest(kept -> isGood.test(masked(new Choice(kept, d)))), d);
    }

    /**
     * The greatest cost as a share of its limit that is to be expected of what is left, if units go at a threshold about
     * the usual one: the mean over thresholds from less than it to far above, since while units near the threshold they
     * are on their way.
     */
    double expectedShare() {
        PruningMethod.Decision d = method.decide(graph());
        double[] snr = d.snr();
        BudgetCut cut = cut(d);
        double sum = 0;
        for (double threshold : THRESHOLDS) {
            boolean[] wish = new boolean[snr.length];
            for (int u = 0; u < wish.length; u++) {
                wish[u] = snr[u] >= threshold;
            }
            sum += cut.share(task.layers().kept(groups, wish, d.score()), budget.limits());
        }
        return sum / THRESHOLDS.length;
    }

    private static double[] ones(int count) {
        double[] ones = new double[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    private BudgetCut cut(PruningMethod.Decision d) {
        return cut(method.importance(d));
    }

    private BudgetCut cut(double[] importance) {
        if (unitCosts == null) {
            unitCosts = UnitCosts.of(groups, structure, budget.unitCost());
        }
        // What is left alone stays bit for bit, as in the result.
        return new BudgetCut(
                groups,
                structure,
                UnitCosts.perCost(importance, unitCosts),
                task.layers().roundTo(),
                task.layers().leavesNothingAlone() ? BatchNormFolding::fold : UnaryOperator.identity());
    }

    /**
     * The network of the present size in which units that go are masked and the others' multipliers are folded in.
     * Where no unit was worth keeping, those that only stay because layers cannot be empty are masked, too: the
     * network predicts a constant.
     */
    Graph masked(Choice choice) {
        double[] scale = choice.kept().masked(choice.decision().scale());
        return Shrinker.mask(
                groups, method.finish(graph()), scale, choice.kept().kept());
    }

    /**
     * Takes units out of the graph, the optimizer's state and the method. What the network computes for the others
     * stays the same.
     *
     * @return false, with nothing changed, where the smaller graph does not have the units that are left in their order
     */
    boolean shrink(boolean[] kept) {
        Shrunk smaller = Shrinker.shrink(groups, graph(), kept);
        ChannelGroups newGroups = task.layers().groups(smaller.graph());
        if (!sizes(newGroups).equals(List.copyOf(groups.count(kept).values()))) {
            return false;
        }
        TorchGraph newTorch = execution(newGroups, smaller.graph());
        PruningMethod newMethod = method.shrink(newGroups, smaller);
        Map<String, Optimizer.Moments> state = cut(optimizer.state(), smaller, method.parameters());
        close();
        groups = newGroups;
        unitCosts = null;
        structure = smaller.graph();
        torch = newTorch;
        method = newMethod;
        optimizer = newOptimizer();
        // A bias of which one number is left is arithmetic like any other, and no longer trained.
        state.keySet().retainAll(optimizer.state().keySet());
        optimizer.load(state);
        cuts.add(smaller.slices());
        return true;
    }

    private static List<Integer> sizes(ChannelGroups groups) {
        return groups.groups().stream().map(ChannelGroup::size).toList();
    }

    private static Map<String, Optimizer.Moments> cut(
            Map<String, Optimizer.Moments> state, Shrunk smaller, List<PruningMethod.Attached> attached) {
        boolean[] kept = smaller.kept();
        int[] units = IntStream.range(0, kept.length).filter(i -> kept[i]).toArray();
        Map<String, Optimizer.Moments> out = new LinkedHashMap<>();
        state.forEach((name, m) -> {
            String weight = name;
            if (name.startsWith(METHOD)) {
                weight = attached.get(Integer.parseInt(name.substring(METHOD.length())))
                        .weight();
            }
            Optimizer.Moments left = m;
            for (AxisSlice s : weight == null ? List.of(new AxisSlice(0, units)) : slices(smaller, weight)) {
                left = left.take(s.axis(), s.kept());
            }
            out.put(name, left);
        });
        return out;
    }

    private static List<AxisSlice> slices(Shrunk smaller, String weight) {
        return smaller.slices().getOrDefault(weight, List.of());
    }

    /** The first parameter that holds NaN or an infinity. */
    Optional<String> notFinite() {
        try (Scope scope = Scope.open()) {
            return torch.parameters().entrySet().stream()
                    .filter(e -> !e.getValue().isfinite().all().item_bool())
                    .map(Map.Entry::getKey)
                    .findFirst();
        }
    }

    List<Map<String, List<AxisSlice>>> cuts() {
        return cuts;
    }

    @Override
    public void close() {
        optimizer.close();
        method.close();
        torch.close();
    }
}
