package org.espalier.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.espalier.torch.Engine;

/** Trains for a number of steps in a process of its own and prints by how many bytes resident memory grew after the first 1,000. */
final class MemoryProbe implements TrainingListener {
    static final int WARM_UP = 1000;

    private long start;
    private long end;

    private MemoryProbe() {}

    public static void main(String[] args) throws IOException {
        int steps = Integer.parseInt(args[0]);
        Engine.start(1);
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 0;
        s.finetuneEpochs = 0;
        s.batchSize = 10;
        s.pruneEpochs = (WARM_UP + steps) / 50;
        // Cuts would fill oneDNN's cache with kernels for new shapes.
        s.patienceEpochs = 0;
        MemoryProbe probe = new MemoryProbe();
        new PruningRun(Toy.convolutional(), Toy.digits(), s.recipe(), Toy.SBP, probe).run();
        System.out.println(probe.end - probe.start);
    }

    @Override
    public void onStep(long done, long all) {
        if (done == WARM_UP) {
            start = resident();
        } else if (done == all) {
            end = resident();
        }
    }

    static long resident() {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/self/status"));
            String line = lines.stream()
                    .filter(l -> l.startsWith("VmRSS:"))
                    .findFirst()
                    .orElseThrow();
            return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
