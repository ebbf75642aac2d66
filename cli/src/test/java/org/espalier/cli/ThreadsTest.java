package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.espalier.onnx.OnnxWriter;
import org.espalier.platform.ThreadLimit;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** More threads than a machine has a use for are refused before anything starts, wherever they are asked for. */
class ThreadsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train lenet5 --data digits",
                "prune MODEL --data digits",
                "demo",
                "eval lenet5 --data digits",
                "bench lenet5",
                "bench-train lenet5",
                "reproduce mnist --data digits"
            })
    void option_aboveFourPerProcessor_isRefused(String command) throws IOException {
        Path model = folder.resolve("model.onnx");
        OnnxWriter.write(Zoo.build("lenet-300-100", 1), model);
        String[] words = command.replace("MODEL", model.toString()).split(" ");
        for (int threads : new int[] {1_000_000, ThreadLimit.most() + 1}) {
            String[] args = Stream.concat(Stream.of(words), Stream.of("--threads=" + threads))
                    .toArray(String[]::new);
            RunAssert.assertError(
                    Run.of(args), 2, "--threads: must be at least 1", "1 to " + ThreadLimit.most(), "found " + threads);
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(model);
        }
    }

    @Test
    void runFile_aboveFourPerProcessor_isRefused_unlessOthersAreAskedFor() throws IOException {
        Path data = TinyMnist.write(folder.resolve("mnist"), 60, 20);
        Path run = folder.resolve("run");
        List<String> args = List.of(
                "train",
                "lenet-300-100",
                "--data=mnist",
                "--data-dir=" + data,
                "--pretrain-epochs=1",
                "--epochs=1",
                "--finetune-epochs=1",
                "--threads=1",
                "--bench-seconds=0.01",
                "--out=" + run);
        RunAssert.assertFinished(Run.of(args.toArray(String[]::new)));
        Path file = run.resolve("run.yaml");
        String yaml = Files.readString(file);
        assertThat(yaml).contains("threads: 1\n");
        Files.writeString(file, yaml.replace("threads: 1\n", "threads: 20000\n"));
        Files.delete(run.resolve("report.json"));
        OnnxWriter.write(Zoo.build("lenet-300-100", 0), run.resolve("start.onnx"));
        RunAssert.assertError(
                Run.of("train", "--resume=" + run), 2, "as run.yaml has them", "--threads", "found 20000");
        Run again = Run.of("train", "--resume=" + run, "--threads=1", "--bench-seconds=0.01");
        RunAssert.assertFinished(again);
    }

    @ParameterizedTest
    @ValueSource(strings = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"})
    void environment_aboveFourPerProcessor_isRefused(String variable) throws Exception {
        try (Child child = Child.start(
                folder, List.of(), List.of(), Map.of(variable, "1000000"), "bench-train", "lenet5", "--threads=1")) {
            RunAssert.assertError(child.end(), 2, "environment variable " + variable, "found 1000000");
        }
        try (Child child = Child.start(folder, List.of(), List.of(), Map.of(variable, "1000000"), "cache", "fill")) {
            RunAssert.assertError(child.end(), 2, "environment variable " + variable, "found 1000000");
        }
    }
}
