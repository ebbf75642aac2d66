package org.espalier.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.espalier.data.Splits;
import org.espalier.data.sources.DataSets;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.method.PruningMethods;
import org.espalier.onnx.OnnxReader;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.StoppedException;
import org.espalier.recipe.Recipe;
import org.espalier.shapes.Cost;
import org.espalier.torch.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EspalierTest {
    private static final Splits DIGITS = DataSets.digits(200, 60, 1);
    private static final Duration SHORT = Duration.ofMillis(20);

    @TempDir
    private Path folder;

    /** 784 inputs, 24 hidden units, ten classes. */
    private static Graph dense() {
        GraphBuilder b = new GraphBuilder("dense", 5);
        String x = b.flatten("flatten", b.input("input", 1, 28, 28));
        x = b.relu("relu1", b.gemm("fc1", x, 784, 24));
        b.output("logits", b.gemm("fc2", x, 24, 10), 10);
        return b.build();
    }

    private static Recipe exact(Recipe r) {
        return r.withPrecision(Precision.FLOAT32).withBatches(b -> b.withSize(20));
    }

    private static PruneRequest prune(JobListener listener) {
        return Espalier.prune(dense())
                .data("digits", DIGITS)
                .recipe(EspalierTest::exact)
                .epochs(0, 4, 1)
                .threads(1)
                .timing(SHORT)
                .listener(listener);
    }

    /** What a listener hears, in order. */
    private static final class Heard implements JobListener {
        private final List<JobPhase> phases = new ArrayList<>();
        private final List<String> epochs = new ArrayList<>();
        private final List<JobMessage.Code> codes = new ArrayList<>();

        @Override
        public void onPhase(JobPhase phase) {
            phases.add(phase);
        }

        @Override
        public void onEpoch(EpochMetrics m) {
            epochs.add(m.phase() + " " + m.epoch());
        }

        @Override
        public void onMessage(JobMessage message) {
            codes.add(message.code());
        }
    }

    @Test
    void prune_graph_doesAllParts_andGivesEveryFigureOfTheReport() throws IOException {
        Heard heard = new Heard();
        PruningResult result = prune(heard).into(folder.resolve("run"));
        assertThat(heard.phases).containsExactly(JobPhase.values());
        assertThat(heard.epochs).hasSize(5);
        assertThat(heard.codes).contains(JobMessage.Code.PLAN);
        assertThat(result.pruned()).isEqualTo(folder.resolve("run/pruned.onnx"));
        assertThat(Json.map(RunFolder.readReport(result.folder())).keySet())
                .isEqualTo(result.report().data().keySet());
        assertThat(result.report().pruned().parameters())
                .isEqualTo(Cost.of(OnnxReader.read(result.pruned())).parameters());
        assertThat(result.report().proof().maxAbsDifference()).isLessThan(1e-3);
        assertThat(Files.readAllLines(result.folder().resolve("metrics.jsonl"))).hasSize(5);
        assertThat(result.folder().resolve("checkpoint")).doesNotExist();
    }

    @Test
    void train_network_givesOriginalAndPruned() {
        PruningResult result = Espalier.train("lenet-300-100")
                .data("digits", DIGITS)
                .method(PruningMethods.SBP)
                .epochs(1, 1, 1)
                .threads(1)
                .timing(SHORT)
                .into(folder.resolve("run"));
        assertThat(result.original()).exists();
        assertThat(result.pruned()).exists();
        assertThat(result.report().data()).containsEntry("method", "sbp").containsEntry("epochs", "1+1+1");
    }

    @Test
    void into_folderWithARun_isRefusedBeforeDataAreOpened() {
        prune(JobListener.NONE).epochs(0, 1, 0).into(folder);
        RunData never = RunData.named("no such data");
        assertThatThrownBy(() -> prune(JobListener.NONE).data(never).into(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("already holds a run");
    }

    @Test
    void prune_withoutData_isRefused() {
        assertThatThrownBy(() -> Espalier.prune(dense()).into(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data must be given");
        assertThat(folder).isEmptyDirectory();
    }

    /** An interrupt in the middle of an epoch leaves a checkpoint, and the run that goes on from it ends with the same bytes. */
    @Test
    void interrupt_stopsWithACheckpoint_andTheRunThatGoesOnIsTheSame() throws Exception {
        Path whole = prune(JobListener.NONE).into(folder.resolve("whole")).pruned();
        AtomicReference<Future<?>> job = new AtomicReference<>();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Boolean> marked = new AtomicReference<>();
        Path stopped = folder.resolve("stopped");
        JobListener cancels = new JobListener() {
            @Override
            public void onEpoch(EpochMetrics m) {
                Future<?> f = job.get();
                if (m.epoch() == 2 && f != null) {
                    f.cancel(true);
                }
            }
        };
        ExecutorService one = Executors.newSingleThreadExecutor();
        try {
            CountDownLatch known = new CountDownLatch(1);
            job.set(one.submit(() -> {
                known.await();
                try {
                    prune(cancels).into(stopped);
                } catch (RuntimeException e) {
                    thrown.set(e);
                }
                marked.set(Thread.currentThread().isInterrupted());
                return null;
            }));
            known.countDown();
        } finally {
            one.shutdown();
        }
        assertThat(one.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(thrown.get()).isInstanceOf(StoppedException.class).hasMessageContaining("go on with the run in");
        assertThat(marked.get()).isFalse();
        assertThat(stopped.resolve("checkpoint")).isNotEmptyDirectory();
        assertThat(stopped.resolve("pruned.onnx")).doesNotExist();
        try (RunFolder run = RunFolder.open(stopped)) {
            RunConfiguration c = run.readConfiguration(RunConfiguration.class);
            SourceModel start = SourceModel.of(c.network(), OnnxReader.read(run.start()));
            new PruningJob(c, run, JobListener.NONE)
                    .timing(SHORT)
                    .checkpoints(new PruningJob.Checkpointing(Duration.ofHours(1), true, "resume"))
                    .run(start, DIGITS);
        }
        assertThat(Files.mismatch(stopped.resolve("pruned.onnx"), whole)).isEqualTo(-1);
    }
}
