package org.espalier.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.espalier.graph.Graph;
import org.espalier.method.PruningMethods;
import org.espalier.onnx.OnnxWriter;
import org.espalier.recipe.PruningTask;
import org.espalier.recipe.Recipes;
import org.espalier.runtime.Agreement;
import org.espalier.runtime.OutputAgreement;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
    record Settings(String network, double learningRate, List<Integer> widths) {}

    @TempDir
    private Path folder;

    @Test
    void configuration_comesBackAsItWas_andNothingElseIsLeft() throws IOException {
        Settings settings = new Settings("lenet5", 1e-3, List.of(20, 50));
        try (RunFolder run = RunFolder.create(folder.resolve("a/b"))) {
            run.writeConfiguration(settings);
            run.writeConfiguration(settings);
            assertThat(run.readConfiguration(Settings.class)).isEqualTo(settings);
            try (Stream<Path> files = Files.list(run.path())) {
                assertThat(files.map(f -> f.getFileName().toString()))
                        .containsExactlyInAnyOrder("run.yaml", "run-files.json", ".lock");
            }
        }
    }

    @Test
    void configuration_damaged_namesFileAndKey_andTouchesNothing() throws IOException {
        RunConfiguration now = new RunConfiguration(
                "vgg-like",
                "cifar10",
                null,
                null,
                PruningMethods.SBPA,
                1,
                RunConfiguration.CPU,
                PruningTask.DEFAULT,
                Recipes.of("vgg-like"));
        try (RunFolder run = RunFolder.create(folder)) {
            run.writeConfiguration(now);
            assertThat(run.readConfiguration(RunConfiguration.class)).isEqualTo(now);
        }
        Path file = folder.resolve("run.yaml");
        String good = Files.readString(file);
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put(good.replaceAll("threads: 1", "threads: 1.5"), "'threads' must be a whole number");
        wrong.put(good.replaceAll("network: .*", "network: null"), "'network' must be a text, found nothing");
        wrong.put(good.replaceAll("id: .*", ""), "'id' must be the run's id, found none");
        wrong.put(good.replaceAll("id: .*", "id: other"), "expected its id other");
        wrong.put(good + "x: [\n", "is not YAML");
        wrong.put("", "'id' must be the run's id, found none");
        wrong.forEach((text, part) -> {
            assertThat(text).isNotEqualTo(good);
            assertThatThrownBy(() -> {
                        Files.writeString(file, text);
                        try (RunFolder run = RunFolder.open(folder)) {
                            run.readConfiguration(RunConfiguration.class);
                        }
                    })
                    .as(part)
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("run.yaml")
                    .hasMessageContaining(part)
                    .message()
                    .doesNotContain("org.espalier", "java.", "\n");
            assertThat(file).hasContent(text);
        });
    }

    @Test
    void secondUser_isRefused_untilTheFirstIsDone() {
        try (RunFolder first = RunFolder.create(folder)) {
            first.writeConfiguration(Map.of());
            assertThatThrownBy(() -> RunFolder.open(folder))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("another process works on this run");
        }
        RunFolder.open(folder).close();
    }

    @Test
    void open_removesWhatAKilledProcessLeftHalfWritten_andOnlyWhereNobodyWrites() throws IOException {
        Path half = folder.resolve(".start.onnx.6cc93569.espalier.tmp");
        Path mine = Files.writeString(folder.resolve(".notes.tmp"), "mine");
        try (RunFolder first = RunFolder.create(folder)) {
            first.writeConfiguration(Map.of());
            Files.writeString(half, "being written");
            assertThatThrownBy(() -> RunFolder.open(folder)).isInstanceOf(InputException.class);
            assertThat(half).exists();
        }
        RunFolder.open(folder).close();
        assertThat(half).doesNotExist();
        assertThat(mine).exists();
    }

    @Test
    void create_overARun_isRefused() {
        try (RunFolder run = RunFolder.create(folder)) {
            run.writeConfiguration(Map.of());
        }
        assertThatThrownBy(() -> RunFolder.create(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("already holds a run");
    }

    @Test
    void open_noRun_isAnError() {
        assertThatThrownBy(() -> RunFolder.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("holds no run");
    }

    @Test
    void create_whereAFileIs_orBelowOne_isOneLine() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        for (Path bad : List.of(file, file.resolve("below"))) {
            assertThatThrownBy(() -> RunFolder.create(bad))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(bad.toString())
                    .hasMessageContaining("choose another folder")
                    .message()
                    .doesNotContain("\n");
        }
    }

    @Test
    void create_whereNoRunWroteTheFiles_isRefused_andTouchesNothing() throws IOException {
        for (String name : List.of(
                "original.onnx", "pruned.onnx.data", "report.json", "metrics.jsonl", "run.yaml", "posterior.bin")) {
            Path own = Files.createDirectories(folder.resolve("of " + name));
            Path file = Files.writeString(own.resolve(name), "mine");
            Path notes = Files.writeString(own.resolve("notes.txt"), "mine");
            FileTime before = Files.getLastModifiedTime(own);
            assertThatThrownBy(() -> RunFolder.create(own))
                    .isInstanceOf(InputException.class)
                    .hasMessage("run folder '" + own + "': holds " + name
                            + ", of names that a run writes, and no run wrote it; choose another folder");
            try (Stream<Path> files = Files.list(own)) {
                assertThat(files).containsExactlyInAnyOrder(file, notes);
            }
            assertThat(Files.getLastModifiedTime(own)).isEqualTo(before);
        }
        Path links = Files.createDirectory(folder.resolve("links"));
        Files.createSymbolicLink(links.resolve("checkpoint"), folder);
        Files.createSymbolicLink(links.resolve("start.onnx"), folder.resolve("nothing"));
        assertThatThrownBy(() -> RunFolder.create(links))
                .hasMessageContaining("holds checkpoint, start.onnx, of names");
        RunFolder.create(Files.createDirectory(folder.resolve("empty"))).close();
    }

    @Test
    void create_afterAKillBeforeTheConfiguration_goesOnWithTheRunsFiles_andNotWithOthers() throws IOException {
        String id;
        try (RunFolder run = RunFolder.create(folder)) {
            id = run.id();
            run.writeNetwork(Zoo.build("lenet-300-100", 1), run.start());
        }
        try (RunFolder run = RunFolder.create(folder)) {
            assertThat(run.id()).isEqualTo(id);
            run.writeNetwork(Zoo.build("lenet-300-100", 2), run.start());
        }
        Files.writeString(folder.resolve("start.onnx"), "mine");
        assertThatThrownBy(() -> RunFolder.create(folder)).hasMessageContaining("holds start.onnx, of names");
        assertThat(folder.resolve("start.onnx")).hasContent("mine");
    }

    @Test
    void write_overAFileThatIsNotTheRuns_isRefused_whateverItIs() throws IOException {
        Path victim = Files.writeString(folder.resolve("victim"), "mine");
        try (RunFolder run = RunFolder.create(folder.resolve("run"))) {
            run.writeConfiguration(Map.of());
            Path file = run.path().resolve("sweep.json");
            run.write("sweep.json", new byte[] {1});
            run.write("sweep.json", new byte[] {2});
            assertThat(file).hasBinaryContent(new byte[] {2});
            Files.writeString(file, "edited");
            assertThatThrownBy(() -> run.write("sweep.json", new byte[] {3}))
                    .isInstanceOf(InputException.class)
                    .hasMessage(file + ": does not hold what this run wrote there, so it is not replaced; move it"
                            + " elsewhere first");
            assertThat(file).hasContent("edited");
            Files.delete(file);
            Files.createSymbolicLink(file, victim);
            assertThatThrownBy(() -> run.write("sweep.json", new byte[] {3})).hasMessageContaining("is a link");
            Files.delete(file);
            run.write("sweep.json", new byte[] {4});
            // A second name of a file that is the run's: the new content is another file.
            Path second = Files.createLink(folder.resolve("second name"), file);
            run.write("sweep.json", new byte[] {5});
            assertThat(second).hasBinaryContent(new byte[] {4});
        }
        assertThat(victim).hasContent("mine");
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files).noneMatch(f -> f.toString().endsWith(".tmp"));
        }
    }

    @Test
    void write_whereAnotherRunTookTheFoldersPlace_fails() throws IOException {
        Path place = folder.resolve("run");
        try (RunFolder first = RunFolder.create(place)) {
            first.writeConfiguration(Map.of());
            Files.move(place, folder.resolve("moved"));
            try (RunFolder second = RunFolder.create(place)) {
                second.writeConfiguration(Map.of());
                assertThatThrownBy(() -> first.write("report.json", new byte[1]))
                        .isInstanceOf(JobException.class)
                        .hasMessageContaining("another run's by now");
            }
        }
        assertThat(place.resolve("report.json")).doesNotExist();
    }

    @Test
    void tidyUp_removesNothing_beforeReportAndResultHoldWhatWasWritten() throws IOException {
        try (RunFolder run = RunFolder.create(folder)) {
            run.writeConfiguration(Map.of());
            run.writeNetwork(Zoo.build("lenet-300-100", 1), run.start());
            Path checkpoint =
                    Files.createDirectories(folder.resolve("checkpoint")).resolve("checkpoint-00000001.bin");
            Files.writeString(checkpoint, "hours of work");
            Path best = Files.writeString(folder.resolve("checkpoint/best.pt"), "mine");
            Files.writeString(folder.resolve("report.json"), "");
            assertUnfinished(run);
            Files.delete(folder.resolve("report.json"));
            run.writeReport(Map.of("error_percent", 1));
            assertUnfinished(run);
            run.writeNetwork(Zoo.build("lenet-300-100", 1), run.pruned());
            byte[] good = Files.readAllBytes(run.pruned());
            Files.write(run.pruned(), Arrays.copyOf(good, good.length / 2));
            assertUnfinished(run);
            Files.write(run.pruned(), good);
            Files.writeString(folder.resolve("report.json"), "{}");
            assertUnfinished(run);
            Files.delete(folder.resolve("report.json"));
            run.writeReport(Map.of("error_percent", 1));
            assertThat(checkpoint).exists();
            run.tidyUp();
            assertThat(checkpoint).doesNotExist();
            assertThat(run.start()).doesNotExist();
            assertThat(best).hasContent("mine");
        }
    }

    private static void assertUnfinished(RunFolder run) {
        assertThat(run.isFinished()).isFalse();
        assertThatThrownBy(run::tidyUp).isInstanceOf(JobException.class).hasMessageContaining("checkpoints are kept");
        assertThat(run.start()).exists();
    }

    @Test
    void writeChecked_networkThatFails_isKeptUnderAnotherName() throws IOException {
        Graph graph = Zoo.build("lenet-300-100", 1);
        try (RunFolder run = RunFolder.create(folder)) {
            run.writeConfiguration(Map.of());
            Path other = folder.resolve("pruned-unchecked.onnx");
            assertThatThrownBy(() -> run.writeChecked(graph, run.pruned(), () -> {
                        Agreement none = new Agreement(List.of(new OutputAgreement("y", 7, 1, 0, 1, 1)));
                        return new ExportCheck(none.require().maxAbsDifference());
                    }))
                    .isInstanceOf(JobException.class)
                    .hasMessageContaining("7")
                    .hasMessageEndingWith("; the network is kept, but not as a result, as " + other);
            assertThat(run.pruned()).doesNotExist();
            assertThat(Files.readAllBytes(other)).isEqualTo(OnnxWriter.toBytes(graph));
            run.writeChecked(graph, run.pruned(), () -> new ExportCheck(0));
            assertThat(run.pruned()).exists();
            assertThat(other).doesNotExist();
        }
    }

    @Test
    void freePlace_isNoneOfTheRunsFiles_andNobodyElses() throws IOException {
        Path place = folder.resolve("run");
        Path link = Files.createSymbolicLink(folder.resolve("link"), place);
        try (RunFolder run = RunFolder.create(place)) {
            run.writeConfiguration(Map.of());
            Files.createDirectory(place.resolve("checkpoint"));
            for (String name : List.of(
                    "posterior.bin",
                    "run.yaml",
                    "run-files.json",
                    ".lock",
                    "metrics.jsonl",
                    "pruned.onnx",
                    "original.onnx.data",
                    "events.out.tfevents.1.espalier",
                    "checkpoint",
                    "checkpoint/checkpoint-00000001.bin")) {
                for (Path way : List.of(place.resolve(name), link.resolve(name), place.resolve("../run/" + name))) {
                    assertThatThrownBy(() -> run.requireFreePlace(way))
                            .as(way.toString())
                            .isInstanceOf(InputException.class)
                            .hasMessageContaining("must not be one of the run's own files");
                }
            }
            Path mine = Files.writeString(folder.resolve("mine.onnx"), "mine");
            assertThatThrownBy(() -> run.requireFreePlace(mine)).hasMessageContaining("does not hold what this run");
            Path out = folder.resolve("out.onnx");
            run.requireFreePlace(out);
            run.writeNetwork(Zoo.build("lenet-300-100", 1), out);
            run.requireFreePlace(out);
            run.writeNetwork(Zoo.build("lenet-300-100", 2), out);
            Files.move(place, folder.resolve("elsewhere"));
            try (RunFolder other = RunFolder.create(folder.resolve("other"))) {
                assertThatThrownBy(() -> other.requireFreePlace(out)).hasMessageContaining("does not hold");
            }
        }
    }

    @Test
    void folderOfTheData_isNotTheRuns() throws IOException {
        Path pictures = Files.createDirectories(folder.resolve("pictures/cats"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("pictures"));
        String data = "folder:" + link;
        for (Path bad : List.of(link, pictures.getParent(), pictures, pictures.resolve("runs/x"), link.resolve("x"))) {
            assertThatThrownBy(() -> RunPlace.requireOutside(bad, data))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("must not lie in the folder of the data");
        }
        RunPlace.requireOutside(folder.resolve("run"), data);
        RunPlace.requireOutside(pictures, "mnist");
    }

    @Test
    void ownFiles_replacedByOthers_areFoundBeforeTraining() throws IOException {
        Path victim = Files.createDirectory(folder.resolve("victim"));
        Path place = folder.resolve("run");
        try (RunFolder run = RunFolder.create(place)) {
            run.writeConfiguration(Map.of());
            run.appendMetrics(Map.of("epoch", 1));
            run.requireOwnFiles();
            Path checkpoint = Files.createSymbolicLink(place.resolve("checkpoint"), victim);
            assertThatThrownBy(run::requireOwnFiles).hasMessageContaining(checkpoint + ": is a link");
            Files.delete(checkpoint);
            Path report = Files.writeString(place.resolve("report.json"), "");
            assertThatThrownBy(run::requireOwnFiles).hasMessageContaining(report + ": does not hold");
            Files.delete(report);
            Files.writeString(place.resolve("metrics.jsonl"), "{\"epoch\":1}\n");
            assertThatThrownBy(run::requireOwnFiles).hasMessageContaining("metrics.jsonl: does not hold this run's");
        }
    }

    @Test
    void write_failing_keepsWhatWasThere() throws IOException {
        try (RunFolder run = RunFolder.create(folder)) {
            // A folder in the place where the new content is to be moved: it cannot be.
            Path there = Files.createDirectories(folder.resolve("file/x"));
            assertThatThrownBy(() -> run.write("file", new byte[] {2}))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("file: is a folder");
            assertThat(there).isDirectory();
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.map(f -> f.getFileName().toString()))
                        .containsExactlyInAnyOrder("file", "run-files.json", ".lock");
            }
        }
    }

    @Test
    void metrics_halfALineAfterACrash_isGoneOnceTheRunGoesOn() throws IOException {
        Path metrics = folder.resolve("metrics.jsonl");
        try (RunFolder run = RunFolder.create(folder)) {
            run.writeConfiguration(Map.of());
            for (int epoch = 1; epoch <= 3; epoch++) {
                run.appendMetrics(Map.of("epoch", epoch));
            }
        }
        Files.writeString(metrics, "{\"epoch\":4,\"lo", StandardOpenOption.APPEND);
        Path second = Files.createLink(folder.resolve("second name"), metrics);
        byte[] before = Files.readAllBytes(second);
        try (RunFolder run = RunFolder.open(folder)) {
            assertThatThrownBy(() -> run.appendMetrics(Map.of("epoch", 4)))
                    .as("this process did not begin the file")
                    .isInstanceOf(JobException.class);
            run.rewindMetrics(List.of(Map.of("epoch", 1), Map.of("epoch", 2)));
            run.appendMetrics(Map.of("again", 3));
            String start = "{'run':'" + run.id() + "',";
            assertThat(metrics()).containsExactly(start + "'epoch':1}", start + "'epoch':2}", start + "'again':3}");
        }
        assertThat(second).hasBinaryContent(before);
    }

    @Test
    void metrics_thatAreALink_areNeitherCutNorWritten() throws IOException {
        Path victim = Files.writeString(folder.resolve("db.bin"), "mine");
        try (RunFolder run = RunFolder.create(folder.resolve("run"))) {
            run.writeConfiguration(Map.of());
            Path link = Files.createSymbolicLink(run.path().resolve("metrics.jsonl"), victim);
            assertThatThrownBy(() -> run.appendMetrics(Map.of("epoch", 1))).isInstanceOf(JobException.class);
            assertThatThrownBy(() -> run.rewindMetrics(List.of())).isInstanceOf(InputException.class);
            Files.delete(link);
            run.appendMetrics(Map.of("epoch", 1));
            Files.delete(link);
            Files.createSymbolicLink(link, victim);
            assertThatThrownBy(() -> run.appendMetrics(Map.of("epoch", 2))).isInstanceOf(JobException.class);
        }
        assertThat(victim).hasContent("mine");
    }

    private List<String> metrics() throws IOException {
        return Files.readAllLines(folder.resolve("metrics.jsonl")).stream()
                .map(line -> line.replace('"', '\''))
                .toList();
    }
}
