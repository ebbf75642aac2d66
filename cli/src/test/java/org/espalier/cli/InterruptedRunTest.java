package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.espalier.job.RunFolder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that are killed or stopped at any moment, by the command line alone, and what they end with. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "sends SIGKILL and SIGTERM, which Windows does not have")
class InterruptedRunTest {
    private static final long SEED = Long.getLong("tests.seed", 20261121L);
    private static final int KILLS = Integer.getInteger("tests.kills", 20);
    private static final int EPOCHS = 3 + 14 + 4;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static Path data;
    private static Path config;

    /** A run that nobody interrupted, and how many milliseconds it took. */
    private static Path whole;

    private static long millis;

    @BeforeAll
    static void trainWithoutInterruption() throws Exception {
        data = TinyMnist.write(folder.resolve("data"), 400, 100);
        config = Files.writeString(folder.resolve("config.yaml"), """
            noise: {epochsUntilFull: 0, learningRate: 0.1, weights: {groups: {"*": 0.4}}}
            batches: {size: 20}
            rule: {patienceEpochs: 1}
            distillation: {share: 0.3}
            """);
        whole = folder.resolve("whole");
        long start = System.nanoTime();
        try (Child child = Child.start(folder, begin(whole))) {
            RunAssert.assertFinished(child.end());
        }
        millis = (System.nanoTime() - start) / 1_000_000;
        assertThat(lines(whole)).hasSize(EPOCHS);
    }

    private static String[] begin(Path run, String... more) {
        List<String> args = new ArrayList<>(List.of(
                "train",
                "lenet-300-100",
                "--data=mnist",
                "--data-dir=" + data,
                "--config=" + config,
                "--pretrain-epochs=3",
                "--epochs=14",
                "--finetune-epochs=4",
                "--hold-out=50",
                "--precision=float32",
                "--threads=1",
                "--bench-seconds=0.01",
                "--checkpoint-minutes=0.002",
                "--out=" + run));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    private static String[] resume(Path run, String... more) {
        List<String> args = new ArrayList<>(List.of("train", "--resume=" + run, "--bench-seconds=0.01"));
        args.addAll(List.of("--checkpoint-minutes=0.002"));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    private static List<String> lines(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl"));
    }

    /** A line of the metrics without what depends on the clock. */
    private static JsonNode exact(String line) {
        try {
            JsonNode node = JSON.readTree(line);
            ((com.fasterxml.jackson.databind.node.ObjectNode) node)
                    .remove(List.of("run", "seconds", "run_seconds", "examples_per_second", "data_wait_share"));
            return node;
        } catch (IOException e) {
            throw new IllegalStateException(line, e);
        }
    }

    private static boolean hasEpochs(Path run, int count) {
        try {
            return Files.exists(run.resolve("metrics.jsonl")) && lines(run).size() >= count;
        } catch (IOException e) {
            return false;
        }
    }

    /** The same networks bit for bit, the same metrics, and nothing that only an unfinished run needs. */
    private static void assertSameAsWhole(Path run) throws IOException {
        for (String name : List.of("original.onnx", "trained.onnx", "pruned.onnx", "posterior.bin")) {
            assertThat(Files.mismatch(run.resolve(name), whole.resolve(name)))
                    .as(name)
                    .isEqualTo(-1);
        }
        assertThat(lines(run).stream().map(InterruptedRunTest::exact).toList())
                .isEqualTo(lines(whole).stream().map(InterruptedRunTest::exact).toList());
        RunAssert.assertNoTemporaryFiles(run);
        try (Stream<Path> files = Files.list(run)) {
            assertThat(files.map(p -> p.getFileName().toString()))
                    .contains("run.yaml", "report.json")
                    .doesNotContain("checkpoint", "start.onnx")
                    .anyMatch(name -> name.startsWith("events.out.tfevents."));
        }
    }

    /** Kills at random moments; a run that comes to its end is compared, and the next one begins. */
    private static void killAndResume(int kills, Path base) throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        int done = 0;
        for (int number = 0; done < kills; number++) {
            Path run = base.resolve("run" + number);
            boolean ended = false;
            while (!ended) {
                boolean begun = Files.exists(run.resolve("run.yaml"));
                try (Child child = Child.start(base, begun ? resume(run) : begin(run))) {
                    boolean letItEnd = done >= kills;
                    ended = letItEnd || child.endsWithin(random.nextLong(millis));
                    if (ended) {
                        Run last = child.end();
                        RunAssert.assertFinished(last);
                    } else {
                        child.kill();
                        done++;
                    }
                }
            }
            assertSameAsWhole(run);
        }
    }

    @Test
    void killedTwice_resumed_endsWithTheSameNetwork(@TempDir Path base) throws Exception {
        killAndResume(2, base);
    }

    @Test
    @Tag("slow")
    void killedTwentyTimes_resumed_endsWithTheSameNetwork(@TempDir Path base) throws Exception {
        killAndResume(KILLS, base);
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130", "HUP, 129"})
    void signal_writesACheckpoint_andSaysHowToGoOn(String signal, int code, @TempDir Path base) throws Exception {
        Path run = base.resolve("run");
        try (Child child = Child.start(base, begin(run))) {
            child.await(() -> hasEpochs(run, 5));
            boolean ignored = child.ignores(code - 128);
            child.signal(signal);
            Run stopped = child.end();
            if (ignored) {
                // Started like this by a script in the background, or by nohup: then a run must ignore it,
                // too.
                RunAssert.assertFinished(stopped);
                assertSameAsWhole(run);
                return;
            }
            assertThat(stopped.err()).containsOnlyOnce("stopping as soon as nothing is half done");
            RunAssert.assertLastLine(stopped, code, "stopped", "go on with 'espalier train --resume " + run + "'");
        }
        assertThat(run.resolve("checkpoint")).isNotEmptyDirectory();
        assertThat(run.resolve("report.json")).doesNotExist();
        if (signal.equals("TERM")) {
            setFormat(run, '9');
            RunAssert.assertLastLine(
                    Run.of(resume(run)), 2, run.toString(), "this version's format, expected 3, found 9");
            setFormat(run, '3');
            Run again = Run.of(resume(run, "--json"));
            RunAssert.assertReport(again);
            assertThat(again.err()).contains("going on after step");
            assertSameAsWhole(run);
        }
    }

    private static void setFormat(Path run, char version) throws IOException {
        try (Stream<Path> files = Files.list(run.resolve("checkpoint"))) {
            for (Path p : files.toList()) {
                byte[] bytes = Files.readAllBytes(p);
                bytes[7] = (byte) version;
                Files.write(p, bytes);
            }
        }
    }

    /** ONNX Runtime's shutdown hook must not free what is in use. */
    @Test
    void signal_whileNetworksAreTimed_endsAtOnce_withoutACrash(@TempDir Path base) throws Exception {
        try (Child child = Child.start(base, "bench", "lenet5", "lenet5:0.5", "--seconds=60")) {
            child.await(child::hasOnnxRuntime);
            Thread.sleep(30);
            child.signal("TERM");
            Run ended = child.end();
            assertThat(ended.code()).as(ended.err()).isEqualTo(143);
            assertThat(ended.out() + ended.err()).doesNotContain("SIGSEGV");
        }
    }

    @Test
    void secondProcess_isRefused_andADeadOneLeavesNoLock(@TempDir Path base) throws Exception {
        Path run = base.resolve("run");
        try (Child child = Child.start(base, begin(run))) {
            child.await(() -> hasEpochs(run, 1));
            // Stopped, it holds the lock for as long as this takes.
            child.signal("STOP");
            RunAssert.assertError(Run.of(resume(run)), 2, run.toString(), "another process works on this run");
            RunAssert.assertError(Run.of(begin(run)), 2, run.toString(), "another process works on this run");
            assertThat(child.isAlive()).isTrue();
            child.kill();
        }
        RunAssert.assertError(
                Run.of(resume(run, "--epochs=15", "--seed=0")), 2, "was begun with pruning.epochs 14", "says 15");
        RunAssert.assertError(Run.of(begin(run)), 2, "already holds a run", "--resume " + run);
        Run again = Run.of(begin(run, "--resume=" + run));
        RunAssert.assertFinished(again);
        assertSameAsWhole(run);
    }

    @Test
    void finishedRun_isLeftAsItIs() throws IOException {
        byte[] before = Files.readAllBytes(whole.resolve("pruned.onnx"));
        Run again = Run.of(resume(whole, "--json"));
        RunAssert.assertFinished(again);
        assertThat(again.err()).contains("is finished already").hasLineCount(1);
        assertThat(again.json()).isEqualTo(RunFolder.readReport(whole));
        assertThat(Files.readAllBytes(whole.resolve("pruned.onnx"))).isEqualTo(before);
        RunAssert.assertError(Run.of(resume(whole, "--data=digits")), 2, "begun with data mnist", "says digits");
    }

    @Test
    void noRun_isOneLine(@TempDir Path empty) {
        RunAssert.assertError(Run.of("train", "--resume=" + empty), 2, empty.toString(), "holds no run");
        RunAssert.assertError(
                Run.of("prune", "--resume=" + empty.resolve("no")),
                2,
                empty.resolve("no").toString(),
                "holds no run");
        RunAssert.assertError(Run.of("train", "--resume=a", "--out=b"), 2, "--resume", "--out");
        RunAssert.assertError(Run.of("train"), 2, "NETWORK|MODEL.onnx", "--resume");
        RunAssert.assertError(Run.of("train", "lenet5"), 2, "--data");
        RunAssert.assertError(Run.of("train", "lenet5", "--checkpoint-minutes=0"), 2, "--checkpoint-minutes");
    }
}
