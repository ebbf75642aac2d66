package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.espalier.platform.Caches;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever starts the program finds nothing of it outside the cache, and nobody else hears of it. */
class QuietStartTest {
    private static final String[] BENCH = {"bench", "lenet-300-100", "--seconds=0.01"};
    private static final String[] TRAIN = {
        "demo", "--examples=120", "--epochs=1", "--bench-seconds=0.01", "--threads=1", "--out"
    };

    @TempDir
    private Path folder;

    private Path home;
    private Path temporary;
    private Map<String, String> environment;

    @BeforeEach
    void make() throws IOException {
        home = Files.createDirectory(folder.resolve("home"));
        temporary = Files.createDirectory(folder.resolve("temporary"));
        environment =
                Map.of("HOME", home.toString(), Caches.VARIABLE, Caches.root().toString());
    }

    private Run run(List<String> below, List<String> java, String... args) throws Exception {
        List<String> all = Stream.concat(Stream.of("-Djava.io.tmpdir=" + temporary), java.stream())
                .toList();
        try (Child child = Child.start(folder.resolve("streams"), below, all, environment, args)) {
            return child.end();
        }
    }

    private static List<Path> below(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> !file.equals(folder)).toList();
        }
    }

    @Test
    void run_leavesNothingInTheHomeAndTheTemporaryFolder() throws Exception {
        Path run = folder.resolve("run");
        String[] args =
                Stream.concat(Stream.of(TRAIN), Stream.of(run.toString())).toArray(String[]::new);
        Run done = run(List.of(), List.of(), args);
        RunAssert.assertFinished(done);
        assertThat(below(home)).isEmpty();
        assertThat(below(temporary)).isEmpty();
        // Telemetry would leave mat-debug-PID.log and .ses files here, too.
        assertThat(below(run))
                .allMatch(f -> f.toString().matches(".*(\\.onnx|\\.yaml|\\.jsonl|\\.json|\\.bin|\\.lock|tfevents.*)"));
    }

    @Test
    void run_underStrace_looksUpNoNameAndConnectsNowhere() throws Exception {
        Path trace = folder.resolve("trace");
        assumeTrue(canTrace(trace), "strace is not there, or may not trace");
        List<String> strace = List.of("strace", "-f", "-e", "trace=network", "-o", trace.toString());
        Run done = run(strace, List.of(), BENCH);
        RunAssert.assertFinished(done);
        List<String> calls = Files.readAllLines(trace);
        assertThat(calls).as("the end of the process is traced").anyMatch(line -> line.contains("exited with 0"));
        // Names are looked up over AF_INET, or through a daemon that would be asked for hosts; users are asked for,
        // too.
        assertThat(calls).noneMatch(line -> line.contains("AF_INET") || line.contains("resolve"));
    }

    private static boolean canTrace(Path trace) throws InterruptedException {
        try {
            return new ProcessBuilder("strace", "-f", "-o", trace.toString(), "true")
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void run_withAVeryLongCommandLine_endsWell() throws Exception {
        Run done = run(List.of(), List.of("-Dlong=" + "a".repeat(5000)), BENCH);
        RunAssert.assertFinished(done);
        assertThat(done.out()).contains("lenet-300-100");
    }

    @Test
    void unknownUser_makesNoFolderOfAQuestionMark() throws Exception {
        environment = Map.of("HOME", "", "XDG_CACHE_HOME", "", Caches.VARIABLE, "");
        Run done = run(List.of(), List.of("-Duser.home=?"), "cache", "--json");
        Path cache = Path.of(done.json().path("cache").asText());
        assertThat(cache.getParent()).isEqualTo(temporary);
        assertThat(Path.of("?")).doesNotExist();
    }

    @Test
    void temporaryFolder_thatCannotBeWritten_isToldBeforeTraining() throws Exception {
        Path none = folder.resolve("none");
        Path run = folder.resolve("run");
        try (Child child = Child.start(
                folder,
                List.of("-Djava.io.tmpdir=" + none),
                "train",
                "lenet-300-100",
                "--data=digits",
                "--out=" + run)) {
            Run done = child.end();
            RunAssert.assertLastLine(done, 1, none.toString(), "native library cannot be loaded");
            assertThat(done.err()).doesNotContain("epochs");
        }
        assertThat(run.resolve("run.yaml")).doesNotExist();
    }
}
