package org.espalier.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.espalier.channels.ChannelGroups;
import org.espalier.checkpoint.Checkpoint;
import org.espalier.checkpoint.CheckpointPolicy;
import org.espalier.checkpoint.CheckpointStore;
import org.espalier.checkpoint.DamagedCheckpointsException;
import org.espalier.checkpoint.OtherRunException;
import org.espalier.data.DataSet;
import org.espalier.data.LabelKind;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.io.Sha256;
import org.espalier.method.MethodFactory;
import org.espalier.method.NoPruning;
import org.espalier.method.PruningMethod;
import org.espalier.objective.BatchTensors;
import org.espalier.objective.ErrorComparison;
import org.espalier.objective.Evaluator;
import org.espalier.objective.ExecutablePart;
import org.espalier.objective.InputMatch;
import org.espalier.objective.LabelledOutput;
import org.espalier.objective.Teacher;
import org.espalier.objective.TrainingLoss;
import org.espalier.onnx.OnnxWriter;
import org.espalier.progress.StoppedException;
import org.espalier.progress.TrainingException;
import org.espalier.progress.TrainingListener;
import org.espalier.recipe.PhaseSettings;
import org.espalier.recipe.PruningTask;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.TrainingPhase;
import org.espalier.shrink.AxisSlice;
import org.espalier.shrink.BatchNormFolding;
import org.espalier.shrink.FullSizeExpansion;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.espalier.shrink.Shrunk;
import org.espalier.torch.Engine;
import org.espalier.torch.NativeFailure;
import org.espalier.torch.Precision;
import org.espalier.torch.TorchGraph;
import org.espalier.torch.ops.ConstantKernels;
import org.jspecify.annotations.Nullable;

/**
 * The main job: a network and data in, a smaller network out.
 *
 * <p>Pre-training, training with the method attached while units leave, removal of the others that fell below the
 * threshold with the multipliers' means folded into the weights, fine-tuning of what is left. The test set is looked
 * at twice: for the error of the original and of the final network. Nothing is chosen by it.
 *
 * <p>Runs on several threads take turns step by step: libtorch's random numbers and its precision belong to the whole
 * process, and each step holds the engine's lease ({@link org.espalier.torch.Engine#lease}). What a run makes does
 * not depend on others.
 */
public final class PruningRun {
    /** An error as large as this share of guessing's is that of a network which was trained for something else. */
    private static final double BAD = 0.8;

    /** The rate is lowered by this factor, at most so often. */
    private static final double LOWERING = 3;

    private static final int LOWERINGS = 8;

    private final Graph graph;
    private final Splits data;
    private final Recipe recipe;
    private final MethodFactory factory;
    private final TrainingListener listener;
    private final PruningTask task;
    private final RunBudget budget;
    private final @Nullable CheckpointPolicy checkpoints;

    /**
     * A run that begins anew and writes no checkpoints.
     *
     * @param graph the network
     * @param data the data set
     * @param recipe the run's settings
     * @param factory attaches the method
     * @param listener hears how it goes on
     */
    public PruningRun(Graph graph, Splits data, Recipe recipe, MethodFactory factory, TrainingListener listener) {
        this(ConstantKernels.lift(graph), data, recipe, factory, listener, PruningTask.DEFAULT, RunBudget.NONE, null);
    }

    private PruningRun(
            Graph graph,
            Splits data,
            Recipe recipe,
            MethodFactory factory,
            TrainingListener listener,
            PruningTask task,
            RunBudget budget,
            @Nullable CheckpointPolicy checkpoints) {
        this.graph = graph;
        this.data = data;
        // What is undecided depends on the machine: whoever resumes elsewhere must have written down what was decided.
        this.recipe = recipe.batches().precision() == Precision.AUTO ? recipe.on(Engine.deviceName()) : recipe;
        this.factory = factory;
        this.listener = listener;
        this.task = task;
        this.budget = budget;
        this.checkpoints = checkpoints;
    }

    /**
     * This run with checkpoints.
     *
     * @param policy where and how often
     * @return the run
     */
    public PruningRun withCheckpoints(CheckpointPolicy policy) {
        return new PruningRun(graph, data, recipe, factory, listener, task, budget, policy);
    }

    /**
     * This run with another task than the usual one.
     *
     * @param newTask the task
     * @return the run
     */
    public PruningRun withTask(PruningTask newTask) {
        return new PruningRun(graph, data, recipe, factory, listener, newTask, budget, checkpoints);
    }

    /**
     * This run with bounds for its result.
     *
     * @param bounds the greatest costs, and how much worse the result may be
     * @return the run
     */
    public PruningRun withBudget(RunBudget bounds) {
        return new PruningRun(graph, data, recipe, factory, listener, task, bounds, checkpoints);
    }

    /**
     * Runs everything; takes long. Checkpoints that are in the folder are removed.
     *
     * @return what the run made
     * @throws IllegalArgumentException if network, data and recipe do not fit each other ({@link RunRequirements})
     * @throws TrainingException if training cannot go on
     * @throws StoppedException if the listener asked for it, or this thread was interrupted
     */
    public PruningOutcome run() {
        return run(false);
    }

    /**
     * Goes on from the last intact checkpoint, or from the start where there are none. With one thread and float32
     * products the outcome is, bit for bit, that of a run that was never interrupted.
     *
     * @return what the run made
     * @throws IllegalArgumentException if network, data and recipe do not fit each other ({@link RunRequirements})
     * @throws IllegalStateException without {@link #withCheckpoints}
     * @throws OtherRunException if the checkpoint is of a run with other settings, another network or other data, or
     *     of another version of the program, or cannot be read though it is not damaged
     * @throws DamagedCheckpointsException if there are checkpoints and all are damaged: only {@link #run} can begin anew
     * @throws TrainingException if training cannot go on
     * @throws StoppedException if the listener asked for it, or this thread was interrupted
     */
    public PruningOutcome resume() {
        if (checkpoints == null) {
            throw new IllegalStateException("run: must have checkpoints to resume from, found none");
        }
        return run(true);
    }

    private PruningOutcome run(boolean resume) {
        try {
            return asBrought(runAlone(resume));
        } catch (RuntimeException e) {
            String line = NativeFailure.of(e).orElseThrow(() -> e);
            throw new TrainingException("libtorch cannot go on: " + line, e);
        }
    }

    /** With inputs declared as those of the network that the run was given. */
    private PruningOutcome asBrought(PruningOutcome o) {
        return new PruningOutcome(
                InputMatch.withInputs(o.original(), graph.inputs()),
                o.originalErrorPercent(),
                InputMatch.withInputs(o.trained(), graph.inputs()),
                o.posterior(),
                o.objective(),
                InputMatch.withInputs(o.masked(), graph.inputs()),
                InputMatch.withInputs(o.pruned(), graph.inputs()),
                o.errors(),
                o.originalUnits(),
                o.units(),
                o.seconds());
    }

    private PruningOutcome runAlone(boolean resume) {
        RunRequirements.finite(graph);
        RunRequirements.trainable(graph);
        RunRequirements.fit(graph, data, recipe, task);
        // What a unit costs depends on sizes that a network may leave open.
        Graph sized = InputMatch.sized(graph, data.train());
        if (recipe.prunes() && task.layers().groups(sized).units() == 0) {
            throw new IllegalArgumentException(
                    "network '" + graph.name()
                            + "': nothing can be pruned; ChannelGroups.frozen() says why, and the task which layers were chosen");
        }
        CheckpointStore store = checkpoints == null ? null : new CheckpointStore(checkpoints.folder());
        if (store != null && !resume) {
            store.clear();
        }
        DataSet train = data.train();
        DataSet heldOut = null;
        if (recipe.batches().holdOut() > 0) {
            Splits parts = data.train()
                    .holdOut(recipe.batches().holdOut(), recipe.batches().seed());
            train = parts.train();
            heldOut = parts.test();
        }
        // Nothing else asks for it, and all weights are read.
        String settings = checkpoints == null ? "" : settings();
        RunSession session = new RunSession(recipe, budget, train, heldOut, listener, settings, checkpoints, store);
        Checkpoint from = resume ? session.resume() : null;
        if (from == null || from.phase() == TrainingPhase.PRETRAIN) {
            Graph made = trainPlainly(session, TrainingPhase.PRETRAIN, sized, null, from);
            String what = recipe.pretraining().epochs() == 0
                    ? "the network that pruning begins with"
                    : "the network after " + TrainingPhase.PRETRAIN + " at a learning rate of "
                            + recipe.pretraining().learningRate();
            double error = originalError(made, what);
            tellError(error);
            session.finish(TrainingPhase.PRUNE, new Checkpoint.Results(made, error, null));
            from = null;
        }
        Graph original = Objects.requireNonNull(session.results().original());
        if (!recipe.prunes() && recipe.finetuning().epochs() == 0) {
            return unpruned(session, original);
        }
        boolean steersByLoss = recipe.noise().tolerance() > 0 && budget.limits().isEmpty();
        // It never changes, so that folding makes each of its passes shorter.
        boolean asks = !isTuned(from) && (recipe.distillation().share() > 0 || steersByLoss);
        try (Teacher teacher = asks
                ? new Teacher(
                        BatchNormFolding.fold(original),
                        train,
                        recipe.pruning().augmentation().isEmpty()
                                && recipe.finetuning().augmentation().isEmpty())
                : null) {
            if (teacher != null && !isTuned(from)) {
                session.lower(lowered(session, original, teacher));
            }
            return pruneAndTune(session, original, teacher, from);
        }
    }

    /**
     * A network that was trained elsewhere and errs here has most likely other inputs or labels than it was trained
     * with.
     */
    private void tellError(double error) {
        LabelKind kind = data.test().labelKind();
        if (recipe.pretraining().epochs() > 0 || kind == LabelKind.NONE) {
            return;
        }
        boolean classes = kind == LabelKind.CLASSES;
        boolean numbers = LabelledOutput.of(graph, data.test(), task).kind() == LabelledOutput.Kind.NUMBERS;
        double chance = classes ? 100 * (1 - 1.0 / data.test().classCount()) : 100;
        listener.onMessage(String.format(
                Locale.ROOT,
                "before pruning, %s: %.2f %% on %,d test examples%s",
                numbers ? "unexplained variance" : "error",
                error,
                data.test().size(),
                recipe.pretraining().frozenStatistics() && error > BAD * chance
                        ? ", hardly better than guessing: are inputs and labels what they were for its training?"
                        : ""));
    }

    /** By what rates are multiplied so that the network stays itself where nothing is pruned. */
    private double lowered(RunSession session, Graph original, Teacher teacher) {
        PhaseSettings phase = recipe.pruning().epochs() > 0 ? recipe.pruning() : recipe.finetuning();
        if (!phase.rateProbe() || phase.epochs() == 0) {
            return 1;
        }
        RateProbe probe = new RateProbe(
                session.train,
                Math.min(32, recipe.batches().size()),
                recipe.batches().seed());
        double factor = 1;
        for (int i = 0; i < LOWERINGS; i++) {
            ChannelGroups groups = task.layers().groups(original);
            try (NetworkInTraining net = new NetworkInTraining(groups, original, new NoPruning(groups), phase, task)) {
                TrainingLoss self = new TrainingLoss(
                        0,
                        recipe.distillation().withShare(1),
                        net.torch().graph(),
                        session.train,
                        task,
                        new BatchTensors(net.torch().graph(), session.train),
                        teacher,
                        true);
                if (probe.stays(net, self, factor * phase.learningRate())) {
                    break;
                }
            }
            factor /= LOWERING;
        }
        if (factor < 1) {
            listener.onMessage(String.format(
                    Locale.ROOT,
                    "learning rate %.1e instead of %.1e, at which the network itself would not stay what it is",
                    factor * phase.learningRate(),
                    phase.learningRate()));
        }
        return factor;
    }

    private PruningOutcome pruneAndTune(
            RunSession session, Graph original, @Nullable Teacher teacher, @Nullable Checkpoint start) {
        Checkpoint from = start;
        if (from == null || from.phase() == TrainingPhase.PRUNE) {
            Checkpoint.Pruned pruned = prune(session, original, teacher, from);
            double error = session.results().originalErrorPercent();
            session.finish(TrainingPhase.FINETUNE, new Checkpoint.Results(original, error, pruned));
            from = null;
        }
        Checkpoint.Pruned pruned = Objects.requireNonNull(session.results().pruned());
        Teacher taught = recipe.distillation().share() > 0 ? teacher : null;
        Graph tuned = trainPlainly(session, TrainingPhase.FINETUNE, pruned.graph(), taught, from);
        return outcome(session, original, pruned, tuned);
    }

    private PruningOutcome unpruned(RunSession session, Graph original) {
        double error = session.results().originalErrorPercent();
        Map<String, Integer> units = task.layers().groups(original).sizes();
        ErrorComparison errors = errors(original, original, "the network");
        return new PruningOutcome(
                original, error, original, null, null, original, original, errors, units, units, session.seconds());
    }

    private PruningOutcome outcome(RunSession session, Graph original, Checkpoint.Pruned pruned, Graph tuned) {
        Graph masked = FullSizeExpansion.expand(
                original, pruned.cuts(), tuned, task.layers().groups(original));
        // What is left alone stays bit for bit.
        Graph folded = task.layers().leavesNothingAlone() ? BatchNormFolding.fold(tuned) : tuned;
        ErrorComparison errors = errors(
                original,
                folded,
                "the pruned network at a learning rate of "
                        + recipe.finetuning().learningRate());
        return new PruningOutcome(
                original,
                session.results().originalErrorPercent(),
                pruned.trained(),
                pruned.posterior(),
                session.objective(),
                masked,
                folded,
                errors,
                task.layers().groups(original).sizes(),
                pruned.units(),
                session.seconds());
    }

    private double originalError(Graph net, String what) {
        try {
            return Evaluator.measure(net, data.test(), task, null).errorPercent();
        } catch (TrainingException e) {
            throw new TrainingException(what + ", measured on the test part: " + e.getMessage(), e);
        }
    }

    private ErrorComparison errors(Graph original, Graph pruned, String what) {
        try {
            return ErrorComparison.of(original, pruned, data.test(), task);
        } catch (TrainingException e) {
            throw new TrainingException(what + ", measured on the test part: " + e.getMessage(), e);
        }
    }

    /** What a checkpoint must agree with. */
    private String settings() {
        String network = Sha256.of(OnnxWriter.toBytes(graph));
        return recipe + ", " + task + ", network '" + graph.name() + "' " + network + ", data " + identity(data.train())
                + " and " + identity(data.test());
    }

    private static String identity(DataSet data) {
        return data + " " + Long.toHexString(data.fingerprint());
    }

    /** Whether all that is left to do is to measure. */
    private boolean isTuned(@Nullable Checkpoint checkpoint) {
        return checkpoint != null
                && checkpoint.phase() == TrainingPhase.FINETUNE
                && checkpoint.epoch() == recipe.finetuning().epochs();
    }

    private Graph trainPlainly(
            RunSession session,
            TrainingPhase phase,
            Graph from,
            @Nullable Teacher teacher,
            @Nullable Checkpoint checkpoint) {
        if (recipe.phase(phase).epochs() == 0) {
            return from;
        }
        Checkpoint.State tuned = checkpoint != null && isTuned(checkpoint) ? checkpoint.network() : null;
        if (tuned != null) {
            return tuned.graph();
        }
        MethodFactory plain = phase == TrainingPhase.FINETUNE
                ? (groups, r) -> factory.attachTuning(groups)
                : (groups, r) -> new NoPruning(groups);
        try (NetworkInTraining net = network(phase, from, checkpoint, plain);
                Trainer trainer = new Trainer(session, phase, net, teacher, checkpoint)) {
            trainer.run();
            return net.graph();
        }
    }

    /** The network at a phase's beginning, or as the checkpoint has it. */
    private NetworkInTraining network(
            TrainingPhase phase, Graph from, @Nullable Checkpoint checkpoint, MethodFactory methods) {
        Checkpoint.State state = checkpoint == null ? null : checkpoint.network();
        ChannelGroups groups = task.layers().groups(state == null ? from : state.graph());
        // Weights that are steered do not grow of their own accord.
        Recipe attached = budget.limits().isEmpty() ? recipe : recipe.withNoise(n -> n.withEpochsUntilFull(0));
        PruningMethod method = methods.attach(groups, attached);
        try {
            return state == null
                    ? new NetworkInTraining(groups, from, method, recipe.phase(phase), task)
                    : NetworkInTraining.resume(state, groups, method, recipe.phase(phase), task);
        } catch (RuntimeException e) {
            method.close();
            throw e;
        }
    }

    private Checkpoint.Pruned prune(
            RunSession session, Graph original, @Nullable Teacher teacher, @Nullable Checkpoint from) {
        if (!recipe.prunes()) {
            // What a method begins with is no decision, and its noise no reason to scale weights.
            return new Checkpoint.Pruned(
                    original, null, original, task.layers().groups(original).sizes(), List.of());
        }
        try (NetworkInTraining net = network(TrainingPhase.PRUNE, original, from, factory);
                Trainer trainer = pruner(session, net, teacher, from)) {
            trainer.run();
            NetworkInTraining.Choice choice = lastChoice(session, net, original);
            KeptUnits kept = choice.kept();
            if (kept.ofNothing()) {
                listener.onMessage("no unit is worth keeping: the pruned network predicts a constant");
            }
            for (String name : kept.revived()) {
                listener.onMessage("group '" + name + "' would have lost all its units; the best was kept");
            }
            Shrunk shrunk = Shrinker.shrink(net.groups(), net.masked(choice), kept.kept());
            boolean last =
                    recipe.finetuning().epochs() == 0 && !recipe.pruning().frozenStatistics();
            Graph made = last ? BatchNormStatistics.refresh(shrunk.graph(), session.train, recipe) : shrunk.graph();
            List<Map<String, List<AxisSlice>>> cuts = new ArrayList<>(net.cuts());
            cuts.add(shrunk.slices());
            return new Checkpoint.Pruned(
                    net.graph(), net.method().posterior(), made, net.groups().count(kept.kept()), cuts);
        }
    }

    private Trainer pruner(
            RunSession session, NetworkInTraining net, @Nullable Teacher teacher, @Nullable Checkpoint from) {
        net.setBudget(budget);
        return new Trainer(session, TrainingPhase.PRUNE, net, teacher, from);
    }

    /** By the budget where there is one, else as the method decides. */
    private NetworkInTraining.Choice lastChoice(RunSession session, NetworkInTraining net, Graph original) {
        Double worse = budget.maxError();
        DataSet heldOut = session.heldOut;
        if (worse == null || !budget.limits().isEmpty() || heldOut == null) {
            return net.last();
        }
        try (TorchGraph reference = new TorchGraph(ExecutablePart.of(original))) {
            double most = worse
                    + Evaluator.measure(original, heldOut, task, reference).errorPercent();
            return net.fewest(
                    g -> Evaluator.measure(g, heldOut, task, reference).errorPercent() <= most);
        }
    }
}
