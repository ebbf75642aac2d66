package org.espalier.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.espalier.method.PruningMethods;
import org.espalier.recipe.PruningTask;
import org.espalier.recipe.Recipes;
import org.espalier.testing.Fuzzer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Our own files, changed by somebody: the file's name, the key, what is expected and found. */
class SettingsFileTest {
    @TempDir
    private Path folder;

    private String configuration() throws IOException {
        RunConfiguration c = new RunConfiguration(
                "vgg-like",
                "cifar10",
                null,
                null,
                PruningMethods.SBPA,
                2,
                RunConfiguration.CPU,
                PruningTask.DEFAULT,
                Recipes.of("vgg-like"));
        try (RunFolder run = RunFolder.create(folder.resolve("made"))) {
            run.writeConfiguration(c);
        }
        return Files.readString(folder.resolve("made/run.yaml"));
    }

    private void read(String name, byte[] content) throws IOException {
        Path run = Files.createDirectories(folder.resolve("run"));
        Files.write(run.resolve(name), content);
        if (name.equals("report.json")) {
            RunFolder.readReport(run);
            return;
        }
        assertThat(ConfigurationFile.in(run).read(RunConfiguration.class)).isNotNull();
    }

    private void assertRefused(String name, String content, String message) {
        assertThatThrownBy(() -> read(name, content.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(folder.resolve("run").resolve(name) + ": ")
                .hasMessageContaining(message)
                .hasMessageNotContainingAny("com.fasterxml", "org.espalier", "java.");
    }

    static Stream<Arguments> changedConfigurations() {
        return Stream.of(
                Arguments.of(
                        "threads: 2(?=\\n)",
                        "threads: 2.7",
                        "'threads' must be a whole number of 32 bits, found '2.7'"),
                Arguments.of(
                        "threads: 2(?=\\n)", "threads:", "'threads' must be a whole number of 32 bits, found nothing"),
                Arguments.of("threads: 2(?=\\n)", "threads: 2\nfoo: 1", "'foo' is unknown"),
                Arguments.of(
                        "  seed: .*",
                        "  seed: 18446744073709551616",
                        "'recipe.batches.seed' must be a whole number of 64 bits"),
                Arguments.of(
                        "    epochs: .*",
                        "    epochs: 1.5",
                        "'recipe.pretraining.epochs' must be a whole number of 32 bits, found '1.5'"),
                Arguments.of(
                        "    momentum: .*",
                        "    momentum: many",
                        "'recipe.pretraining.momentum' must be a number, found 'many'"),
                Arguments.of(
                        "    momentum: .*",
                        "    momentum: 2",
                        "recipe 'pretraining.momentum': out of range, expected a number in [0, 1), found 2.0"),
                Arguments.of("    decide: .*", "    decide:", "'recipe.rule.decide' must be a text, found nothing"),
                Arguments.of("(?s)recipe:.*", "recipe: quick", "'recipe' must be settings by name, found 'quick'"),
                Arguments.of("(?s)recipe:.*", "recipe:", "'recipe' must be settings by name, found nothing"),
                Arguments.of("method: .*", "method: magic", "'method' must be one of ["),
                Arguments.of("(?s)network: .*", "network: [", "is not YAML"),
                Arguments.of("(?s)^.*$", "just words", "must hold settings by name, found 'just words'"),
                Arguments.of("(?s)^.*$", "", "must hold settings by name, found nothing"));
    }

    @ParameterizedTest
    @MethodSource("changedConfigurations")
    void configuration_changed_isRefusedByFileAndKey(String was, String is, String message) throws IOException {
        String good = configuration();
        read("run.yaml", good.getBytes(StandardCharsets.UTF_8));
        String bad = good.replaceFirst(was, Matcher.quoteReplacement(is));
        assertThat(bad).isNotEqualTo(good);
        assertRefused("run.yaml", bad, message);
    }

    @Test
    void settings_ofGigabytes_areRefusedBeforeTheyAreRead() throws IOException {
        Path file = folder.resolve("recipe.yaml");
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(3L << 30);
        }
        assertThatThrownBy(() -> RecipeFile.read(file, Recipes.of("lenet-fc")))
                .isInstanceOf(InputException.class)
                .hasMessage(file + ": must be a file of settings of at most 64 MiB, found 3072 MiB");
    }

    static Stream<Arguments> changedReports() {
        return Stream.of(
                Arguments.of("null", "must hold what a run came to by name"),
                Arguments.of("[1]", "must hold what a run came to by name"),
                Arguments.of("{\"a\": 1", "is not JSON"),
                Arguments.of("{\"a\": NaN}", "is not JSON"),
                Arguments.of("{} {}", "is not JSON"));
    }

    @ParameterizedTest
    @MethodSource("changedReports")
    void report_changed_isRefusedByFile(String content, String message) {
        assertRefused("report.json", content, message);
    }

    @Test
    @Tag("slow")
    void recipe_damaged_isReadOrRefused() throws IOException {
        Path file = folder.resolve("r.yaml");
        List<byte[]> corpus = List.of(
                "pruning: {epochs: 3, learningRate: 0.001}\nbatches:\n  seed: 7\n".getBytes(StandardCharsets.UTF_8),
                "recipe:\n  noise: {weights: {groups: {fc1: 2.0, '*': 0.5}}}\n  pruning: {optimizer: sgd}\n"
                        .getBytes(StandardCharsets.UTF_8),
                configuration().getBytes(StandardCharsets.UTF_8));
        List<String> words = List.of(
                "null",
                "~",
                "[",
                "]",
                "{",
                "}",
                ": ",
                "- ",
                "\n",
                "\n  ",
                "&a ",
                "*a",
                "!!int ",
                "<<: *a",
                "'",
                "\"",
                "#",
                ".nan",
                ".inf",
                "1e999",
                "1.5",
                "-1",
                "true",
                "99999999999999999999",
                "weights",
                "augmentation",
                "decide");
        Fuzzer.assertTakenOrRefused("YAML recipe", corpus, words, bytes -> {
            Files.write(file, bytes);
            return refusal(file, () -> RecipeFile.read(file, Recipes.of("vgg-like")));
        });
    }

    private interface Reading {
        void run() throws IOException;
    }

    private static String refusal(Path file, Reading reading) throws IOException {
        try {
            reading.run();
            return "";
        } catch (InputException e) {
            String message = String.valueOf(e.getMessage());
            return message.startsWith(file.toString()) ? "refused: " + message : "crash: does not name the file: " + e;
        }
    }
}
