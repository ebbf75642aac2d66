package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.espalier.onnx.OnnxWriter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands that documents show: all of them parse, and those that are quick are run. */
class DocumentedCommandsTest {
    /** What makes a command quick, unless it says otherwise itself. */
    private static final Map<String, List<String>> QUICK = Map.of(
            "inspect", List.of(),
            "prune", List.of("--epochs=2", "--finetune-epochs=1", "--threads=1", "--bench-seconds=0.05", "--out=OWN"),
            "eval", List.of("--threads=1"),
            "bench", List.of("--seconds=0.05"),
            "sweep", List.of("--step=0.5"),
            "shrink", List.of("--bench-seconds=0.05"));

    /** Data sets that must be downloaded or take long. */
    private static final Set<String> LARGE = Set.of("mnist", "cifar10", "fashion-mnist");

    @TempDir
    private static Path folder;

    private static String pictures = "";

    /** What the guide takes for granted: a network, its pictures, and a finished run. */
    @BeforeAll
    static void prepare() {
        pictures = Foreign.pictures(folder.resolve("pictures"));
        for (String name : List.of("model.onnx", "a.onnx", "b.onnx")) {
            OnnxWriter.write(Foreign.residual(), folder.resolve(name));
        }
        Run run = run("prune model.onnx --data folder:pictures", folder.resolve("run"));
        RunAssert.assertFinished(run);
    }

    static List<String> shown() {
        List<Path> files = new ArrayList<>(Documents.forNewcomers());
        files.addAll(Documents.all().stream()
                .filter(p -> p.startsWith(Documents.root().resolve("docs/benchmarks")))
                .toList());
        return files.stream()
                .flatMap(f -> Documents.commands(Documents.read(f)).stream())
                .distinct()
                .toList();
    }

    static Stream<String> quick() {
        return shown().stream().filter(DocumentedCommandsTest::isQuick);
    }

    private static boolean isQuick(String command) {
        String[] words = Documents.words(command);
        return QUICK.containsKey(words[0]) && Arrays.stream(words).noneMatch(LARGE::contains);
    }

    /** Runs a command whose results, where it has any, go into a folder. */
    private static Run run(String command, Path out) {
        List<String> args = new ArrayList<>();
        for (String word : Documents.words(command)) {
            boolean target = !args.isEmpty() && args.get(args.size() - 1).equals("--out");
            args.add(target ? out.toString() : placed(word));
        }
        for (String option : QUICK.getOrDefault(args.get(0), List.of())) {
            String name = option.substring(0, option.indexOf('='));
            if (!args.contains(name) && !args.contains("--resume")) {
                args.add(option.replace("OWN", out.toString()));
            }
        }
        return Run.of(args.toArray(String[]::new));
    }

    /** A relative name as it would be found in the prepared folder. */
    private static String placed(String word) {
        if (word.equals("folder:pictures")) {
            return pictures;
        }
        boolean relative = word.endsWith(".onnx") || word.equals("run") || word.startsWith("run/");
        return relative ? folder.resolve(word).toString() : word;
    }

    @ParameterizedTest
    @MethodSource("shown")
    void command_ofADocument_parses(String command) {
        assertThatCode(() -> EspalierCommand.commandLine().parseArgs(Documents.words(command)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @MethodSource("quick")
    void command_thatIsQuick_runs(String command) {
        Run run = run(command, folder.resolve("run" + Integer.toHexString(command.hashCode())));
        RunAssert.assertFinished(run);
        // A run that is finished has nothing more to say.
        assertThat(run.out().isBlank()).as(run.out()).isEqualTo(command.contains("--resume"));
    }

    /** What is counted here must not vanish from the documents unseen. */
    @Test
    void commands_ofTheGuide_areMany() {
        assertThat(shown()).hasSizeGreaterThan(35);
        assertThat(quick()).hasSizeGreaterThan(10);
        assertThat(Files.exists(folder.resolve("run/pruned.onnx"))).isTrue();
    }
}
