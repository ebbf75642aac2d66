package org.espalier.cli;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of commands that make a run's folder or go on with one. */
final class RunOptions {
    private static final double MOST_MINUTES = 60 * 24;
    private static final int SECONDS = 60;

    @Option(names = "--out", paramLabel = "RUN", description = "The run's folder (default: runs/NETWORK-METHOD-seedN).")
    private @Nullable Path out;

    @Option(
            names = "--resume",
            paramLabel = "RUN",
            description = "Go on with a run that was interrupted, from its last checkpoint. Nothing else is needed.")
    private @Nullable Path resume;

    @Option(
            names = "--checkpoint-minutes",
            paramLabel = "M",
            description = "Write a checkpoint at least this often (default: ${DEFAULT-VALUE}), and after epochs.")
    private double minutes = 10;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: all processors).")
    private @Nullable Integer threads;

    @Mixin
    private DeviceOption device;

    /** The folder that was chosen; null for the default. */
    @Nullable
    Path out() {
        return out;
    }

    /**
     * The run to go on with; null for a new one.
     *
     * @throws InputException if another folder is chosen, too
     */
    @Nullable
    Path resume() {
        if (resume != null && out != null && !out.equals(resume)) {
            throw new InputException("--resume goes on in the run's own folder '" + resume + "'; leave --out away");
        }
        return resume;
    }

    /** The greatest time without a checkpoint. */
    Duration interval() {
        if (!(minutes > 0 && minutes <= MOST_MINUTES)) {
            throw new InputException("--checkpoint-minutes must be in (0, " + MOST_MINUTES + "], found " + minutes);
        }
        return Duration.ofMillis(Math.max(1, Math.round(minutes * SECONDS * 1000)));
    }

    /** Threads that were asked for; {@code otherwise} where none were. */
    int threads(int otherwise) {
        int n = threads == null ? otherwise : threads;
        Checks.atLeastOne("--threads", n);
        return n;
    }

    /**
     * The device that was asked for; {@code otherwise} where none was.
     *
     * @throws InputException if it cannot be used
     */
    String device(String otherwise) {
        return device.device(otherwise);
    }

    /** Threads that were asked for, or one per processor. */
    int threads() {
        return threads(Runtime.getRuntime().availableProcessors());
    }
}
