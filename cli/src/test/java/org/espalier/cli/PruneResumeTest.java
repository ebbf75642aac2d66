package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.espalier.graph.ElementType;
import org.espalier.onnx.OnnxWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A foreign network's run that is stopped goes on from its normalised start, with its layers and pictures. */
class PruneResumeTest {
    @TempDir
    private Path folder;

    private String[] begin(Path model, String pictures, Path out) {
        return new String[] {
            "prune",
            model.toString(),
            "--data=" + pictures,
            "--out=" + out,
            "--only=stem,inner",
            "--no-teacher",
            "--strength=3",
            "--epochs=200",
            "--finetune-epochs=3",
            "--noise-learning-rate=0.1",
            "--precision=float32",
            "--threads=1",
            "--checkpoint-minutes=0.002",
            "--bench-seconds=0.01"
        };
    }

    private static boolean hasEpochs(Path run, int count) {
        try {
            Path metrics = run.resolve("metrics.jsonl");
            return Files.exists(metrics) && Files.readAllLines(metrics).size() >= count;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void halfPrecisionFile_stoppedAndResumed_endsWithTheSameFile() throws Exception {
        Path model = folder.resolve("model.onnx");
        OnnxWriter.write(Foreign.as(ElementType.FLOAT16, Foreign.residualChannelsLast()), model);
        String pictures = Foreign.pictures(folder.resolve("pictures"));
        Path whole = folder.resolve("whole");
        Run undisturbed = Run.of(begin(model, pictures, whole));
        RunAssert.assertFinished(undisturbed);

        Path run = folder.resolve("run");
        try (Child child = Child.start(folder.resolve("child"), begin(model, pictures, run))) {
            child.await(() -> hasEpochs(run, 5));
            boolean heard = child.stop();
            Run stopped = child.end();
            if (heard) {
                RunAssert.assertLastLine(stopped, 143, "go on with 'espalier prune --resume " + run + "'");
            }
        }
        assertThat(run.resolve("pruned.onnx")).doesNotExist();
        Files.delete(model);
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Files.move(folder.resolve("pictures"), elsewhere.resolve("pictures"));
        RunAssert.assertError(Run.of("prune", "--resume=" + run), 2, "pictures");
        String dataDir = "--data-dir=" + elsewhere;
        Run again = Run.of("prune", "--resume=" + run, dataDir, "--bench-seconds=0.01", "--json");
        RunAssert.assertReport(again);
        assertThat(again.err()).contains("going on after step");
        for (String name : List.of("original.onnx", "trained.onnx", "pruned.onnx", "posterior.bin")) {
            assertThat(Files.mismatch(run.resolve(name), whole.resolve(name)))
                    .as(name)
                    .isEqualTo(-1);
        }
        RunAssert.assertNoTemporaryFiles(run);
        RunAssert.assertReport(
                Run.of("shrink", run.toString(), dataDir, "--threshold=1.5", "--bench-seconds=0.01", "--json"));
    }
}
