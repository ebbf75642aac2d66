package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writing that fails: what a full disk does to the program. Needs no special rights: the shell bounds the size of files that a process
 * of its own writes, and {@code /dev/full} is always full.
 */
class DiskFullTest {
    private static final Path FULL = Path.of("/dev/full");

    @TempDir
    private Path folder;

    @BeforeEach
    void needsAShell() {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "there is no /bin/sh");
    }

    private record Ended(int code, String err) {}

    /** Runs the program in a process of its own that can write {@code kilobytes} to one file at most. */
    private Ended run(int kilobytes, File out, String... args) throws IOException, InterruptedException {
        Path err = folder.resolve("err");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        StringBuilder command = new StringBuilder("ulimit -f " + 2 * kilobytes + "; exec '" + java
                + "' -XX:TieredStopAtLevel=1 -Xshare:auto -Xlog:disable -cp '" + System.getProperty("java.class.path")
                + "' org.espalier.cli.Espalier");
        for (String arg : args) {
            command.append(" '").append(arg).append('\'');
        }
        ProcessBuilder builder = new ProcessBuilder(List.of("/bin/sh", "-c", command.toString()));
        Process process =
                builder.redirectOutput(out).redirectError(err.toFile()).start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), Files.readString(err, StandardCharsets.UTF_8));
    }

    @Test
    void fileThatCannotBeFinished_isOneLine_andNothingHalfWrittenIsLeft() throws Exception {
        Path data = TinyMnist.write(folder.resolve("mnist"), 20, 10);
        Path run = folder.resolve("run");
        String[] args = {
            "train",
            "lenet-300-100",
            "--data=mnist",
            "--data-dir=" + data,
            "--pretrain-epochs=0",
            "--epochs=1",
            "--finetune-epochs=0",
            "--bench-seconds=0.01",
            "--threads=1",
            "--out=" + run
        };
        Ended ended = run(600, folder.resolve("out").toFile(), args);
        String last = ended.err().strip().lines().reduce("", (a, b) -> b);
        assertThat(ended.code()).as(ended.err()).isEqualTo(1);
        assertThat(last).startsWith("espalier: ").contains("original.onnx", "cannot be written", "--out");
        assertThat(ended.err()).doesNotContain("\tat ");
        assertThat(run.resolve("original.onnx")).doesNotExist();
        assertThat(run.resolve("pruned.onnx")).doesNotExist();
        RunAssert.assertNoTemporaryFiles(run);
    }

    @Test
    void standardOutputThatIsFull_isAFailure() throws Exception {
        assumeTrue(Files.exists(FULL), "there is no /dev/full");
        Ended ended = run(1 << 20, FULL.toFile(), "inspect", "lenet-300-100");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).isEqualTo("espalier: standard output cannot be written\n");
    }
}
