package org.espalier.cli.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DataProgressBarTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @BeforeEach
    void onATerminal() {
        System.setProperty("espalier.terminal", "true");
    }

    @AfterEach
    void noTerminal() {
        System.clearProperty("espalier.terminal");
    }

    /** What is told afterwards is not to stand behind a bar that moves on. */
    @Test
    void close_downloadThatFailed_endsTheBar() {
        try (DataProgressBar progress = new DataProgressBar(err, Duration.ZERO)) {
            progress.update("download images.gz", "bytes", 400_000, 1_000_000);
            while (bytes.size() == 0) {
                // A bar that was never drawn has no end either.
                Thread.onSpinWait();
            }
            progress.close();
            err.println("failed");
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("download images.gz", "400/1000 kB")
                .endsWith(System.lineSeparator() + "failed" + System.lineSeparator());
    }

    @Test
    void update_oneFileAfterTheOther_hasABarEach() {
        try (DataProgressBar progress = new DataProgressBar(err, Duration.ZERO)) {
            progress.update("download a.gz", "bytes", 1_000, 1_000);
            progress.update("download b.gz", "bytes", 2_000, 4_000);
            progress.update("download unknown.gz", "bytes", 10, -1);
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("1/1 kB", "2/4 kB")
                .doesNotContain("unknown");
    }

    @Test
    void update_taskThatIsShort_showsNothing() {
        try (DataProgressBar progress = new DataProgressBar(err, Duration.ofHours(1))) {
            progress.update("read a.npz", "bytes", 1, 2);
            progress.update("read a.npz", "bytes", 2, 2);
        }
        assertThat(bytes.size()).isZero();
    }
}
