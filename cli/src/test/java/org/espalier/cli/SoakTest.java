package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trains, kills, stops, resumes, shrinks and exports at random for as long as {@code -Dtests.soak.minutes} says: an hour. Nothing may get
 * lost: each run ends with the network of a run that nobody disturbed.
 */
@Tag("slow")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "sends SIGKILL and SIGTERM, which Windows does not have")
class SoakTest {
    private static final long SEED = Long.getLong("tests.seed", 20261121L);
    private static final double MINUTES = Double.parseDouble(System.getProperty("tests.soak.minutes", "60"));
    private static final int KINDS = 6;

    @TempDir
    private Path folder;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Map<String, Integer> counts = new TreeMap<>();
    private final Map<Integer, byte[]> undisturbed = new HashMap<>();
    private final Map<Integer, Long> millis = new HashMap<>();

    private void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }

    @Test
    void randomDisturbances_nothingIsLost() throws Exception {
        Path data = TinyMnist.write(folder.resolve("data"), 400, 100);
        Path config = Files.writeString(folder.resolve("config.yaml"), """
            noise: {epochsUntilFull: 0, learningRate: 0.1, weights: {groups: {"*": 0.4}}}
            batches: {size: 20}
            rule: {patienceEpochs: 1}
            finetuning: {averaging: 0.5}
            """);
        long end = System.nanoTime() + (long) (MINUTES * TimeUnit.MINUTES.toNanos(1));
        for (int number = 0; System.nanoTime() < end; number++) {
            int kind = random.nextInt(KINDS);
            if (!undisturbed.containsKey(kind)) {
                Path whole = folder.resolve("whole" + kind);
                long start = System.nanoTime();
                assertThat(finish(begin(whole, kind, data, config)).code()).isZero();
                millis.put(kind, (System.nanoTime() - start) / 1_000_000);
                undisturbed.put(kind, Files.readAllBytes(whole.resolve("pruned.onnx")));
            }
            Path run = folder.resolve("run" + number);
            disturb(run, kind, begin(run, kind, data, config));
            use(run, data);
            delete(run);
        }
        System.out.println("soak of " + MINUTES + " minutes, -Dtests.seed=" + SEED + ": " + counts);
        assertThat(counts).containsKeys("runs finished", "killed", "stopped", "resumed");
    }

    private static String[] begin(Path run, int kind, Path data, Path config) {
        return new String[] {
            "train",
            kind % 3 == 0 ? "lenet5" : "lenet-300-100",
            "--data=mnist",
            "--data-dir=" + data,
            "--config=" + config,
            "--pretrain-epochs=2",
            "--epochs=" + (kind % 3 == 0 ? 3 : 12),
            "--finetune-epochs=2",
            "--seed=" + kind,
            "--precision=float32",
            "--threads=1",
            "--bench-seconds=0.01",
            "--checkpoint-minutes=0.002",
            "--out=" + run
        };
    }

    private Run finish(String[] args) throws Exception {
        try (Child child = Child.start(folder, args)) {
            return child.end();
        }
    }

    /** Ends a run's process in one way or another until the run is finished. */
    private void disturb(Path run, int kind, String[] begin) throws Exception {
        String[] resume = {"train", "--resume=" + run, "--bench-seconds=0.01", "--checkpoint-minutes=0.002"};
        long length = millis.getOrDefault(kind, 1000L);
        while (!Files.exists(run.resolve("report.json"))) {
            boolean begun = Files.exists(run.resolve("run.yaml"));
            try (Child child = Child.start(folder, begun ? resume : begin)) {
                if (begun) {
                    count("resumed");
                }
                if (child.endsWithin(random.nextLong(2 * length))) {
                    assertThat(child.end().code()).as(child.end().err()).isZero();
                } else if (random.nextInt(3) == 0) {
                    child.signal("TERM");
                    Run stopped = child.end();
                    if (stopped.code() != 143) {
                        RunAssert.assertFinished(stopped);
                    }
                    count("stopped");
                } else {
                    child.kill();
                    count("killed");
                }
            }
        }
        assertThat(Files.readAllBytes(run.resolve("pruned.onnx"))).isEqualTo(undisturbed.get(kind));
        count("runs finished");
    }

    /** Other thresholds, measurements and exports of a finished run. */
    private void use(Path run, Path data) {
        List<String[]> commands = new ArrayList<>();
        commands.add(new String[] {"shrink", run.toString(), "--threshold=2", "--bench-seconds=0.01", "--json"});
        commands.add(new String[] {"sweep", run.toString(), "--from=0", "--to=2", "--step=1", "--json"});
        commands.add(new String[] {
            "eval", run.resolve("pruned.onnx").toString(), "--data=mnist", "--data-dir=" + data, "--json"
        });
        String[] one = commands.get(random.nextInt(commands.size()));
        Run used = Run.of(one);
        RunAssert.assertFinished(used);
        count(one[0]);
    }

    private static void delete(Path run) throws IOException {
        try (var files = Files.walk(run)) {
            for (Path p : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }
}
