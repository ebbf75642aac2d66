package org.espalier.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.espalier.io.Sha256;
import org.espalier.progress.TrainingListener;
import org.espalier.testing.Fuzzer;
import org.espalier.torch.Engine;
import org.espalier.train.PruningRun;
import org.espalier.train.Toy;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged checkpoints under fitting checksums: {@link Fuzzer}. */
@Tag("slow")
class CheckpointFuzzTest {
    private static final int HASH = 32;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** Without the checksum at its end. */
    private byte[] checkpoint() throws IOException {
        Engine.start(1);
        Toy.Settings settings = Toy.settings();
        settings.pretrainEpochs = 1;
        settings.pruneEpochs = 1;
        settings.finetuneEpochs = 1;
        Path made = Files.createDirectories(folder.resolve("made"));
        new PruningRun(Toy.dense(), Toy.digits(), settings.recipe(), Toy.SBP, TrainingListener.silent())
                .withCheckpoints(new CheckpointPolicy(made, Duration.ofHours(1), 3))
                .run();
        try (Stream<Path> files = Files.list(made)) {
            byte[] file =
                    Files.readAllBytes(files.min(Comparator.naturalOrder()).orElseThrow());
            return Arrays.copyOf(file, file.length - HASH);
        }
    }

    @Test
    void checkpoint_damaged_isReadOrRefused() throws IOException {
        byte[] valid = checkpoint();
        Path kept = Files.createDirectories(folder.resolve("fuzz"));
        Path file = kept.resolve("checkpoint-00000001.bin");
        CheckpointStore store = new CheckpointStore(kept);
        Fuzzer.assertTakenOrRefused(
                "checkpoint", List.of(valid), List.of("FLOAT", "PRUNING", "Gemm", "\0\0\0\1"), body -> {
                    byte[] sum = Sha256.digest().digest(body);
                    byte[] whole = Arrays.copyOf(body, body.length + HASH);
                    System.arraycopy(sum, 0, whole, body.length, HASH);
                    Files.write(file, whole);
                    try {
                        StringBuilder warned = new StringBuilder();
                        return store.latest(w -> warned.append("refused: ").append(w)) == null ? warned.toString() : "";
                    } catch (OtherRunException | DamagedCheckpointsException e) {
                        return "refused: " + e.getMessage();
                    }
                });
    }
}
