package org.espalier.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.espalier.data.Splits;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.StoppedException;
import org.espalier.progress.TrainingException;
import org.espalier.progress.TrainingListener;
import org.espalier.torch.Engine;
import org.espalier.torch.Optimizer;
import org.espalier.train.PruningOutcome;
import org.espalier.train.PruningRun;
import org.espalier.train.PruningRunTest;
import org.espalier.train.Toy;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    private static final long SEED = Long.getLong("tests.seed", 20261121L);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** Thrown in the place of a kill. */
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Dies or stops at a step; remembers what it hears as a run's metrics file would. */
    private static final class Witness implements TrainingListener {
        final List<EpochMetrics> epochs = new ArrayList<>();
        final List<String> messages = new ArrayList<>();
        long killAt = Long.MAX_VALUE;
        long stopAt = Long.MAX_VALUE;
        long resumedAt = -1;
        private long step;

        @Override
        public void onResume(long done, long all, List<EpochMetrics> before) {
            resumedAt = done;
            epochs.clear();
            epochs.addAll(before);
        }

        @Override
        public void onStep(long done, long all) {
            step = done;
            if (done >= killAt) {
                throw new Killed();
            }
        }

        @Override
        public boolean shouldStop() {
            return step >= stopAt;
        }

        @Override
        public void onEpoch(EpochMetrics metrics) {
            epochs.add(metrics);
        }

        @Override
        public void onMessage(String line) {
            messages.add(line);
        }

        /** All that does not depend on the clock. */
        List<String> history() {
            return epochs.stream()
                    .map(m -> m.phase() + " " + m.epoch() + " " + m.loss() + " " + m.penalty() + " " + m.klShare() + " "
                            + m.objective() + " " + m.macs() + " " + m.heldOutErrorPercent() + " " + m.groups())
                    .toList();
        }
    }

    @BeforeAll
    static void oneThread() {
        Engine.start(1);
    }

    private static Toy.Settings settings() {
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 2;
        s.pruneEpochs = 8;
        s.finetuneEpochs = 2;
        s.optimizer = Optimizer.Rule.SGD;
        s.weightDecay = 1e-3;
        s.weightDecayStart = 1e-2;
        s.frozenStatistics = true;
        s.averaging = 0.6;
        s.pretrainDropout = Map.of("fc*", 0.3);
        s.finetuneDropout = Map.of("fc*", 0.1);
        s.distillation = 0.3;
        s.logSigmaFloor = -4;
        s.tolerance = 0.5;
        return s;
    }

    private PruningRun run(TrainingListener listener, int everySteps) {
        return new PruningRun(Toy.convolutional(), Toy.digits(), settings().recipe(), Toy.SBP, listener)
                .withCheckpoints(new CheckpointPolicy(folder, Duration.ofHours(1), everySteps));
    }

    /** The run that is never interrupted, and writes no checkpoints. */
    private static final class Reference {
        static final Witness WITNESS = new Witness();
        static final PruningOutcome OUTCOME =
                new PruningRun(Toy.convolutional(), Toy.digits(), settings().recipe(), Toy.SBP, WITNESS).run();
    }

    private static void assertReference(PruningOutcome out, Witness witness) {
        PruningRunTest.assertSame(out, Reference.OUTCOME);
        assertThat(witness.history()).isEqualTo(Reference.WITNESS.history());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    /** Runs until the listener kills it. */
    private void killAt(long step, int everySteps) {
        Witness witness = new Witness();
        witness.killAt = step;
        assertThatThrownBy(() -> run(witness, everySteps).run()).isInstanceOf(Killed.class);
    }

    /** An interrupt of the training thread while it waits, writes or computes means: stop here. */
    @Test
    void interrupt_writesACheckpoint_andIsConsumed_andTheRunGoesOnWithTheSameBits() {
        TrainingListener interrupts = new TrainingListener() {
            @Override
            public void onStep(long done, long all) {
                if (done == 31) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        assertThatThrownBy(() -> run(interrupts, 0).run())
                .isInstanceOf(StoppedException.class)
                .hasMessageContaining("after step 31 of");
        assertThat(Thread.interrupted()).isFalse();
        Witness witness = new Witness();
        assertReference(run(witness, 0).resume(), witness);
    }

    @Test
    void resume_killedAtTwentyRandomSteps_sameBits() throws IOException {
        List<Long> kills =
                new SplittableRandom(SEED).longs(20, 1, 120).sorted().boxed().toList();
        Witness witness = new Witness();
        for (long step : kills) {
            witness.killAt = step;
            assertThatThrownBy(() -> run(witness, 4).resume())
                    .as("killed at %s, -Dtests.seed=%s", kills, SEED)
                    .isInstanceOf(Killed.class);
        }
        witness.killAt = Long.MAX_VALUE;
        PruningOutcome out = run(witness, 4).resume();
        assertThat(witness.resumedAt).isPositive();
        assertReference(out, witness);
        assertThat(witness.messages).noneMatch(m -> m.contains("damaged"));
        assertThat(files()).hasSize(2);
    }

    @Test
    void resume_newestDamaged_takesTheOneBeforeAndSaysSo() throws IOException {
        killAt(57, 5);
        Path newest = files().get(1);
        byte[] bytes = Files.readAllBytes(newest);
        bytes[bytes.length / 2] ^= 1;
        Files.write(newest, bytes);
        Witness witness = new Witness();
        PruningOutcome out = run(witness, 0).resume();
        assertThat(witness.resumedAt).isBetween(40L, 54L);
        assertThat(witness.messages).anyMatch(m -> m.contains(newest.toString()) && m.contains("checksum"));
        assertReference(out, witness);
    }

    @Test
    void resume_fromTheOneBefore_theDamagedOneDoesNotCountAmongTheTwoThatAreKept() throws IOException {
        killAt(57, 5);
        Path newest = files().get(1);
        Files.write(newest, Arrays.copyOf(Files.readAllBytes(newest), 100));
        Witness witness = new Witness();
        witness.killAt = 58;
        assertThatThrownBy(() -> run(witness, 5).resume()).isInstanceOf(Killed.class);
        List<Path> left = files();
        assertThat(left).hasSize(2);
        Files.write(left.get(1), new byte[100]);
        Witness second = new Witness();
        PruningOutcome out = run(second, 0).resume();
        assertThat(second.resumedAt).as("there is still an intact one").isPositive();
        assertReference(out, second);
    }

    @Test
    void resume_allDamaged_isRefusedOnce_andRunBeginsAnew() throws IOException {
        killAt(33, 5);
        for (Path p : files()) {
            Files.write(p, Arrays.copyOf(Files.readAllBytes(p), 20));
        }
        List<Path> before = files();
        Witness witness = new Witness();
        assertThatThrownBy(() -> run(witness, 0).resume())
                .isInstanceOf(DamagedCheckpointsException.class)
                .hasMessage("checkpoints in " + folder
                        + ": all 2 are damaged (its checksum is wrong), so the run cannot go on; nothing was removed");
        assertThat(witness.messages).isEmpty();
        assertThat(files()).isEqualTo(before);
        assertReference(run(witness, 0).run(), witness);
        assertThat(files()).hasSize(2);
    }

    @Test
    void resume_theOnlyOneDamaged_isRefused() throws IOException {
        killAt(7, 5);
        assertThat(files()).hasSize(1);
        Files.write(files().get(0), new byte[3]);
        assertThatThrownBy(() -> run(new Witness(), 0).resume())
                .isInstanceOf(DamagedCheckpointsException.class)
                .hasMessageContaining("the only one is damaged");
    }

    @Test
    void run_folderThatIsALink_isRefused_andWhatItLeadsToStays() throws IOException {
        Path victim = Files.createDirectory(folder.resolve("victim"));
        Path file = Files.writeString(victim.resolve("checkpoint-00000001.bin"), "mine");
        Path link = Files.createSymbolicLink(folder.resolve("checkpoint"), victim);
        for (Consumer<PruningRun> start : List.<Consumer<PruningRun>>of(PruningRun::run, PruningRun::resume)) {
            PruningRun run = new PruningRun(
                            Toy.dense(), Toy.digits(), settings().recipe(), Toy.SBP, TrainingListener.silent())
                    .withCheckpoints(CheckpointPolicy.in(link));
            assertThatThrownBy(() -> start.accept(run))
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining(link + ": cannot be used: it is a link to another place");
        }
        assertThat(file).hasContent("mine");
        try (Stream<Path> left = Files.list(victim)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void remove_leavesOtherFiles_linksAndWhatTheyLeadTo() throws IOException {
        Path victim = Files.writeString(folder.resolve("victim"), "mine");
        Path checkpoints = Files.createDirectory(folder.resolve("checkpoint"));
        Files.writeString(checkpoints.resolve("checkpoint-00000001.bin"), "ours by its name");
        Path best = Files.writeString(checkpoints.resolve("best.pt"), "mine");
        Path link = Files.createSymbolicLink(checkpoints.resolve("checkpoint-00000002.bin"), victim);
        Path similar = Files.writeString(checkpoints.resolve("checkpoint-00000003.bin.bak"), "mine");
        Path temporary = Files.writeString(checkpoints.resolve(".best.pt.0123abcd.tmp"), "mine");
        new CheckpointStore(checkpoints).remove();
        try (Stream<Path> left = Files.list(checkpoints)) {
            assertThat(left).containsExactlyInAnyOrder(best, link, similar, temporary);
        }
        assertThat(victim).hasContent("mine");
        for (Path p : List.of(best, link, similar, temporary)) {
            Files.delete(p);
        }
        new CheckpointStore(checkpoints).remove();
        assertThat(checkpoints).doesNotExist();
    }

    @Test
    void resume_newestOfAnotherVersion_stopsAndKeepsEverything() throws IOException {
        killAt(33, 5);
        List<Path> before = files();
        Path newest = before.get(1);
        byte[] bytes = Files.readAllBytes(newest);
        bytes[7] = '4';
        // Who knows where another version has its checksum.
        Files.write(newest, Arrays.copyOf(bytes, bytes.length - 7));
        assertThatThrownBy(() -> run(new Witness(), 0).resume())
                .isInstanceOf(OtherRunException.class)
                .hasMessageContaining(newest.toString())
                .hasMessageContaining("this version's format, expected 3, found 4; go on with the version");
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void resume_newestCannotBeRead_stopsAndKeepsEverything() throws IOException {
        killAt(33, 5);
        // A folder in its place cannot be read by anybody, whoever runs this test.
        Path newest = Files.createDirectory(folder.resolve("checkpoint-00000099.bin"));
        List<Path> before = files();
        assertThatThrownBy(() -> run(new Witness(), 0).resume())
                .isInstanceOf(OtherRunException.class)
                .hasMessageContaining(newest.toString())
                .hasMessageContaining("cannot be read (")
                .hasMessageContaining("make it readable");
        assertThat(files()).isEqualTo(before);
    }

    /** As after a kill while the result is written and timed. */
    @Test
    void resume_afterTheLastStep_trainsNothingAgain() {
        run(new Witness(), 0).run();
        Witness witness = new Witness();
        witness.killAt = 1;
        PruningOutcome out = run(witness, 0).resume();
        assertThat(witness.resumedAt).isEqualTo(120);
        assertReference(out, witness);
    }

    @Test
    void shouldStop_writesACheckpointAtThatStep() {
        Witness witness = new Witness();
        witness.stopAt = 71;
        assertThatThrownBy(() -> run(witness, 0).run())
                .isInstanceOf(StoppedException.class)
                .hasMessageContaining("step 71 of 120")
                .hasMessageContaining(folder.toString());
        witness.stopAt = Long.MAX_VALUE;
        PruningOutcome out = run(witness, 0).resume();
        assertThat(witness.resumedAt).isEqualTo(71);
        assertReference(out, witness);
    }

    @Test
    void resume_otherSettings_isRefused() {
        killAt(15, 5);
        Toy.Settings other = settings();
        other.learningRate = 0.5;
        assertThatThrownBy(() -> new PruningRun(
                                Toy.convolutional(), Toy.digits(), other.recipe(), Toy.SBP, TrainingListener.silent())
                        .withCheckpoints(CheckpointPolicy.in(folder))
                        .resume())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("same settings")
                .hasMessageContaining("learningRate=0.5");
    }

    @Test
    void resume_otherContentsOfTheSameData_isRefused() {
        killAt(15, 5);
        Splits digits = Toy.digits();
        Splits others = new Splits(digits.train().withRandomLabels(1), digits.test());
        assertThatThrownBy(() -> new PruningRun(
                                Toy.convolutional(), others, settings().recipe(), Toy.SBP, TrainingListener.silent())
                        .withCheckpoints(CheckpointPolicy.in(folder))
                        .resume())
                .isInstanceOf(OtherRunException.class)
                .hasMessageContaining("same settings");
    }

    @Test
    void run_startsAnewAndRemovesWhatWasThere() throws IOException {
        killAt(15, 5);
        Files.writeString(folder.resolve(".checkpoint-00000009.bin.0123abcd.espalier.tmp"), "half");
        Files.writeString(folder.resolve("notes.txt"), "mine");
        Witness witness = new Witness();
        witness.killAt = 3;
        assertThatThrownBy(() -> run(witness, 0).run()).isInstanceOf(Killed.class);
        assertThat(files()).containsExactly(folder.resolve("notes.txt"));
    }

    @Test
    void run_folderThatIsAFile_saysSo() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        PruningRun run = new PruningRun(
                        Toy.dense(), Toy.digits(), settings().recipe(), Toy.SBP, TrainingListener.silent())
                .withCheckpoints(CheckpointPolicy.in(file));
        assertThatThrownBy(run::run)
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("cannot be used");
    }

    @Test
    void resume_withoutCheckpoints_isRefused() {
        PruningRun run =
                new PruningRun(Toy.dense(), Toy.digits(), settings().recipe(), Toy.SBP, TrainingListener.silent());
        assertThatThrownBy(run::resume).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void checkpointing_outOfRange_isRefused() {
        assertThatThrownBy(() -> new CheckpointPolicy(folder, Duration.ZERO, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("interval");
        assertThatThrownBy(() -> new CheckpointPolicy(folder, Duration.ofMinutes(1), -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("everySteps");
    }
}
