package org.espalier.cli.console;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.espalier.io.SafeText;
import org.espalier.job.JobProgress;

/** How far a job is: a bar with throughput and time left on a terminal, else a plain line now and then. */
public interface Progress extends JobProgress {
    /**
     * Starts a bar.
     *
     * @param task what is done
     * @param unit of what is counted, in the plural
     * @param total when it is finished
     * @param err where it shows
     * @return the bar; the caller closes it
     */
    static Progress start(String task, String unit, long total, PrintStream err) {
        return Console.isTerminal()
                ? new Bar(task, unit, total, err)
                : new Lines(task, unit, total, err, Duration.ofSeconds(10));
    }

    /** A bar that moves. The launcher says how wide the terminal is. */
    final class Bar implements Progress {
        private final ProgressBar bar;

        Bar(String task, String unit, long total, PrintStream err) {
            this.bar = new ProgressBarBuilder()
                    .setTaskName(SafeText.line(task))
                    .setUnit(" " + unit, 1)
                    .setInitialMax(total)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(200)
                    .showSpeed()
                    .setConsumer(new ConsoleProgressBarConsumer(err, Integer.getInteger("espalier.columns", 100)))
                    .build();
        }

        @Override
        public void from(long done) {
            bar.stepTo(done);
            // After a pause throughput and time left count from where it was.
            bar.pause();
            bar.resume();
        }

        @Override
        public void to(long done, String message) {
            bar.stepTo(done);
            if (!message.isEmpty()) {
                bar.setExtraMessage(" " + SafeText.line(message));
            }
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** At most one line per interval. A job shorter than that says nothing. */
    final class Lines implements Progress {
        private final String task;
        private final String unit;
        private final long total;
        private final PrintStream err;
        private final long interval;
        private long before;
        private final long start = System.nanoTime();
        private long last = start;

        Lines(String task, String unit, long total, PrintStream err, Duration interval) {
            this.task = task;
            this.unit = unit;
            this.total = total;
            this.err = err;
            this.interval = interval.toNanos();
        }

        @Override
        public void from(long done) {
            before = done;
        }

        @Override
        public void to(long done, String message) {
            long now = System.nanoTime();
            if (now - last < interval) {
                return;
            }
            last = now;
            double seconds = (now - start) * 1e-9;
            double rate = (done - before) / seconds;
            String line = String.format(
                            Locale.ROOT,
                            "%s: %,d of %,d %s, %.0f/s, %s left %s",
                            task,
                            done,
                            total,
                            unit,
                            rate,
                            done == before ? "?" : left((total - done) / rate),
                            message)
                    .stripTrailing();
            err.println(SafeText.line(line));
        }

        private static String left(double seconds) {
            long s = Math.round(seconds);
            return String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
        }

        @Override
        public void close() {}
    }
}
