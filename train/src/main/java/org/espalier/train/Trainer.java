package org.espalier.train;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.espalier.checkpoint.Checkpoint;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.graph.Graph;
import org.espalier.method.NotFiniteException;
import org.espalier.method.StructuredBayes;
import org.espalier.objective.BatchTensors;
import org.espalier.objective.Evaluator;
import org.espalier.objective.Teacher;
import org.espalier.objective.ToleranceSteering;
import org.espalier.objective.TrainingLoss;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.GroupMetrics;
import org.espalier.progress.TrainingException;
import org.espalier.recipe.Augmentations;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.TrainingPhase;
import org.espalier.shapes.Cost;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.espalier.torch.Engine;
import org.espalier.torch.PassChanges;
import org.espalier.torch.PassMode;
import org.espalier.torch.Precision;
import org.espalier.torch.Scope;
import org.jspecify.annotations.Nullable;

/** Trains one network through one phase. */
final class Trainer implements AutoCloseable {
    /** Fewer units than this share leave the network only every {@link #SHRINK_ANYWAY} epochs: rebuilding it takes time, too. */
    private static final double SHRINK_SHARE = 0.02;

    private static final int SHRINK_ANYWAY = 5;

    private final RunSession session;
    private final Recipe recipe;
    private final TrainingPhase phase;
    private final NetworkInTraining network;
    private final @Nullable Teacher teacher;
    private final int epochs;
    /** Of this phase. */
    private final long steps;

    /** Of the recipe, or of fewer examples all. */
    private final int batchSize;

    private final BatchLoader loader;
    private final TrainingLoss objective;
    private final LearningRateSchedule weightRate;
    private final LearningRateSchedule noiseRate;
    private final @Nullable Checkpoint start;
    private final @Nullable WeightAverage average;
    private final @Nullable ToleranceSteering steering;
    private int[] epochsBelow;

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
        this.phase = phase;
        this.network = network;
        this.teacher = teacher;
        this.epochs = epochs(recipe, phase);
        this.batchSize = Math.min(recipe.batchSize(), session.train.size());
        Graph graph = network.torch().graph();
        BatchTensors feed = new BatchTensors(graph, session.train);
        // Smoothed labels make the data's share of the loss flatter, so that the divergence takes more than it should.
        Recipe loss = phase == TrainingPhase.PRUNE
                ? recipe.toBuilder().labelSmoothing(0).build()
                : recipe;
        boolean steers = phase == TrainingPhase.PRUNE && recipe.tolerance() > 0;
        this.objective = new TrainingLoss(loss, graph, session.train, network.task(), feed, teacher, steers);
        BatchLoader.Builder batches = BatchLoader.of(session.train)
                .batchSize(batchSize)
                .seed(recipe.seed() * 31 + phase.number())
                .dropLast(true);
        Augmentations.of(phase == TrainingPhase.PRETRAIN ? recipe.pretrainAugmentation() : recipe.augmentation())
                .ifPresent(batches::augmentation);
        // It has threads of its own: what may fail comes before.
        this.loader = batches.build();
        this.steps = (long) epochs * loader.batchesPerEpoch();
        double constant =
                switch (phase) {
                    case PRETRAIN -> recipe.warmupEpochs() > 0 ? 0 : 0.5;
                    case PRUNE -> recipe.constantShare();
                    case FINETUNE -> 0;
                };
        double rate = phase == TrainingPhase.PRETRAIN ? recipe.pretrainLearningRate() : recipe.learningRate();
        long warmup =
                phase == TrainingPhase.PRETRAIN ? Math.round(recipe.warmupEpochs() * loader.batchesPerEpoch()) : 0;
        this.weightRate = new LearningRateSchedule(rate, constant, steps, warmup);
        this.noiseRate = new LearningRateSchedule(recipe.noiseLearningRate(), constant, steps, 0);
        Checkpoint.State state = from == null ? null : from.network();
        this.start = state == null ? null : from;
        this.epochsBelow = state == null
                ? new int[network.groups().units()]
                : state.epochsBelow().clone();
        this.steering = steers
                ? new ToleranceSteering(
                        recipe.tolerance(), steps, state == null ? ToleranceSteering.State.BEGIN : state.steering())
                : null;
        this.average = phase == TrainingPhase.FINETUNE && recipe.averaging() > 0
                ? new WeightAverage(
                        network.torch().parameters(),
                        state == null ? 0 : state.averaged(),
                        state == null ? Map.of() : state.average())
                : null;
    }

    static int epochs(Recipe recipe, TrainingPhase phase) {
        return switch (phase) {
            case PRETRAIN -> recipe.pretrainEpochs();
            case PRUNE -> recipe.pruneEpochs();
            case FINETUNE -> recipe.finetuneEpochs();
        };
    }

    /** Runs the phase. */
    void run() {
        int epoch = 0;
        int batch = 0;
        double loss = 0;
        if (start != null) {
            epoch = start.epoch();
            batch = start.batch();
            loss = start.loss();
            loader.seek(epoch, batch);
        }
        for (; epoch < epochs; epoch++) {
            epoch(epoch, batch, loss);
            batch = 0;
            loss = 0;
        }
    }

    private void epoch(int epoch, int first, double lossBefore) {
        int batches = loader.batchesPerEpoch();
        long start = System.nanoTime();
        final long waited = loader.waitNanos();
        double loss = lossBefore;
        double penalty = 0;
        for (int i = first; i < batches; i++) {
            long step = (long) epoch * batches + i;
            boolean last = i + 1 == batches;
            network.setRates(weightRate.at(step), noiseRate.at(step));
            network.setWeightDecay(weightDecay(step));
            warmUp(step);
            seed(step);
            double[] both = step(step, loader.next(), last);
            loss += both[0];
            penalty = both[1];
            average(step);
            session.stepDone();
            if (!last) {
                int next = i + 1;
                double sum = loss;
                session.between(false, () -> checkpoint(epoch, next, sum));
            }
        }
        requireFinite(epoch);
        double seconds = (System.nanoTime() - start) / 1e9;
        double examples = (batches - first) * (double) batchSize;
        KeptUnits kept = network.decide();
        session.epochDone(new EpochMetrics(
                phase,
                epoch + 1,
                epochs,
                session.done(),
                loss / batches,
                penalty,
                share(epoch + 1),
                network.groups().count(kept.kept()),
                macs(kept),
                heldOutError(kept),
                weightRate.at((epoch + 1L) * batches - 1),
                noiseRate.at((epoch + 1L) * batches - 1),
                seconds,
                session.seconds(),
                examples / seconds,
                (loader.waitNanos() - waited) / 1e9 / seconds,
                GroupMetrics.of(network.groups(), network.method(), kept.kept())));
        if (epoch + 1 < epochs) {
            if (phase == TrainingPhase.PRUNE && recipe.patienceEpochs() > 0) {
                shrink(kept, epoch);
            }
            session.between(true, () -> checkpoint(epoch + 1, 0, 0));
        } else if (phase == TrainingPhase.FINETUNE) {
            session.end(() -> checkpoint(epochs, 0, 0));
        }
    }

    /** Averages the weights over the last steps, and has the mean for the result after the last. */
    private void average(long step) {
        if (average != null && step >= (1 - recipe.averaging()) * steps) {
            average.add();
            if (step + 1 == steps) {
                average.apply();
            }
        }
    }

    private Checkpoint checkpoint(int epoch, int batch, double loss) {
        requireFinite(epoch);
        Checkpoint.State state = new Checkpoint.State(
                network.graph(),
                List.copyOf(network.cuts()),
                network.optimizer().state(),
                network.method().state(),
                epochsBelow.clone(),
                steering == null ? ToleranceSteering.State.BEGIN : steering.state(),
                average == null ? 0 : average.count(),
                average == null ? Map.of() : average.state());
        return session.checkpoint(phase, epoch, batch, loss, state);
    }

    /** What is not finite must not get into a checkpoint. */
    private void requireFinite(int epoch) {
        String where = "after step " + session.done() + " (epoch " + (epoch + 1) + ")";
        Optional<String> weight = new FirstNotFinite(network).weight();
        if (weight.isPresent()) {
            throw diverged("weights must be finite", where, weight.get());
        }
        try {
            network.method().state();
        } catch (NotFiniteException e) {
            throw diverged(e, where);
        }
    }

    private PassMode mode() {
        PassMode training = PassMode.training(recipe.precision()).withExact(recipe.precision() == Precision.FLOAT32);
        return recipe.frozenStatistics().in(phase) ? training.withFrozenStatistics() : training;
    }

    private double weightDecay(long step) {
        return switch (phase) {
            case PRETRAIN -> recipe.pretrainWeightDecay(step, steps);
            case PRUNE -> 0;
            case FINETUNE -> recipe.weightDecay();
        };
    }

    /** By what the method's penalty is multiplied after so many epochs. */
    private double share(double epoch) {
        if (steering != null) {
            return steering.share();
        }
        boolean grows = phase == TrainingPhase.PRUNE && recipe.klWarmupEpochs() > 0;
        return grows ? Math.min(1, (epoch + 0.02) / recipe.klWarmupEpochs()) : 1;
    }

    private void warmUp(long step) {
        double epoch = (double) step / loader.batchesPerEpoch();
        network.method().setShare(share(epoch));
        if (network.method() instanceof StructuredBayes s) {
            s.setDrawsPerStep(recipe.drawsPerStep(batchSize));
            if (epoch >= 1) {
                s.noise().setLogSigmaFloor(recipe.logSigmaFloor());
            }
        }
    }

    private void seed(long step) {
        Engine.seed(((recipe.seed() * 31 + phase.number()) << 32) + step);
    }

    /** One step; returns the loss and, on the epoch's last step, the penalty per example. */
    private double[] step(long number, Batch batch, boolean last) {
        try (Scope scope = Scope.open()) {
            network.optimizer().zeroGrad();
            Map<String, Tensor> inputs = objective.inputs(batch);
            PassMode mode = mode();
            PassChanges changes = network.method().changes(network.torch().parameters());
            Map<String, Tensor> outputs = network.torch().forward(inputs, changes, mode);
            Map<String, Tensor> wanted = objective.wanted(number, batch, mode);
            Tensor loss = objective.loss(outputs, wanted, batch);
            double value = loss.item_double();
            if (!Double.isFinite(value)) {
                // The same random numbers again.
                seed(number);
                throw diverged(
                        "the loss must be finite, found " + value,
                        place(batch),
                        first(inputs, changes, mode, wanted, batch));
            }
            if (steering != null) {
                double original = objective.loss(wanted, wanted, batch).item_double();
                if (!Double.isFinite(original)) {
                    throw cannotTeach("loss must be finite, found " + original, batch);
                }
                steering.step(value, original);
            }
            Tensor penalty = network.method().penalty();
            Tensor total = penalty == null ? loss : loss.add(penalty.div(new Scalar((double) session.train.size())));
            total.backward();
            network.optimizer().step();
            return new double[] {value, penalty == null || !last ? 0 : penalty.item_double() / session.train.size()};
        } catch (NotFiniteException e) {
            throw diverged(e, place(batch));
        }
    }

    /** Looks for the cause of a loss in the order in which one value follows from the other. */
    private String first(
            Map<String, Tensor> inputs, PassChanges changes, PassMode mode, Map<String, Tensor> wanted, Batch batch) {
        FirstNotFinite search = new FirstNotFinite(network);
        return search.weight().or(() -> search.layer(inputs, changes, mode)).orElseGet(() -> {
            if (wanted.values().stream().anyMatch(t -> !t.isfinite().all().item_bool())) {
                throw cannotTeach("outputs must be finite, found NaN or an infinity", batch);
            }
            return "the loss itself: all that the network computes is finite";
        });
    }

    /** A smaller learning rate does not help against what the original network answers. */
    private TrainingException cannotTeach(String what, Batch batch) {
        return new TrainingException(phase + ": the original network, which this one learns from: " + what + " "
                + place(batch) + "; begin with a network that is trained further, or learn without it (distillation and"
                + " tolerance 0)");
    }

    private TrainingException diverged(NotFiniteException e, String where) {
        FirstNotFinite search = new FirstNotFinite(network);
        String weight = e.weight();
        String group = weight == null ? search.place(e.unit()) : search.group(weight);
        return diverged(e.getMessage() + group, where, search.weight().orElse(""));
    }

    private String place(Batch batch) {
        return "at step " + (session.done() + 1) + " (batch " + (batch.index() + 1) + " of epoch " + (batch.epoch() + 1)
                + ")";
    }

    private TrainingException diverged(String what, String where, String first) {
        return new TrainingException(phase + ": " + what + " " + where + (first.isEmpty() ? "" : ", first in " + first)
                + "; lower the learning rate (now " + weightRate.rate() + "), the method's (now " + noiseRate.rate()
                + ") or its strength");
    }

    private long macs(KeptUnits kept) {
        Graph smaller = Shrinker.shrink(network.groups(), network.structure(), kept.kept())
                .graph();
        return Cost.macsPerExample(smaller);
    }

    private double heldOutError(KeptUnits kept) {
        if (session.heldOut == null) {
            return Double.NaN;
        }
        return Evaluator.measure(
                        network.masked(kept),
                        session.heldOut,
                        network.task(),
                        teacher == null ? null : teacher.network())
                .errorPercent();
    }

    /** Takes units out that stayed below the threshold for long enough. */
    private void shrink(KeptUnits kept, int epoch) {
        int gone = 0;
        boolean[] stay = new boolean[epochsBelow.length];
        for (int u = 0; u < stay.length; u++) {
            epochsBelow[u] = kept.kept()[u] ? 0 : epochsBelow[u] + 1;
            stay[u] = epochsBelow[u] < recipe.patienceEpochs();
            gone += stay[u] ? 0 : 1;
        }
        boolean worthIt = gone >= SHRINK_SHARE * stay.length || epoch % SHRINK_ANYWAY == SHRINK_ANYWAY - 1;
        if (gone == 0 || !worthIt) {
            return;
        }
        KeptUnits closed = network.task().layers().kept(network.groups(), stay, network.score());
        int[] before = epochsBelow;
        if (!network.shrink(closed.kept())) {
            return;
        }
        epochsBelow = new int[network.groups().units()];
        int at = 0;
        for (int u = 0; u < before.length; u++) {
            if (closed.kept()[u]) {
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
