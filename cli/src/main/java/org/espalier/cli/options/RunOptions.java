package org.espalier.cli.options;

import java.nio.file.Path;
import java.time.Duration;
import org.espalier.job.InputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of commands that make a run's folder or go on with one. */
public final class RunOptions {
    private static final double MOST_MINUTES = 60 * 24;
    private static final int SECONDS = 60;

    @Option(names = "--out", paramLabel = "RUN", description = "The run's folder (default: runs/NETWORK-METHOD-seedN).")
    private @Nullable Path out;

    @Option(
            names = "--resume",
            paramLabel = "RUN",
            description = "Go on with a run that was interrupted, from its last checkpoint. Nothing else is needed.")
    private @Nullable Path resume;

    @Option(names = "--start-over", description = "With --resume: begin that run again at its first step.")
    private boolean startOver;

    @Option(
            names = "--checkpoint-minutes",
            paramLabel = "M",
            description = "Write a checkpoint at least this often (default: ${DEFAULT-VALUE}), and after epochs.")
    private double minutes = 10;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: all processors).")
    private @Nullable Integer threads;

    @Mixin
    private DeviceOption device;

    /** {@return the folder that was chosen; null for the default} */
    @Nullable
    public Path out() {
        return out;
    }

    /**
     * Gives the run to go on with.
     *
     * @return its folder; null for a new run
     * @throws InputException if another folder is chosen, too
     */
    @Nullable
    public Path resume() {
        if (resume != null && out != null && !out.equals(resume)) {
            throw new InputException("--resume goes on in the run's own folder '" + resume + "'; leave --out away");
        }
        if (startOver && resume == null) {
            throw new InputException("--start-over begins a run again that is there: say which with --resume RUN");
        }
        return resume;
    }

    /** {@return whether the run to go on with begins again at its first step} */
    public boolean startOver() {
        return startOver;
    }

    /** {@return the greatest time without a checkpoint} */
    public Duration interval() {
        if (!(minutes > 0 && minutes <= MOST_MINUTES)) {
            throw new InputException("--checkpoint-minutes must be in (0, " + MOST_MINUTES + "], found " + minutes);
        }
        return Duration.ofMillis(Math.max(1, Math.round(minutes * SECONDS * 1000)));
    }

    /**
     * Gives the number of threads.
     *
     * @param otherwise the number where none was asked for
     * @return the number
     */
    public int threads(int otherwise) {
        int n = threads == null ? otherwise : threads;
        Checks.threads(threads == null ? "threads, as run.yaml has them (--threads for others)" : "--threads", n);
        return n;
    }

    /**
     * Gives the device to compute on.
     *
     * @param otherwise the device where none was asked for
     * @return the device
     * @throws InputException if it cannot be used
     */
    public String device(String otherwise) {
        return device.device(otherwise);
    }

    /** {@return the number of threads that was asked for, or one per processor} */
    public int threads() {
        return threads(Runtime.getRuntime().availableProcessors());
    }
}
