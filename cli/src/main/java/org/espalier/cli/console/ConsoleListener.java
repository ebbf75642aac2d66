package org.espalier.cli.console;

import java.util.Map;
import java.util.function.Supplier;
import org.espalier.job.JobListener;
import org.espalier.job.JobMessage;
import org.espalier.job.JobPhase;
import org.espalier.job.JobProgress;
import org.espalier.progress.StoppedException;
import org.jspecify.annotations.Nullable;

/** Shows on the console how a job goes, and stops it where a signal comes. */
public final class ConsoleListener implements JobListener {
    /** The options that a message speaks of. */
    private static final Map<JobMessage.Code, String> OPTIONS = Map.of(
            JobMessage.Code.NOTHING_REMOVED, "--epochs, --tolerance, --strength",
            JobMessage.Code.UNITS_GONE, "--patience 0",
            JobMessage.Code.SMALLER_BATCHES, "--batch-size",
            JobMessage.Code.HALF_PRECISION_DIFFERS, "'espalier eval'");

    private final Console console;
    private volatile @Nullable Interrupts interrupts;
    private volatile boolean stoppable;

    /**
     * Creates a listener that prints to a console.
     *
     * @param console the console
     */
    public ConsoleListener(Console console) {
        this.console = console;
    }

    /**
     * Runs a job that can go on from a checkpoint. While it trains, a signal stops it at the next step, after which a
     * checkpoint is written.
     *
     * @param <T> what the job gives
     * @param job the job
     * @return what the job gives
     * @throws SignalException if a signal stopped it
     */
    public <T> T stoppable(Supplier<T> job) {
        stoppable = true;
        try {
            return job.get();
        } catch (StoppedException e) {
            Interrupts told = interrupts;
            throw told == null || !told.requested() ? e : new SignalException(e, told.exitCode());
        } finally {
            stoppable = false;
            Interrupts told = interrupts;
            interrupts = null;
            if (told != null) {
                told.close();
            }
        }
    }

    @Override
    public void onPhase(JobPhase phase) {
        if (stoppable && phase == JobPhase.TRAIN && interrupts == null) {
            interrupts = Interrupts.listen(console);
        }
    }

    @Override
    public void onMessage(JobMessage message) {
        String options = OPTIONS.get(message.code());
        console.note("espalier: " + message.text() + (options == null ? "" : " (" + options + ")"));
    }

    @Override
    public JobProgress onBegin(String task, String unit, long total) {
        return Progress.start(task, unit, total, console.err());
    }

    @Override
    public boolean shouldStop() {
        Interrupts told = interrupts;
        return told != null && told.requested();
    }
}
