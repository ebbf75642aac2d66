package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.espalier.progress.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run in a process that is really killed. */
class KillTest {
    private static final long SEED = Long.getLong("tests.seed", 20261121L);
    private static final int KILLS = Integer.getInteger("tests.kills", 20);

    @Test
    void resume_afterKillNine_sameNetwork(@TempDir Path folder, @TempDir Path other) throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        String last = "";
        for (int kill = 0; kill < KILLS; kill++) {
            Process process = Forked.java(List.of("-Xmx512m"), KilledProcess.class, folder.toString());
            // At a random moment after a random number of steps of this life, so few that the run outlasts all kills.
            last = read(process, random.nextInt(1, 360 / KILLS));
            Thread.sleep(random.nextInt(12));
            process.destroyForcibly().waitFor();
        }
        assertThat(last).as("killed %d times, -Dtests.seed=%d", KILLS, SEED).startsWith("step ");
        Process process = Forked.java(List.of("-Xmx512m"), KilledProcess.class, folder.toString());
        String hash = read(process, Integer.MAX_VALUE);
        assertThat(process.waitFor()).as(hash).isZero();
        assertThat(hash).isEqualTo(KilledProcess.hash(other, TrainingListener.silent()));
    }

    /** The last line after some lines, or of all. */
    private static String read(Process process, int lines) throws IOException {
        BufferedReader reader = process.inputReader();
        String last = "";
        for (int i = 0; i < lines; i++) {
            String line = reader.readLine();
            if (line == null) {
                break;
            }
            last = line;
        }
        return last;
    }
}
