package org.espalier.job;

import java.io.IOException;
import org.espalier.checkpoint.CheckpointPolicy;
import org.espalier.checkpoint.DamagedCheckpointsException;
import org.espalier.checkpoint.OtherRunException;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.progress.StoppedException;
import org.espalier.progress.TrainingException;
import org.espalier.recipe.Recipe;
import org.espalier.train.PruningOutcome;
import org.espalier.train.PruningRun;
import org.espalier.train.RunBudget;
import org.jspecify.annotations.Nullable;

/**
 * The part of a job that trains and prunes, with metrics and checkpoints in the run's folder.
 *
 * @param configuration of the run
 * @param recipe of the run
 * @param budget what the result may cost, and how much worse it may be
 * @param folder of the run
 * @param listener hears how it goes, and may stop it
 * @param checkpointing how to go on later; null for no checkpoints
 */
record TrainingStage(
        RunConfiguration configuration,
        Recipe recipe,
        RunBudget budget,
        RunFolder folder,
        JobListener listener,
        PruningJob.@Nullable Checkpointing checkpointing) {

    /** Trains and prunes, or goes on with it. */
    PruningOutcome run(Graph graph, Splits data) {
        try (JobProgress progress = listener.onBegin("train", "steps", steps(data));
                RunRecorder recorder = new RunRecorder(folder, listener, progress)) {
            PruningRun run = new PruningRun(graph, data, recipe, configuration.method(), recorder)
                    .withTask(configuration.task())
                    .withBudget(budget);
            if (checkpointing == null) {
                return run.run();
            }
            PruningRun safe =
                    run.withCheckpoints(new CheckpointPolicy(folder.checkpoint(), checkpointing.interval(), 0));
            return checkpointing.resume() ? safe.resume() : safe.run();
        } catch (StoppedException e) {
            throw checkpointing == null ? e : stopped(e, checkpointing.goOn());
        } catch (DamagedCheckpointsException e) {
            throw new InputException(
                    Setting.START_OVER,
                    "run folder '" + folder.path() + "': " + e.getMessage() + "; it can begin again at its first step",
                    e);
        } catch (OtherRunException e) {
            throw new InputException("run folder '" + folder.path() + "': " + e.getMessage(), e);
        } catch (TrainingException e) {
            throw failed(e);
        }
    }

    private static StoppedException stopped(StoppedException e, String goOn) {
        StoppedException told = new StoppedException(e.getMessage() + "; go on with " + goOn);
        told.initCause(e);
        return told;
    }

    private JobException failed(TrainingException e) {
        boolean disk = e.getCause() instanceof IOException;
        String advice = checkpointing == null || !folder.hasCheckpoint()
                ? ""
                : disk
                        ? "; the checkpoint before is kept: make room and go on with " + checkpointing.goOn()
                        : "; begin again in another folder; the last good checkpoint is kept in " + folder.checkpoint();
        return new JobException(e.getMessage() + advice, e);
    }

    private long steps(Splits data) {
        int size = data.train().size() - recipe.batches().holdOut();
        return (long) recipe.epochs() * (size / Math.min(size, recipe.batches().size()));
    }
}
