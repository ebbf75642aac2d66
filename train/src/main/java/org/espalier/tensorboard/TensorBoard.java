package org.espalier.tensorboard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.GroupMetrics;
import org.espalier.progress.TrainingListener;
import org.jspecify.annotations.Nullable;

/**
 * Writes each epoch's metrics to an event file: scalars, and a histogram of log₁₀ of the signal-to-noise ratio per
 * group. Steps are those of the whole run.
 *
 * <p>A run that goes on from a checkpoint gets a file of its own, and TensorBoard forgets what older files say about
 * later steps.
 */
public final class TensorBoard implements TrainingListener, AutoCloseable {
    private final Path folder;
    private @Nullable EventFile events;
    private long step;

    /**
     * Writes into a folder once the first epoch is over.
     *
     * @param folder where it lies
     */
    public TensorBoard(Path folder) {
        this.folder = folder;
    }

    @Override
    public void onResume(long done, long all, List<EpochMetrics> before) {
        step = done;
    }

    @Override
    public void onStep(long done, long all) {
        step = done;
    }

    /**
     * Writes the epoch.
     *
     * @throws UncheckedIOException if the file cannot be written
     */
    @Override
    public void onEpoch(EpochMetrics m) {
        try {
            EventFile file = open();
            file.scalar("train/loss", step, m.loss());
            file.scalar("train/penalty", step, m.penalty());
            file.scalar("train/kl_share", step, m.klShare());
            if (m.objective() != null) {
                file.scalar("train/objective_nats", step, m.objective().total());
            }
            file.scalar("train/learning_rate", step, m.learningRate());
            file.scalar("train/noise_learning_rate", step, m.noiseLearningRate());
            file.scalar("train/examples_per_second", step, m.examplesPerSecond());
            file.scalar("train/data_wait_share", step, m.dataWaitShare());
            file.scalar("network/macs", step, (double) m.macs());
            if (!Double.isNaN(m.heldOutErrorPercent())) {
                file.scalar("held_out/error_percent", step, m.heldOutErrorPercent());
            }
            for (Map.Entry<String, GroupMetrics> e : m.groups().entrySet()) {
                group(file, e.getKey(), e.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("folder " + folder + ": events cannot be written: " + e.getMessage(), e);
        }
    }

    private EventFile open() throws IOException {
        if (events == null) {
            events = EventFile.create(folder);
            events.start(step);
        }
        return events;
    }

    private void group(EventFile file, String name, GroupMetrics g) throws IOException {
        file.scalar("units/" + name, step, g.units());
        if (!g.snrHistogram().isEmpty()) {
            file.scalar("kl/" + name, step, g.kl());
            file.histogram(
                    "log10_snr/" + name,
                    step,
                    new Histogram(GroupMetrics.LOWEST, GroupMetrics.WIDTH, g.snrHistogram()));
        }
    }

    @Override
    public void close() {
        try {
            if (events != null) {
                events.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
