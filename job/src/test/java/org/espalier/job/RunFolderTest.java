package org.espalier.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.espalier.method.PruningMethods;
import org.espalier.recipe.PruningTask;
import org.espalier.recipe.Recipes;
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
                assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder("run.yaml", ".lock");
            }
        }
    }

    /** Whoever has finished runs of an older version can still shrink them, and 'reproduce' takes them as they are. */
    @Test
    void configuration_ofAnOlderVersion_isRead() throws IOException {
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
            Path file = folder.resolve("run.yaml");
            String text = Files.readString(file);
            String older = text.replaceAll("(?m)^  (weightDecayStart|frozenStatistics): .*\\R", "")
                    .replace("task:\n", "task:\n  frozenStatistics: false\n");
            assertThat(older).isNotEqualTo(text).doesNotContain("weightDecayStart");
            Files.writeString(file, older);
            assertThat(run.readConfiguration(RunConfiguration.class)).isEqualTo(now);
        }
    }

    @Test
    void configuration_damaged_isAnError() throws IOException {
        Files.writeString(folder.resolve("run.yaml"), "network: [\n");
        try (RunFolder run = RunFolder.open(folder)) {
            assertThatThrownBy(() -> run.readConfiguration(Settings.class))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("run.yaml");
        }
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
        Path half = folder.resolve(".start.onnx.6cc93569.tmp");
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
    void write_failing_keepsWhatWasThere() throws IOException {
        try (RunFolder run = RunFolder.create(folder)) {
            // A folder in the place where the new content is to be moved: it cannot be.
            Path there = Files.createDirectories(folder.resolve("file/x"));
            assertThatThrownBy(() -> run.write("file", new byte[] {2}))
                    .isInstanceOf(JobException.class)
                    .hasMessageContaining("file cannot be written");
            assertThat(there).isDirectory();
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder("file", ".lock");
            }
        }
    }

    @Test
    void metrics_halfALineAfterACrash_isCutOff_andRewound() throws IOException {
        try (RunFolder run = RunFolder.create(folder)) {
            run.writeConfiguration(Map.of());
            for (int epoch = 1; epoch <= 3; epoch++) {
                run.appendMetrics(Map.of("epoch", epoch));
            }
        }
        Files.writeString(folder.resolve("metrics.jsonl"), "{\"epoch\":4,\"lo", StandardOpenOption.APPEND);
        try (RunFolder run = RunFolder.open(folder)) {
            assertThat(metrics()).containsExactly("{'epoch':1}", "{'epoch':2}", "{'epoch':3}");
            run.rewindMetrics(List.of(Map.of("epoch", 1), Map.of("epoch", 2)));
            run.appendMetrics(Map.of("again", 3));
            assertThat(metrics()).containsExactly("{'epoch':1}", "{'epoch':2}", "{'again':3}");
        }
    }

    private List<String> metrics() throws IOException {
        return Files.readAllLines(folder.resolve("metrics.jsonl")).stream()
                .map(line -> line.replace('"', '\''))
                .toList();
    }
}
