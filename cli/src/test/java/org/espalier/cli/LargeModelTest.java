package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.espalier.graph.GraphBuilder;
import org.espalier.onnx.OnnxWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model file that is large enough to be mapped into memory. */
class LargeModelTest {
    private static final long MAPPED_FROM = 16L << 20;
    private static final int WIDTH = 2100;

    @TempDir
    private Path folder;

    private static boolean hasEpoch(Path run) {
        try {
            Path metrics = run.resolve("metrics.jsonl");
            return Files.exists(metrics) && !Files.readAllLines(metrics).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    /** To read what a mapped file no longer has ends the process. */
    @Test
    void modelBecomesShort_whilePruneTrains_itGoesOn() throws Exception {
        GraphBuilder b = new GraphBuilder("large", 1);
        String x = b.relu("act1", b.gemm("first", b.input("numbers", 6), 6, WIDTH));
        x = b.relu("act2", b.gemm("second", x, WIDTH, WIDTH));
        b.output("predicted", b.gemm("last", x, WIDTH, 2), 2);
        Path model = folder.resolve("model.onnx");
        OnnxWriter.write(b.build(), model);
        assertThat(Files.size(model)).isGreaterThan(MAPPED_FROM);
        String data = Foreign.regressionData().write(folder.resolve("data.npz"));
        Path run = folder.resolve("run");
        String[] args = {
            "prune",
            model.toString(),
            "--data=" + data,
            "--out=" + run,
            "--epochs=2",
            "--finetune-epochs=1",
            "--batch-size=80",
            "--threads=1",
            "--bench-seconds=0.01",
            "--json"
        };
        try (Child child = Child.start(folder, args)) {
            child.await(() -> hasEpoch(run));
            Files.write(model, new byte[0]);
            Run ended = child.end();
            RunAssert.assertFinished(ended);
        }
    }
}
