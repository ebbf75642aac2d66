package org.espalier.train;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.espalier.checkpoint.Checkpoint;
import org.espalier.data.BatchLoader;
import org.espalier.graph.Graph;
import org.espalier.method.PruningMethod;
import org.espalier.method.StructuredBayes;
import org.espalier.objective.BatchTensors;
import org.espalier.objective.Evaluator;
import org.espalier.objective.PenaltySteering;
import org.espalier.objective.Teacher;
import org.espalier.objective.TrainingLoss;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.GroupMetrics;
import org.espalier.progress.VariationalObjective;
import org.espalier.recipe.Augmentations;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.TrainingPhase;
import org.espalier.shapes.Cost;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.jspecify.annotations.Nullable;

/** Trains one network through one phase. */
final class Trainer implements AutoCloseable {
    /**
     * Fewer units than this share leave the network only every {@link #SHRINK_ANYWAY} epochs: rebuilding it takes
     * time, too.
     */
    private static final double SHRINK_SHARE = 0.02;

    private static final int SHRINK_ANYWAY = 5;

    /** The share of the epochs with noise in which the expected cost is to fall to its target. */
    private static final double PATH = 0.7;

    private final RunSession session;
    private final Recipe recipe;
    private final PhasePlan plan;
    private final NetworkInTraining network;
    private final @Nullable Teacher teacher;
    private final @Nullable Checkpoint start;
    private final @Nullable PenaltySteering steering;
    private final @Nullable WeightAverage average;
    private final TrainingLoss objective;
    private final TrainingStep step;
    private final BatchLoader loader;
    private int[] epochsBelow;
    /** The original's cost as a share of its limit; 0 until it is asked for. */
    private double originalShare;

    /**
     * Prepares.
     *
     * @param from where to go on, with a network that is as it was there; null for the phase's beginning
     */
    Trainer(
            RunSession session,
            TrainingPhase phase,
            NetworkInTraining network,
            @Nullable Teacher teacher,
            @Nullable Checkpoint from) {
        this.session = session;
        this.recipe = session.recipe;
        this.network = network;
        this.teacher = teacher;
        this.plan = PhasePlan.of(recipe, phase, session.train.size(), session.lowered());
        Checkpoint.State state = from == null ? null : from.network();
        this.start = state == null ? null : from;
        this.epochsBelow = state == null ? new int[network.groups().units()] : state.epochsBelow();
        this.steering = steering(state);
        this.objective = objective();
        this.step = new TrainingStep(session, plan, network, objective, steering);
        this.average = average(state);
        // It has threads of its own: what may fail comes before.
        this.loader = loader();
    }

    private TrainingLoss objective() {
        Graph graph = network.torch().graph();
        return new TrainingLoss(
                plan.settings().labelSmoothing(),
                recipe.distillation(),
                graph,
                session.train,
                network.task(),
                new BatchTensors(graph, session.train),
                teacher,
                steering != null && !steering.isByCost());
    }

    private BatchLoader loader() {
        BatchLoader.Builder batches = BatchLoader.of(session.train)
                .batchSize(plan.batchSize())
                .seed(recipe.batches().seed() * 31 + plan.phase().number())
                .dropLast(true);
        Augmentations.of(plan.settings().augmentation()).ifPresent(batches::augmentation);
        return batches.build();
    }

    private @Nullable PenaltySteering steering(Checkpoint.@Nullable State state) {
        PenaltySteering.State from = state == null ? PenaltySteering.State.BEGIN : state.steering();
        if (plan.phase() == TrainingPhase.PRUNE && isSteeredByCost()) {
            return PenaltySteering.byCost(plan.steps(), from);
        }
        double tolerance = recipe.noise().tolerance();
        return plan.phase() == TrainingPhase.PRUNE && tolerance > 0
                ? new PenaltySteering(tolerance, plan.steps(), from)
                : null;
    }

    private boolean isSteeredByCost() {
        return !session.budget.limits().isEmpty() && network.method().hasPosterior();
    }

    /** Compares what the network is expected to cost with a path that falls evenly, in proportion, to the target. */
    private void aim(int epochsDone) {
        if (steering == null || !steering.isByCost()) {
            return;
        }
        if (originalShare == 0) {
            originalShare = session.budget.share(
                    Objects.requireNonNull(session.results().original()));
        }
        double left = 1 - Math.min(1, epochsDone / (PATH * plan.epochs()));
        double wanted = originalShare <= 1 ? 1 : Math.pow(originalShare, left);
        steering.aim(network.expectedShare() / wanted);
    }

    private @Nullable WeightAverage average(Checkpoint.@Nullable State state) {
        return plan.settings().averaging() > 0
                ? new WeightAverage(
                        network.torch().parameters(),
                        state == null ? 0 : state.averaged(),
                        state == null ? Map.of() : state.average())
                : null;
    }

    /** Runs the phase. */
    void run() {
        int epoch = 0;
        EpochSums sums = new EpochSums();
        if (start != null) {
            epoch = start.epoch();
            sums = new EpochSums(start.batch(), start.loss(), start.dataLoss());
            loader.seek(epoch, start.batch());
        } else if (plan.phase() == TrainingPhase.PRUNE
                && recipe.noise().warmStartBatches() > 0
                && network.method() instanceof StructuredBayes bayes) {
            new WarmStart(session, plan, network, bayes, objective, steering).run();
            tellWarmStart();
        }
        for (; epoch < plan.epochs(); epoch++) {
            epoch(epoch, sums);
            sums = new EpochSums();
        }
    }

    /** What is to be expected before hours of training. */
    private void tellWarmStart() {
        KeptUnits kept = network.decide().kept();
        long all = Cost.macsPerExample(network.structure());
        int gone = network.groups().units();
        for (int left : network.groups().count(kept.kept()).values()) {
            gone -= left;
        }
        session.listener.onMessage(String.format(
                Locale.ROOT,
                "from %d small batches: %,d of %,d units would leave at once, %.0f %% of the multiply-accumulates would be"
                        + " left",
                recipe.noise().warmStartBatches(),
                gone,
                network.groups().units(),
                100.0 * macs(kept) / Math.max(1, all)));
    }

    /** What an epoch has come to so far. */
    private static final class EpochSums {
        private final int first;
        private int batch;
        private double loss;
        private double dataLoss;
        private double penalty;

        EpochSums() {
            this(0, 0, 0);
        }

        EpochSums(int first, double loss, double dataLoss) {
            this.first = first;
            this.batch = first;
            this.loss = loss;
            this.dataLoss = dataLoss;
        }

        void add(TrainingStep.Result r) {
            batch++;
            loss += r.loss();
            dataLoss += r.dataLoss();
            penalty = r.penalty();
        }
    }

    private void epoch(int epoch, EpochSums sums) {
        int batches = plan.batchesPerEpoch();
        long begin = System.nanoTime();
        long waited = loader.waitNanos();
        while (sums.batch < batches) {
            boolean last = sums.batch + 1 == batches;
            step((long) epoch * batches + sums.batch, sums, last);
            if (!last) {
                session.between(false, () -> checkpoint(epoch, sums));
            }
        }
        step.requireFinite(epoch);
        double seconds = (System.nanoTime() - begin) / 1e9;
        NetworkInTraining.Choice choice = network.decide();
        aim(epoch + 1);
        session.epochDone(metrics(epoch, sums, choice, seconds, (loader.waitNanos() - waited) / 1e9));
        if (epoch + 1 < plan.epochs()) {
            if (plan.phase() == TrainingPhase.PRUNE && recipe.rule().patienceEpochs() > 0) {
                shrink(choice, epoch);
            }
            session.between(true, () -> checkpoint(epoch + 1, new EpochSums()));
        } else if (plan.phase() == TrainingPhase.FINETUNE) {
            session.end(() -> checkpoint(plan.epochs(), new EpochSums()));
        }
    }

    private void step(long number, EpochSums sums, boolean last) {
        network.setRates(plan.weightRate().at(number), plan.noiseRate().at(number));
        network.setWeightDecay(plan.settings().weightDecayAt(number, plan.steps()));
        network.method().beforeStep(plan.epoch(number), plan.batchSize(), step.share());
        sums.add(step.run(number, loader.next(), last));
        average(number);
        session.stepDone();
    }

    private EpochMetrics metrics(
            int epoch, EpochSums sums, NetworkInTraining.Choice choice, double seconds, double waited) {
        int batches = plan.batchesPerEpoch();
        long lastStep = (epoch + 1L) * batches - 1;
        KeptUnits kept = choice.kept();
        PruningMethod method = network.method();
        return new EpochMetrics(
                plan.phase(),
                epoch + 1,
                plan.epochs(),
                session.done(),
                sums.loss / batches,
                sums.penalty,
                step.share() * method.share(epoch + 1.0),
                VariationalObjective.of(method, sums.dataLoss / batches, session.train.size()),
                network.groups().count(kept.kept()),
                macs(kept),
                heldOutError(choice),
                plan.weightRate().at(lastStep),
                plan.noiseRate().at(lastStep),
                seconds,
                session.seconds(),
                (batches - sums.first) * (double) plan.batchSize() / seconds,
                waited / seconds,
                GroupMetrics.of(network.groups(), method.kl(), choice.decision().snr(), kept.kept()));
    }

    /** Averages the weights over the last steps, and has the mean for the result after the last. */
    private void average(long number) {
        if (average != null && plan.isAveraged(number)) {
            average.add();
            if (number + 1 == plan.steps()) {
                average.apply();
            }
        }
    }

    private Checkpoint checkpoint(int epoch, EpochSums sums) {
        step.requireFinite(epoch);
        Checkpoint.State state = new Checkpoint.State(
                network.graph(),
                List.copyOf(network.cuts()),
                network.optimizer().state(),
                network.method().state(),
                epochsBelow,
                steering == null ? PenaltySteering.State.BEGIN : steering.state(),
                average == null ? 0 : average.count(),
                average == null ? Map.of() : average.state());
        return session.checkpoint(plan.phase(), epoch, sums.batch, sums.loss, sums.dataLoss, state);
    }

    private long macs(KeptUnits kept) {
        Graph smaller = Shrinker.shrink(network.groups(), network.structure(), kept.kept())
                .graph();
        return Cost.macsPerExample(smaller);
    }

    private double heldOutError(NetworkInTraining.Choice choice) {
        if (session.heldOut == null) {
            return Double.NaN;
        }
        return Evaluator.measure(
                        network.masked(choice),
                        session.heldOut,
                        network.task(),
                        teacher == null ? null : teacher.network())
                .errorPercent();
    }

    /** Takes units out that stayed below the threshold for long enough. */
    private void shrink(NetworkInTraining.Choice choice, int epoch) {
        boolean[] kept = choice.kept().kept();
        int gone = 0;
        boolean[] stay = new boolean[epochsBelow.length];
        for (int u = 0; u < stay.length; u++) {
            epochsBelow[u] = kept[u] ? 0 : epochsBelow[u] + 1;
            stay[u] = epochsBelow[u] < recipe.rule().patienceEpochs();
            gone += stay[u] ? 0 : 1;
        }
        boolean worthIt = gone >= SHRINK_SHARE * stay.length || epoch % SHRINK_ANYWAY == SHRINK_ANYWAY - 1;
        if (gone == 0 || !worthIt) {
            return;
        }
        KeptUnits closed = network.task()
                .layers()
                .kept(network.groups(), stay, choice.decision().score());
        int[] before = epochsBelow;
        if (!network.shrink(closed.kept())) {
            return;
        }
        epochsBelow = new int[network.groups().units()];
        int at = 0;
        for (int u = 0; u < before.length; u++) {
            if (closed.keeps(u)) {
                epochsBelow[at++] = before[u];
            }
        }
    }

    @Override
    public void close() {
        loader.close();
        if (average != null) {
            average.close();
        }
    }
}
