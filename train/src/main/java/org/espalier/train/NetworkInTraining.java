package org.espalier.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.checkpoint.Checkpoint;
import org.espalier.graph.Graph;
import org.espalier.method.DropoutNodes;
import org.espalier.method.PruningMethod;
import org.espalier.recipe.PhaseSettings;
import org.espalier.recipe.PruningTask;
import org.espalier.shrink.AxisSlice;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.espalier.shrink.Shrunk;
import org.espalier.torch.ExecutablePart;
import org.espalier.torch.Optimizer;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;

/** A network in training with its method and optimizer, which get smaller together. */
final class NetworkInTraining implements AutoCloseable {
    private static final String WEIGHTS = "weights";
    private static final String NOISE = "noise";
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
        for (String frozen : task.layers().frozen(torch.graph())) {
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
        return new Choice(task.layers().kept(groups, d.kept(), d.score()), d);
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
