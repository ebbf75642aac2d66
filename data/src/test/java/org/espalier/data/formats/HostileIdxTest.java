package org.espalier.data.formats;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.GZIPOutputStream;
import org.espalier.data.DataException;
import org.espalier.data.TestFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** IDX files that never end, or ask for more than they hold. */
class HostileIdxTest {
    private static final Duration QUICK = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void read_pipe_isRefusedAtOnce() throws Exception {
        Path pipe = TestFiles.pipe(folder.resolve("labels"));
        assertTimeoutPreemptively(QUICK, () -> assertThatThrownBy(() -> IdxReader.readLabels(pipe, 10))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("must be a regular file"));
    }

    @Test
    void read_gzipThatGoesOnForGigabytes_endsAfterItsData() throws IOException {
        Path file = folder.resolve("labels.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file), 1 << 16)) {
            out.write(TestFiles.idx(0x801, new int[] {3}, new byte[3]));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 256; i++) {
                out.write(zeros);
            }
        }
        assertTimeoutPreemptively(Duration.ofSeconds(2), () -> assertThatThrownBy(() -> IdxReader.readLabels(file, 10))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected 3 bytes, found more"));
    }

    @Test
    void read_headerThatAsksForTwoGigabytes_isRefusedBeforeReading() {
        Path file = TestFiles.write(
                folder.resolve("images"), TestFiles.idx(0x803, new int[] {Integer.MAX_VALUE, 1, 1}, new byte[10]));
        assertThatThrownBy(() -> IdxReader.readImages(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected 2147483647 bytes, found at most");
    }
}
