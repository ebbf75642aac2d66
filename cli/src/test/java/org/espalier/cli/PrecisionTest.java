package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.espalier.torch.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --precision auto}: decided when a run begins, and kept. */
class PrecisionTest {
    private static final String DECIDED = Precision.AUTO.on("cpu").name();
    private static final String OTHER = DECIDED.equals("MIXED") ? "FLOAT32" : "MIXED";

    @TempDir
    private Path folder;

    private Path train() throws IOException {
        Path run = folder.resolve("run");
        Path data = TinyMnist.write(folder.resolve("mnist"), 60, 20);
        Run done = Run.of(
                "train",
                "lenet-300-100",
                "--data=mnist",
                "--data-dir=" + data,
                "--pretrain-epochs=1",
                "--epochs=1",
                "--finetune-epochs=1",
                "--precision=auto",
                "--bench-seconds=0.01",
                "--out=" + run);
        RunAssert.assertFinished(done);
        return run;
    }

    @Test
    void auto_isWrittenAsWhatWasDecided_andTheRunKeepsIt() throws IOException {
        Path run = train();
        Path file = run.resolve("run.yaml");
        String yaml = Files.readString(file);
        assertThat(yaml).contains("precision: \"" + DECIDED + "\"").doesNotContain("AUTO");
        // As if it had been begun on a machine that decides otherwise.
        Files.writeString(file, yaml.replace("\"" + DECIDED + "\"", "\"" + OTHER + "\""));
        for (String[] args : new String[][] {
            {"train", "--resume=" + run}, {"train", "--resume=" + run, "--precision=auto"},
        }) {
            Run again = Run.of(args);
            RunAssert.assertFinished(again);
        }
        assertThat(Files.readString(file)).contains("precision: \"" + OTHER + "\"");
        RunAssert.assertError(
                Run.of("train", "--resume=" + run, "--precision=" + DECIDED.toLowerCase(java.util.Locale.ROOT)),
                2,
                "precision " + OTHER);
    }
}
