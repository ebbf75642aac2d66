package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.espalier.onnx.OnnxWriter;
import org.espalier.zoo.Zoo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors and help: exit codes, one line, nothing on standard output. */
class EspalierCommandTest {
    @TempDir
    private Path folder;

    private static void assertError(Run run, int code, String... parts) {
        assertThat(run.code()).as(run.err()).isEqualTo(code);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).endsWith("\n").contains(parts).doesNotContain("\tat ");
        assertThat(run.err().strip().lines()).hasSize(1);
    }

    @Test
    void help_namesCommands_onStandardOutput() {
        Run run = Run.of("--help");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("Usage: espalier", "inspect", "bench", "eval", "--json");
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "train",
                "shrink",
                "sweep",
                "eval",
                "bench",
                "bench-train",
                "inspect",
                "reproduce",
                "prune"
            })
    void help_ofEveryCommand_tellsItsOptions(String command) {
        Run run = Run.of(command, "--help");
        assertThat(run.code()).isZero();
        assertThat(run.out().lines()).allMatch(line -> line.length() <= 100);
        assertThat(run.out()).contains("Usage: espalier " + command, "--json", "--verbose");
    }

    /** The errors of Java come from anywhere; here the result cannot be printed. */
    @Test
    void errorsOfJava_areOneLine() {
        Map<Error, String> lines = Map.of(
                new OutOfMemoryError("Java heap space"),
                        "out of memory (Java heap space): take smaller batches (--batch-size), or give Java more",
                new StackOverflowError(), "nested too deeply for Java's stack",
                new UnsatisfiedLinkError("no jnitorch"), "a native library cannot be loaded (no jnitorch)",
                new UnsatisfiedLinkError(
                                "linux-x86_64-gpu/libjnitorch.so: libcupti.so.13: cannot open shared object file"),
                        "this is the build for CUDA, whose libraries must be installed",
                new InternalError("a fault occurred"), "a fault occurred (unexpected InternalError");
        lines.forEach((error, line) -> {
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            PrintStream out = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8) {
                @Override
                public void print(@Nullable String text) {
                    throw error;
                }
            };
            int code = EspalierCommand.run(
                    new String[] {"inspect", "lenet-fc"}, out, new PrintStream(err, false, StandardCharsets.UTF_8));
            assertError(new Run(code, "", err.toString(StandardCharsets.UTF_8)), 1, "espalier: ", line);
        });
    }

    @Test
    void version_isOneLine() {
        assertThat(Run.of("--version").out().strip().lines())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("espalier ");
    }

    @Test
    void noArguments_showHelpAndFail() {
        Run run = Run.of();
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("Usage: espalier");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "inspekt | command 'inspekt' is unknown, did you mean 'inspect'?",
                "bensh   | command 'bensh' is unknown, did you mean 'bench'?",
                "--jsn   | option '--jsn' is unknown",
            })
    void unknownCommandOrOption_suggestsTheNearest(String word, String what) {
        assertError(Run.of(word), 2, "espalier: ", what);
    }

    @Test
    void missingOrWrongArguments_sayWhich() {
        assertError(Run.of("inspect"), 2, "espalier inspect: ", "MODEL.onnx|NETWORK", "--help");
        assertError(Run.of("eval", "lenet5"), 2, "--data");
        assertError(Run.of("bench", "lenet5", "--batch-size", "many"), 2, "--batch-size", "many");
        assertError(Run.of("bench", "lenet5", "--batch-size", "0"), 2, "--batch-size must be at least 1, found 0");
        assertError(
                Run.of("bench", "lenet5", "--threads", "-1"),
                2,
                "--threads: must be at least 1 and at most four times the");
        assertError(Run.of("bench", "lenet5", "--seconds", "NaN"), 2, "--seconds");
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "bench"})
    void unknownNetwork_suggestsTheNearest(String command) {
        assertError(Run.of(command, "lenet6"), 2, "'lenet6'", "did you mean 'lenet5'?");
        assertError(Run.of(command, "lenet5:x"), 2, "scale");
    }

    @Test
    void unknownDataSet_suggestsTheNearest() {
        assertError(Run.of("eval", "lenet5", "--data", "mnits"), 2, "'mnits'", "did you mean 'mnist'?");
    }

    @Test
    void missingDataSet_saysWhatToPutWhere() throws IOException {
        Files.writeString(folder.resolve("train-images-idx3-ubyte"), "cut");
        Run run = Run.of("eval", "lenet5", "--data", "mnist", "--offline", "--data-dir", folder.toString());
        assertError(run, 2, folder.toString());
    }

    @Test
    void missingFile_isNamed() {
        assertError(Run.of("inspect", folder.resolve("no.onnx").toString()), 2, "no.onnx", "no such file");
        assertError(Run.of("bench", folder.resolve("no.onnx").toString()), 2, "no.onnx", "no such file");
        assertError(
                Run.of("eval", folder.resolve("no.onnx").toString(), "--data", "digits"), 2, "no.onnx", "no such file");
    }

    @Test
    void badModelFiles_areNamedInEveryCommand() throws IOException {
        Path good = folder.resolve("good.onnx");
        OnnxWriter.write(Zoo.build("lenet-300-100", 1), good);
        byte[] bytes = Files.readAllBytes(good);
        Path truncated = Files.write(folder.resolve("truncated.onnx"), Arrays.copyOf(bytes, bytes.length / 2));
        Path empty = Files.write(folder.resolve("empty.onnx"), new byte[0]);
        Path text = Files.writeString(folder.resolve("text.onnx"), "this is no protobuf at all\n");
        for (Path bad : new Path[] {truncated, empty, text, folder}) {
            assertError(Run.of("inspect", bad.toString()), 2, bad.toString());
            assertError(Run.of("bench", good.toString(), bad.toString()), 2, bad.toString());
            assertError(Run.of("eval", bad.toString(), "--data", "digits"), 2, bad.toString());
        }
    }

    @Test
    void verbose_addsTheStackTrace_whereverItStands() {
        for (String[] args : new String[][] {{"--verbose", "inspect", "lenet6"}, {"inspect", "lenet6", "--verbose"}}) {
            Run run = Run.of(args);
            assertThat(run.code()).isEqualTo(2);
            assertThat(run.out()).isEmpty();
            assertThat(run.err()).contains("'lenet6'", "\tat org.espalier.");
        }
    }

    @Test
    void json_onError_leavesStandardOutputEmpty() {
        assertError(Run.of("--json", "inspect", "lenet6"), 2, "'lenet6'");
    }
}
