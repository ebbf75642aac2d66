package org.espalier.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.espalier.progress.TrainingListener;
import org.espalier.recipe.Recipe;
import org.espalier.torch.Engine;
import org.espalier.torch.Precision;

/**
 * Trains for a number of steps in a process of its own and prints, for each of so many equal parts of them, by how many bytes resident
 * memory grew. A thousand steps come before.
 */
final class MemoryProbe implements TrainingListener {
    static final int WARM_UP = 1000;

    private final long[] marks;
    private final int part;

    private MemoryProbe(int steps, int parts) {
        this.marks = new long[parts + 1];
        this.part = steps / parts;
    }

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
        MemoryProbe probe = new MemoryProbe(steps, Integer.parseInt(args[1]));
        Recipe recipe = s.recipe().withBatches(b -> b.withPrecision(Precision.valueOf(args[2])));
        new PruningRun(Toy.convolutional(), Toy.digits(), recipe, Toy.SBP, probe).run();
        for (int i = 1; i < probe.marks.length; i++) {
            System.out.println(probe.marks[i] - probe.marks[i - 1]);
        }
    }

    @Override
    public void onStep(long done, long all) {
        long after = done - WARM_UP;
        if (after >= 0 && after % part == 0 && after / part < marks.length) {
            marks[(int) (after / part)] = resident();
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
