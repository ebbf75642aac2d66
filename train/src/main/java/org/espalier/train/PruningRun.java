package org.espalier.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.espalier.channels.ChannelGroups;
import org.espalier.data.DataSet;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.method.Method;
import org.espalier.method.Original;
import org.espalier.method.Posterior;
import org.espalier.shrink.BatchNormFolding;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.espalier.shrink.Shrunk;
import org.espalier.shrink.Slice;
import org.espalier.torch.Engine;
import org.espalier.torch.TorchGraph;
import org.espalier.torch.ops.Constants;
import org.jspecify.annotations.Nullable;

/**
 * The main job: a network and data in, a smaller network out.
 *
 * <p>Pre-training, training with the method attached while units leave, removal of the others that fell below the threshold with the
 * multipliers' means folded into the weights, fine-tuning of what is left. The test set is looked at twice: for the error of the original
 * and of the final network. Nothing is chosen by it.
 */
public final class PruningRun {
    private final Graph graph;
    private final Splits data;
    private final Recipe recipe;
    private final MethodFactory factory;
    private final TrainingListener listener;

    private final Task task;

    public PruningRun(Graph graph, Splits data, Recipe recipe, MethodFactory factory, TrainingListener listener) {
        this(graph, data, recipe, factory, listener, Task.DEFAULT);
    }

    /** A run that does not do the usual thing with any network. */
    public PruningRun(
            Graph graph, Splits data, Recipe recipe, MethodFactory factory, TrainingListener listener, Task task) {
        this.task = task;
        this.graph = Constants.lift(graph);
        this.data = data;
        this.recipe = recipe;
        this.factory = factory;
        this.listener = listener;
    }

    /** Runs everything; takes long. */
    public PruningOutcome run() {
        long start = System.nanoTime();
        Engine.seed(recipe.seed());
        DataSet train = data.train();
        DataSet heldOut = null;
        if (recipe.holdOut() > 0) {
            Splits parts = data.train().holdOut(recipe.holdOut(), recipe.seed());
            train = parts.train();
            heldOut = parts.test();
        }
        Trainer.Progress progress = new Trainer.Progress(steps(train));
        Graph original = trainPlainly(Phase.PRETRAIN, graph, null, train, heldOut, progress);
        double originalError = error(original, null);
        ChannelGroups groups = task.layers().groups(original);
        if (recipe.pruneEpochs() == 0) {
            Map<String, Integer> units = count(groups);
            double seconds = (System.nanoTime() - start) / 1e9;
            return new PruningOutcome(
                    original, originalError, original, null, original, original, originalError, units, units, seconds);
        }
        try (TorchGraph teacher = recipe.distillation() > 0 ? new TorchGraph(original) : null) {
            Pruned pruned = prune(groups, original, teacher, train, heldOut, progress);
            Graph tuned = trainPlainly(Phase.FINETUNE, pruned.graph, teacher, train, heldOut, progress);
            Graph masked = Expansion.expand(original, pruned.cuts, tuned);
            // What is left alone stays bit for bit.
            Graph folded = task.layers().leavesNothingAlone() ? BatchNormFolding.fold(tuned) : tuned;
            double error = error(folded, original);
            double seconds = (System.nanoTime() - start) / 1e9;
            return new PruningOutcome(
                    original,
                    originalError,
                    pruned.trained,
                    pruned.posterior,
                    masked,
                    folded,
                    error,
                    count(groups),
                    pruned.units,
                    seconds);
        }
    }

    private double error(Graph net, @Nullable Graph original) {
        try (TorchGraph reference = original == null ? null : new TorchGraph(original)) {
            return Evaluator.measure(net, data.test(), task.output(), reference).errorPercent();
        }
    }

    private long steps(DataSet train) {
        long perEpoch = train.size() / Math.min(recipe.batchSize(), train.size());
        return perEpoch * (recipe.pretrainEpochs() + recipe.pruneEpochs() + recipe.finetuneEpochs());
    }

    private static Map<String, Integer> count(ChannelGroups groups) {
        boolean[] all = new boolean[groups.units()];
        Arrays.fill(all, true);
        return groups.count(all);
    }

    private Map<String, Double> dropout(Phase phase) {
        return phase == Phase.PRETRAIN ? recipe.pretrainDropout() : recipe.finetuneDropout();
    }

    private Graph trainPlainly(
            Phase phase,
            Graph from,
            @Nullable TorchGraph teacher,
            DataSet train,
            @Nullable DataSet heldOut,
            Trainer.Progress progress) {
        if (Trainer.epochs(recipe, phase) == 0) {
            return from;
        }
        ChannelGroups groups = task.layers().groups(from);
        try (Network net = new Network(groups, from, new Original(groups), 0.9, dropout(phase), task);
                Trainer trainer = new Trainer(recipe, phase, net, teacher, train, heldOut, listener, progress)) {
            trainer.run();
            return net.graph();
        }
    }

    private record Pruned(
            Graph trained,
            @Nullable Posterior posterior,
            Graph graph,
            Map<String, Integer> units,
            List<Map<String, List<Slice>>> cuts) {}

    private Pruned prune(
            ChannelGroups groups,
            Graph original,
            @Nullable TorchGraph teacher,
            DataSet train,
            @Nullable DataSet heldOut,
            Trainer.Progress progress) {
        Method method = factory.attach(groups, recipe);
        try (Network net = new Network(groups, original, method, recipe.beta1(), recipe.pruneDropout(), task);
                Trainer trainer = new Trainer(recipe, Phase.PRUNE, net, teacher, train, heldOut, listener, progress)) {
            trainer.run();
            KeptUnits kept = net.decide();
            for (String name : kept.revived()) {
                listener.onMessage("group '" + name + "' would have lost all its units; the best was kept");
            }
            Shrunk shrunk = Shrinker.shrink(net.groups(), net.masked(kept), kept.kept());
            List<Map<String, List<Slice>>> cuts = new ArrayList<>(net.cuts());
            cuts.add(shrunk.slices());
            return new Pruned(
                    net.graph(),
                    net.method().posterior(),
                    shrunk.graph(),
                    net.groups().count(kept.kept()),
                    cuts);
        }
    }
}
