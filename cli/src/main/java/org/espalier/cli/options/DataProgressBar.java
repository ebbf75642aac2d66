package org.espalier.cli.options;

import java.io.PrintStream;
import java.time.Duration;
import org.espalier.cli.console.Progress;
import org.espalier.data.DataProgress;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far downloads and the reading of files are, one task after the other; nothing for a task that is short, or of which nobody
 * knows how long it is. Closed after the last one.
 */
final class DataProgressBar implements DataProgress, AutoCloseable {
    private final PrintStream err;
    private final long patience;
    private @Nullable String task;
    private @Nullable Progress progress;
    private long begin;
    private long before;

    /**
     * Nothing shown yet.
     *
     * @param err where it shows
     * @param patience for how long a task may take before it shows
     */
    DataProgressBar(PrintStream err, Duration patience) {
        this.err = err;
        this.patience = patience.toNanos();
    }

    @Override
    public void update(String current, String unit, long done, long total) {
        if (total < 0) {
            return;
        }
        if (!current.equals(task) || done < before) {
            close();
            task = current;
            begin = System.nanoTime();
        }
        before = done;
        if (progress == null && System.nanoTime() - begin >= patience) {
            progress = Progress.start(current, unit.equals(BYTES) ? "kB" : unit, shown(unit, total), err);
        }
        if (progress != null) {
            progress.to(shown(unit, done), "");
        }
        if (done == total) {
            close();
        }
    }

    private static long shown(String unit, long count) {
        return unit.equals(BYTES) ? count / 1000 : count;
    }

    /** Ends what is shown, also of a task that failed. */
    @Override
    public void close() {
        if (progress != null) {
            progress.close();
            progress = null;
        }
    }
}
