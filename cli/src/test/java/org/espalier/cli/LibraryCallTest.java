package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.espalier.data.DataSet;
import org.espalier.data.sources.DataSets;
import org.espalier.job.Espalier;
import org.espalier.job.Json;
import org.espalier.job.PruningResult;
import org.espalier.job.RunFolder;
import org.espalier.onnx.OnnxWriter;
import org.espalier.torch.Precision;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryCallTest {
    @TempDir
    private Path folder;

    /** Digits as a file, so that command and library are given the same by the same name. */
    private String digits() {
        int count = 200;
        DataSet drawn = DataSets.digits(count, 1, 1).train();
        int size = drawn.inputs().get(0).elements();
        float[] x = new float[count * size];
        long[] y = new long[count];
        for (int i = 0; i < count; i++) {
            drawn.readFloats(0, i, x, i * size);
            y[i] = drawn.label(i);
        }
        return new Npz().floats("x", x, count, 1, 28, 28).longs("y", y, count).write(folder.resolve("digits.npz"));
    }

    @Test
    void prune_byTheLibrary_givesTheSameBytesAndFiguresAsTheCommand() throws Exception {
        String data = digits();
        Path model = folder.resolve("model.onnx");
        OnnxWriter.write(Zoo.build("lenet-300-100", 1), model);
        Path command = folder.resolve("command");
        Run run = Run.of(
                "prune",
                model.toString(),
                "--data=" + data,
                "--epochs=3",
                "--finetune-epochs=1",
                "--batch-size=20",
                "--precision=float32",
                "--tolerance=0.1",
                "--threads=1",
                "--bench-seconds=0.02",
                "--out=" + command);
        RunAssert.assertFinished(run);
        PruningResult result = Espalier.prune(model)
                .data(data)
                .epochs(0, 3, 1)
                .batchSize(20)
                .recipe(r -> r.withPrecision(Precision.FLOAT32))
                .tolerance(0.1)
                .threads(1)
                .timing(Duration.ofMillis(20))
                .into(folder.resolve("library"));
        for (String name : new String[] {"original.onnx", "trained.onnx", "pruned.onnx", "posterior.bin"}) {
            assertThat(Files.mismatch(command.resolve(name), result.folder().resolve(name)))
                    .as(name)
                    .isEqualTo(-1);
        }
        assertThat(Json.map(RunFolder.readReport(command)).keySet())
                .isEqualTo(result.report().data().keySet());
    }
}
