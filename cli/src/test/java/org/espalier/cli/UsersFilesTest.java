package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.espalier.graph.Graph;
import org.espalier.io.Sha256;
import org.espalier.job.RunFolder;
import org.espalier.onnx.OnnxWriter;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing of the user's is replaced, cut, moved or removed, whatever it is named and wherever it lies. */
class UsersFilesTest {
    private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));

    /** Files as people have them, among them every name that a run, shrink and sweep give. */
    private static final List<String> NAMES = List.of(
            "notes.txt",
            "model.pt",
            "run.yaml",
            "run-files.json",
            "start.onnx",
            "start.onnx.data",
            "original.onnx",
            "trained.onnx",
            "posterior.bin",
            "posterior.yaml",
            "pruned.onnx",
            "pruned.onnx.data",
            "pruned-1.0.onnx",
            "pruned-unchecked.onnx",
            "report.json",
            "metrics.jsonl",
            "sweep.json",
            "sweep.txt",
            "sweep.svg",
            "events.out.tfevents.1700000000.host",
            ".lock",
            ".notes.0123abcd.tmp",
            ".start.onnx.0123abcd.tmp",
            "checkpoint/best.pt",
            "checkpoint/checkpoint-00000001.bin",
            "runs/lenet-300-100-sbpa-seed0/original.onnx",
            "runs/lenet-300-100-original-seed1/report.json");

    @TempDir
    private static Path shared;

    private static Path finished;
    private static Path data;

    @BeforeAll
    static void oneRun() throws IOException {
        data = TinyMnist.write(shared.resolve("data"), 60, 20);
        finished = shared.resolve("finished");
        Run run = Run.of(train(finished, "--epochs=2"));
        RunAssert.assertFinished(run);
    }

    @TempDir
    private Path folder;

    private static String[] train(Path out, String... more) {
        List<String> args = new ArrayList<>(List.of(
                "train",
                "lenet-300-100",
                "--data=mnist",
                "--data-dir=" + data,
                "--pretrain-epochs=1",
                "--finetune-epochs=1",
                "--batch-size=20",
                "--precision=float32",
                "--threads=1",
                "--bench-seconds=0.01",
                "--checkpoint-minutes=0.0001",
                "--out=" + out));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    private static Path fill(Path folder) throws IOException {
        for (String name : NAMES) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, "mine: " + name);
        }
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("notes.txt"));
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path p : all.toList()) {
                Files.setLastModifiedTime(p, LONG_AGO);
            }
        }
        return folder;
    }

    /** Every entry below a folder, with what it is, its bytes and its time. */
    private static Map<String, String> state(Path folder) throws IOException {
        Map<String, String> state = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder, new FileVisitOption[0])) {
            for (Path p : all.toList()) {
                String content = Files.isSymbolicLink(p)
                        ? "link to " + Files.readSymbolicLink(p)
                        : Files.isDirectory(p) ? "folder" : Sha256.of(p);
                state.put(
                        folder.relativize(p).toString(),
                        content + " " + Files.getLastModifiedTime(p, LinkOption.NOFOLLOW_LINKS));
            }
        }
        return state;
    }

    @Test
    void everyCommand_inAFolderFullOfTheUsersFiles_leavesThemAll() throws IOException {
        Path full = fill(folder.resolve("full"));
        Path model = folder.resolve("model.onnx");
        OnnxWriter.write(Zoo.build("lenet-300-100", 1), model);
        Map<String, String> before = state(full);
        String onMnist = "--data-dir=" + data;
        List<List<String>> refused = List.of(
                List.of(train(full, "--epochs=2")),
                List.of("prune", model.toString(), "--data=mnist", onMnist, "--epochs=1", "--out=" + full),
                List.of("prune", model.toString(), "--data=folder:" + full, "--epochs=1", "--out=" + full.resolve("x")),
                List.of("demo", "--examples=60", "--epochs=1", "--out=" + full),
                List.of("reproduce", "mnist", onMnist, "--networks=lenet-300-100", "--out=" + full.resolve("runs")),
                List.of("train", "--resume=" + full),
                List.of("prune", "--resume=" + full, "--start-over"),
                List.of("shrink", full.toString()),
                List.of("sweep", full.toString()),
                List.of("shrink", finished.toString(), "--out=" + full.resolve("pruned.onnx")),
                List.of("shrink", finished.toString(), "--out=" + full.resolve("link")),
                List.of("shrink", finished.toString(), "--out=" + full.resolve("model.pt")),
                List.of("shrink", finished.toString(), "--out=" + full));
        for (List<String> command : refused) {
            Run run = Run.of(command.toArray(String[]::new));
            assertThat(run.code()).as(command + ": " + run.err()).isEqualTo(2);
            assertThat(run.err().strip().lines().reduce("", (a, b) -> b))
                    .as(command.toString())
                    .startsWith("espalier")
                    .doesNotContain("unexpected");
            assertThat(state(full)).as(command.toString()).isEqualTo(before);
        }
        List<List<String>> reading = List.of(
                List.of("inspect", model.toString(), "--json"),
                List.of("eval", model.toString(), "--data=mnist", onMnist, "--json"),
                List.of("bench", model.toString(), "--seconds=0.01", "--json"));
        for (List<String> command : reading) {
            Run run = Run.of(command.toArray(String[]::new));
            RunAssert.assertFinished(run);
            assertThat(state(full)).as(command.toString()).isEqualTo(before);
        }
    }

    /** Files that came into a run's folder after the run: sweep and shrink write around them or not at all. */
    @Test
    void usersFilesInARunsFolder_areLeft_byEveryCommandOnTheRun() throws IOException {
        Path run = copy(finished, folder.resolve("run"));
        Map<String, String> runs = state(run);
        Files.writeString(run.resolve("sweep.txt"), "mine");
        Files.writeString(run.resolve("pruned-1.0.onnx"), "mine");
        Files.writeString(run.resolve("pruned-2.0-unchecked.onnx"), "mine");
        Files.writeString(run.resolve(".notes.0123abcd.tmp"), "mine");
        Files.createDirectories(run.resolve("checkpoint"));
        Files.writeString(run.resolve("checkpoint/best.pt"), "mine");
        Map<String, String> before = state(run);
        RunAssert.assertError(
                Run.of("sweep", run.toString(), "--to=1", "--step=1"), 2, "sweep.txt: does not hold what");
        RunAssert.assertError(
                Run.of("shrink", run.toString()), 2, "pruned-1.0.onnx: does not hold what this run wrote");
        RunAssert.assertError(Run.of("shrink", run.toString(), "--threshold=2"), 2, "pruned-2.0-unchecked.onnx: does");
        for (String own :
                List.of("posterior.bin", "run.yaml", "original.onnx", "run-files.json", "checkpoint/x.onnx")) {
            RunAssert.assertError(
                    Run.of("shrink", run.toString(), "--out=" + run.resolve(own)),
                    2,
                    "must not be one of the run's own");
        }
        assertThat(state(run)).isEqualTo(before);
        Run again = Run.of("train", "--resume=" + run);
        RunAssert.assertFinished(again);
        assertThat(state(run)).containsAllEntriesOf(without(before, "checkpoint"));
        Run shrink = Run.of("shrink", run.toString(), "--threshold=1.5", "--bench-seconds=0.01", "--json");
        RunAssert.assertReport(shrink);
        RunAssert.assertReport(Run.of("shrink", run.toString(), "--threshold=1.5", "--bench-seconds=0.01", "--json"));
        assertThat(state(run)).containsAllEntriesOf(without(without(runs, ""), "run-files.json"));
    }

    private static Map<String, String> without(Map<String, String> state, String name) {
        Map<String, String> rest = new TreeMap<>(state);
        rest.remove(name);
        rest.remove("");
        rest.remove("run-files.json");
        return rest;
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path p : all.toList()) {
                Files.copy(p, to.resolve(from.relativize(p)));
            }
        }
        return to;
    }

    /** As a run's folder that came from somebody else may be: links that lead to the user's files. */
    @Test
    void linksInARunsFolder_areNotFollowed() throws IOException {
        Path victims = fill(folder.resolve("victims"));
        Map<String, String> before = state(victims);
        Path run = copy(unfinished(), folder.resolve("run"));
        replace(run.resolve("checkpoint"), victims.resolve("checkpoint"));
        RunAssert.assertError(Run.of("train", "--resume=" + run), 2, "checkpoint: is a link");
        RunAssert.assertError(Run.of("train", "--resume=" + run, "--start-over"), 2, "checkpoint: is a link");
        for (String name : List.of("metrics.jsonl", "report.json", "original.onnx", "trained.onnx", "pruned.onnx")) {
            Path other = copy(unfinished(), folder.resolve("with " + name));
            replace(other.resolve(name), victims.resolve("notes.txt"));
            RunAssert.assertError(Run.of("train", "--resume=" + other), 2, name, "move it elsewhere");
        }
        Path done = copy(finished, folder.resolve("done"));
        for (String name : List.of("sweep.json", "pruned-1.0.onnx")) {
            replace(done.resolve(name), victims.resolve("notes.txt"));
        }
        replace(done.resolve("metrics.jsonl"), victims.resolve("model.pt"));
        RunAssert.assertError(Run.of("sweep", done.toString()), 2, "sweep.json: is a link");
        RunAssert.assertError(Run.of("shrink", done.toString()), 2, "pruned-1.0.onnx: is a link");
        RunAssert.assertReport(Run.of("shrink", done.toString(), "--threshold=3", "--bench-seconds=0.01", "--json"));
        replace(done.resolve("checkpoint"), victims.resolve("checkpoint"));
        assertThat(Run.of("train", "--resume=" + done).code()).isZero();
        for (String name : List.of(".lock", "run-files.json")) {
            replace(done.resolve(name), victims.resolve("notes.txt"));
            assertThat(Run.of("shrink", done.toString(), "--threshold=4").code())
                    .isEqualTo(2);
        }
        assertThat(state(victims)).isEqualTo(before);
    }

    private static void replace(Path file, Path target) throws IOException {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            try (Stream<Path> inside = Files.list(file)) {
                for (Path p : inside.toList()) {
                    Files.delete(p);
                }
            }
        }
        Files.deleteIfExists(file);
        Files.createSymbolicLink(file, target);
    }

    /** A run that failed after its first epochs, so that it has checkpoints. */
    private Path unfinished() throws IOException {
        Path run = folder.resolve("unfinished");
        if (!Files.exists(run)) {
            Path done = copy(finished, run);
            for (String name :
                    List.of("original.onnx", "trained.onnx", "posterior.bin", "pruned.onnx", "report.json")) {
                Files.delete(done.resolve(name));
            }
            Files.createDirectory(run.resolve("checkpoint"));
            Graph start = Zoo.build("lenet-300-100", 0);
            try (RunFolder open = RunFolder.open(run)) {
                open.writeNetwork(start, open.start());
            }
        }
        return run;
    }

    @Test
    void reportThatIsEmptyOrDamaged_isNoEnd_andCheckpointsStay() throws IOException {
        Path run = copy(unfinished(), folder.resolve("run"));
        Path checkpoint = Files.writeString(run.resolve("checkpoint/checkpoint-00000001.bin"), "hours of work");
        for (String text : List.of("", "{", "{}", "[1]")) {
            Files.writeString(run.resolve("report.json"), text);
            RunAssert.assertError(Run.of("train", "--resume=" + run), 2, "report.json: does not hold", "move it");
            assertThat(checkpoint).hasContent("hours of work");
            assertThat(run.resolve("start.onnx")).exists();
        }
        Files.delete(run.resolve("report.json"));
        Files.writeString(run.resolve("checkpoint/checkpoint-00000002.bin"), "hours of work");
        Run damaged = Run.of("train", "--resume=" + run);
        RunAssert.assertLastLine(damaged, 2, "all 2 are damaged", "--resume RUN --start-over");
        assertThat(damaged.err()).containsOnlyOnce("damaged");
        assertThat(checkpoint).hasContent("hours of work");
        RunAssert.assertError(Run.of("train", "lenet5", "--start-over"), 2, "--start-over", "--resume RUN");
        Run anew = Run.of("train", "--resume=" + run, "--start-over", "--bench-seconds=0.01", "--json");
        RunAssert.assertReport(anew);
        assertThat(run.resolve("checkpoint")).doesNotExist();
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(1 + 2 + 1);
        for (String name : List.of("original.onnx", "trained.onnx", "pruned.onnx", "posterior.bin")) {
            assertThat(Files.mismatch(run.resolve(name), finished.resolve(name)))
                    .as(name)
                    .isEqualTo(-1);
        }
        RunAssert.assertError(Run.of("train", "--resume=" + run, "--start-over"), 2, "is finished");
    }

    @Test
    void posteriorThatIsDamaged_isOneLineWithItsName() throws IOException {
        Path run = copy(finished, folder.resolve("run"));
        Path posterior = run.resolve("posterior.bin");
        byte[] good = Files.readAllBytes(posterior);
        for (int length : new int[] {0, 7, 8, 40, good.length - 1}) {
            Files.write(posterior, Arrays.copyOf(good, length));
            for (String command : List.of("shrink", "sweep")) {
                RunAssert.assertError(Run.of(command, run.toString()), 2, "posterior.bin: its checksum is wrong");
            }
        }
        good[7] = '2';
        Files.write(posterior, good);
        RunAssert.assertError(Run.of("sweep", run.toString()), 2, "posterior.bin", "expected 1, found 2");
    }
}
