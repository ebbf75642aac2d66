package org.espalier.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.espalier.checkpoint.Checkpoint;
import org.espalier.checkpoint.CheckpointPolicy;
import org.espalier.checkpoint.CheckpointStore;
import org.espalier.checkpoint.OtherRunException;
import org.espalier.data.DataSet;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.StoppedException;
import org.espalier.progress.TrainingListener;
import org.espalier.progress.VariationalObjective;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.TrainingPhase;
import org.jspecify.annotations.Nullable;

/** What the phases of one run share: settings, data, progress, results, and the checkpoints. */
final class RunSession {
    /** At an epoch's end a checkpoint may take this share of the time. */
    private static final double SHARE = 0.05;

    final Recipe recipe;
    final RunBudget budget;
    final DataSet train;
    final @Nullable DataSet heldOut;
    final TrainingListener listener;
    /** Steps of the whole run. */
    final long steps;

    private final @Nullable CheckpointPolicy policy;
    private final @Nullable CheckpointStore store;
    private final String settings;
    private final List<EpochMetrics> metrics = new ArrayList<>();
    private Checkpoint.Results results = Checkpoint.Results.NONE;
    private long done;
    private double secondsBefore;
    private final long start = System.nanoTime();
    private long lastWrite = start;
    private long lastCost;
    private long stepsSince;
    private boolean interrupted;
    private double lowered = 1;

    RunSession(
            Recipe recipe,
            RunBudget budget,
            DataSet train,
            @Nullable DataSet heldOut,
            TrainingListener listener,
            String settings,
            @Nullable CheckpointPolicy policy,
            @Nullable CheckpointStore store) {
        this.recipe = recipe;
        this.budget = budget;
        this.train = train;
        this.heldOut = heldOut;
        this.listener = listener;
        this.settings = settings;
        this.policy = policy;
        this.store = store;
        long perEpoch = train.size() / Math.min(recipe.batches().size(), train.size());
        this.steps = perEpoch * recipe.epochs();
    }

    /**
     * The checkpoint to go on from, or null for the start.
     *
     * @throws OtherRunException if it is another run's or cannot be read
     */
    @Nullable
    Checkpoint resume() {
        Checkpoint c = store == null ? null : store.latest(listener::onMessage);
        if (c != null && !c.settings().equals(settings)) {
            throw new OtherRunException("checkpoint: must be of a run with the same settings, network and data, "
                    + "expected " + difference(settings, c.settings()) + ", found "
                    + difference(c.settings(), settings));
        }
        if (c != null) {
            metrics.addAll(c.metrics());
            results = c.results();
            done = c.done();
            secondsBefore = c.seconds();
        }
        listener.onResume(done, steps, List.copyOf(metrics));
        return c;
    }

    /** The parts of one description that the other does not have. */
    private static String difference(String of, String from) {
        List<String> parts = new ArrayList<>(List.of(of.split(", ")));
        parts.removeAll(List.of(from.split(", ")));
        return "'" + String.join(", ", parts) + "'";
    }

    /** By what the weights' rates are multiplied from now on. */
    void lower(double factor) {
        lowered = factor;
    }

    double lowered() {
        return lowered;
    }

    Checkpoint.Results results() {
        return results;
    }

    /** Notes what a phase made, and writes it down before the next one begins. */
    void finish(TrainingPhase next, Checkpoint.Results made) {
        results = made;
        boolean stop = shouldStop();
        if (store != null) {
            write(checkpoint(next, 0, 0, 0, 0, null));
        }
        stopIf(stop);
    }

    /** The objective after the last epoch of pruning; null where there is none. */
    @Nullable
    VariationalObjective objective() {
        return metrics.stream()
                .filter(m -> m.phase() == TrainingPhase.PRUNE)
                .reduce((a, b) -> b)
                .map(EpochMetrics::objective)
                .orElse(null);
    }

    void epochDone(EpochMetrics m) {
        metrics.add(m);
        listener.onEpoch(m);
    }

    void stepDone() {
        interrupted |= Thread.interrupted();
        done++;
        stepsSince++;
        listener.onStep(done, steps);
    }

    long done() {
        return done;
    }

    double seconds() {
        return secondsBefore + (System.nanoTime() - start) / 1e9;
    }

    Checkpoint checkpoint(
            TrainingPhase phase,
            int epoch,
            int batch,
            double loss,
            double dataLoss,
            Checkpoint.@Nullable State network) {
        return new Checkpoint(
                settings, phase, epoch, batch, loss, dataLoss, done, seconds(), results, network, List.copyOf(metrics));
    }

    /** Between two steps: writes a checkpoint if one is due, and stops if the listener asks for it. */
    void between(boolean epochEnds, Supplier<Checkpoint> state) {
        boolean stop = shouldStop();
        if (store != null && (stop || isDue(epochEnds))) {
            write(state.get());
        }
        stopIf(stop);
    }

    /** After the last step: no phase follows that would begin by writing down what this one made. */
    void end(Supplier<Checkpoint> state) {
        if (store != null) {
            write(state.get());
        }
    }

    /** Takes an interrupt away: files could not be written with it. */
    private boolean shouldStop() {
        interrupted |= Thread.interrupted();
        return interrupted || listener.shouldStop();
    }

    private boolean isDue(boolean epochEnds) {
        if (policy == null) {
            return false;
        }
        long since = System.nanoTime() - lastWrite;
        return (policy.everySteps() > 0 && stepsSince >= policy.everySteps())
                || since >= policy.interval().toNanos()
                || (epochEnds && lastCost <= SHARE * since);
    }

    private void write(Checkpoint c) {
        if (store != null) {
            long begin = System.nanoTime();
            store.write(c);
            lastWrite = System.nanoTime();
            lastCost = lastWrite - begin;
            stepsSince = 0;
        }
    }

    private void stopIf(boolean stop) {
        if (stop) {
            throw new StoppedException("stopped on request after step " + done + " of " + steps
                    + (policy == null ? "" : "; the checkpoint is in " + policy.folder()));
        }
    }
}
