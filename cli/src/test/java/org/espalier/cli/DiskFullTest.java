package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
                + "' org.espalier.cli.EspalierCommand");
        for (String arg : args) {
            command.append(" '").append(arg).append('\'');
        }
        ProcessBuilder builder = new ProcessBuilder(List.of("/bin/sh", "-c", command.toString()));
        // The system's words for what is wrong would be in the user's language.
        builder.environment().put("LC_ALL", "C");
        Process process =
                builder.redirectOutput(out).redirectError(err.toFile()).start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), Files.readString(err, StandardCharsets.UTF_8));
    }

    private String[] train(Path run, String... more) throws IOException {
        Path data = TinyMnist.write(folder.resolve("mnist"), 60, 20);
        List<String> args = new ArrayList<>(List.of(
                "train",
                "lenet-300-100",
                "--data=mnist",
                "--data-dir=" + data,
                "--batch-size=20",
                "--pretrain-epochs=1",
                "--epochs=2",
                "--finetune-epochs=1",
                "--bench-seconds=0.01",
                "--checkpoint-minutes=0.0001",
                "--precision=float32",
                "--threads=1",
                "--out=" + run));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    /** One line at the end that names the file, the free space and what to do; nothing half-written. */
    private static void assertRefused(Ended ended, Path run, String... parts) throws IOException {
        String last = ended.err().strip().lines().reduce("", (a, b) -> b);
        assertThat(ended.code()).as(ended.err()).isEqualTo(1);
        assertThat(last)
                .startsWith("espalier: ")
                .contains("cannot be written", "MB are free there", "make room")
                .contains(parts);
        assertThat(ended.err()).doesNotContain("\tat ");
        assertThat(run.resolve("pruned.onnx")).doesNotExist();
        RunAssert.assertNoTemporaryFiles(run);
    }

    /** The run goes on once there is room, to the same network as if nothing had happened. */
    private void assertGoesOn(Path run) throws IOException {
        Run again = Run.of("train", "--resume=" + run, "--bench-seconds=0.01", "--json");
        RunAssert.assertReport(again);
        Path other = folder.resolve("undisturbed");
        RunAssert.assertFinished(Run.of(train(other)));
        assertThat(Files.mismatch(run.resolve("pruned.onnx"), other.resolve("pruned.onnx")))
                .isEqualTo(-1);
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(4);
    }

    @Test
    void networkThatCannotBeFinished_isOneLine_andNothingHalfWrittenIsLeft() throws Exception {
        Path run = folder.resolve("run");
        Ended ended = run(600, folder.resolve("out").toFile(), train(run));
        assertRefused(ended, run, run.resolve("start.onnx").toString(), "choose another folder");
        assertThat(run.resolve("start.onnx")).doesNotExist();
    }

    @Test
    void checkpointThatCannotBeWritten_isOneLine_andTheRunGoesOnLater() throws Exception {
        Path run = folder.resolve("run");
        Ended ended = run(5000, folder.resolve("out").toFile(), train(run));
        assertRefused(ended, run, "checkpoint-0", "go on with 'espalier train --resume " + run + "'");
        assertGoesOn(run);
    }

    /** Where file systems may be mounted: one with little room, which grows after the failure. */
    @Test
    void smallDisk_isOneLine_andTheRunGoesOnOnceThereIsRoom() throws Exception {
        Path disk = Files.createDirectories(folder.resolve("disk"));
        assumeTrue(
                succeeds("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk.toString()), "mount is not allowed");
        try {
            Path run = disk.resolve("run");
            Ended ended = run(1 << 20, folder.resolve("out").toFile(), train(run));
            assertRefused(ended, run, "No space left", "'espalier train --resume " + run + "'");
            assertThat(succeeds("mount", "-o", "remount,size=100m", disk.toString()))
                    .isTrue();
            assertGoesOn(run);
        } finally {
            succeeds("umount", "-l", disk.toString());
        }
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void standardOutputThatIsFull_isAFailure() throws Exception {
        assumeTrue(Files.exists(FULL), "there is no /dev/full");
        Ended ended = run(1 << 20, FULL.toFile(), "inspect", "lenet-300-100");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).isEqualTo("espalier: standard output cannot be written\n");
    }
}
