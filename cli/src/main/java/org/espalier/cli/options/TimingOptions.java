package org.espalier.cli.options;

import java.time.Duration;
import org.espalier.job.InputException;
import picocli.CommandLine.Option;

/** How long the two networks of a report are timed. */
public final class TimingOptions {
    @Option(
            names = "--bench-seconds",
            paramLabel = "S",
            description = "How long to time each network at each batch size (default: ${DEFAULT-VALUE}).")
    private double seconds = 1;

    /**
     * Gives how long one network is timed at one batch size.
     *
     * @return the time
     * @throws InputException if it is out of range
     */
    public Duration budget() {
        if (!(seconds > 0) || seconds > 3600) {
            throw new InputException("--bench-seconds must be in (0, 3600], found " + seconds);
        }
        return Duration.ofNanos(Math.max(1, (long) (1e9 * seconds)));
    }
}
