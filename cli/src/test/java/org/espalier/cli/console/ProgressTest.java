package org.espalier.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void lines_everyInterval_tellThroughputAndTimeLeft() {
        try (Progress progress = new Progress.Lines("train", "images", 1000, err, Duration.ZERO)) {
            progress.to(250, "loss 0.5");
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .matches("train: 250 of 1,000 images, \\d+/s, \\d+:\\d\\d:\\d\\d left loss 0\\.5\\n");
    }

    @Test
    void lines_shortJob_sayNothing() {
        try (Progress progress = new Progress.Lines("train", "images", 2, err, Duration.ofHours(1))) {
            progress.to(1, "");
            progress.to(2, "");
        }
        assertThat(bytes.size()).isZero();
    }

    /** What an earlier process did in no time of this one's says nothing about the time left. */
    @Test
    void bar_from_countsFromThere() {
        try (Progress progress = new Progress.Bar("train", "images", 1000, err)) {
            progress.from(500);
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)).containsPattern("500/1000 images \\(0:00:0\\d / \\?\\)");
    }

    @Test
    void bar_showsTaskAndEnd() {
        try (Progress progress = new Progress.Bar("train", "images", 10, err)) {
            progress.to(10, "done");
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("train", "100%");
    }

    @Test
    void note_onATerminal_clearsTheBarsLine() {
        Console console = new Console(err, err, false);
        console.note("first");
        System.setProperty("espalier.terminal", "true");
        try {
            console.note("second");
        } finally {
            System.clearProperty("espalier.terminal");
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("first\n\r\u001b[Ksecond\n");
    }
}
