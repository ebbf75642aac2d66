package org.espalier.train;

import java.nio.file.Path;
import java.time.Duration;
import org.espalier.checkpoint.CheckpointPolicy;
import org.espalier.io.Sha256;
import org.espalier.onnx.OnnxWriter;
import org.espalier.progress.TrainingListener;
import org.espalier.torch.Engine;

/** Goes on with a run in a folder, in a process of its own, and prints the SHA-256 of the network that it ends with. */
final class KilledProcess implements TrainingListener {
    private KilledProcess() {}

    public static void main(String[] args) {
        System.out.println(hash(Path.of(args[0]), new KilledProcess()));
    }

    static String hash(Path folder, TrainingListener listener) {
        Engine.start(1);
        PruningOutcome out = new PruningRun(
                        Toy.convolutional(), Toy.digits(), Toy.settings().recipe(), Toy.SBP, listener)
                .withCheckpoints(new CheckpointPolicy(folder, Duration.ofHours(1), 3))
                .resume();
        byte[] bytes = OnnxWriter.toBytes(out.pruned());
        return Sha256.of(bytes);
    }

    /** Every step takes a while, so that there is time to kill it. */
    @Override
    public void onStep(long done, long all) {
        System.out.println("step " + done);
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
