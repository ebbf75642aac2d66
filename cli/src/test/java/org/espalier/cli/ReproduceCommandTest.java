package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.espalier.checkpoint.CheckpointPolicy;
import org.espalier.cli.console.Console;
import org.espalier.cli.options.DataChoice;
import org.espalier.data.ImageOptions;
import org.espalier.data.Splits;
import org.espalier.data.sources.DataSets;
import org.espalier.job.RunConfiguration;
import org.espalier.job.RunFolder;
import org.espalier.method.PruningMethods;
import org.espalier.onnx.OnnxReader;
import org.espalier.onnx.OnnxWriter;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.StoppedException;
import org.espalier.progress.TrainingListener;
import org.espalier.recipe.TrainingPhase;
import org.espalier.train.PruningRun;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReproduceCommandTest {
    @TempDir
    private Path folder;

    private Run reproduce(String... more) {
        List<String> args = new ArrayList<>(List.of(
                "reproduce",
                "mnist",
                "--data-dir=" + folder.resolve("mnist"),
                "--pretrain-epochs=1",
                "--finetune-epochs=1",
                "--bench-seconds=0.02",
                "--out=" + folder.resolve("runs")));
        args.addAll(List.of(more));
        return Run.of(args.toArray(String[]::new));
    }

    @Test
    void table_publishedBesideMeasured_goesOnWhereItWasStopped() throws IOException {
        TinyMnist.write(folder.resolve("mnist"), 400, 100);
        JsonNode first =
                RunAssert.assertJson(reproduce("--epochs=1", "--methods=sbp", "--networks=lenet-fc", "--json"));
        assertThat(first.path("rows").findValuesAsText("method"))
                .containsExactly("Original", "SparseVD", "SSL", "StructuredBP", "Original", "StructuredBP");
        assertThat(first.path("rows").findValuesAsText("source"))
                .containsExactly(
                        "published", "published", "published", "published", "measured, seed 1", "measured, seed 1");
        assertThat(first.path("rows").findValuesAsText("epochs")).containsExactly("1", "1+1+1");
        Path done = folder.resolve("runs/lenet-fc-sbp-seed1/pruned.onnx");
        FileTime time = Files.getLastModifiedTime(done);
        // A run that has hardly begun, as a kill leaves it.
        Path half = folder.resolve("runs/lenet5-sbp-seed1");
        try (RunFolder run = RunFolder.create(half)) {
            run.writeNetwork(Zoo.build("lenet-300-100", 1), run.start());
        }

        Run all = reproduce("--epochs=1", "--methods=sbp", "--json");
        JsonNode rows = RunAssert.assertJson(all).path("rows");
        assertThat(all.err()).contains("lenet-fc-sbp-seed1 is finished already");
        assertThat(Files.getLastModifiedTime(done)).isEqualTo(time);
        assertThat(rows).hasSize(12);
        for (int i = 0; i < 6; i++) {
            assertThat(rows.path(i)).isEqualTo(first.path("rows").path(i));
        }
        assertThat(Files.readAllLines(half.resolve("metrics.jsonl"))).hasSize(2);
        JsonNode row = rows.path(11);
        for (String key :
                List.of("error_percent", "cpu_speedup", "cpu_speedup_batch_100", "flops_ratio", "wall_seconds")) {
            assertThat(row.path(key).asDouble(-1)).as(key).isNotNegative();
        }
        assertThat(rows.path(10).path("units_per_layer").asText()).isEqualTo("20-50-800-500");

        String table = reproduce("--epochs=1", "--methods=sbp").out();
        assertThat(table).contains("StructuredBP", "3-18-284-283", "10.49x", "measured, seed 1");
        RunAssert.assertLastLine(
                reproduce("--epochs=2", "--methods=sbp"),
                2,
                "holds another run, with pruning.epochs 1 and not 2",
                "--out");
    }

    @Test
    void originalAlone_isOneMeasuredRow_howeverOftenItIsNamed_andTheSeedCounts() throws IOException {
        TinyMnist.write(folder.resolve("mnist"), 100, 50);
        JsonNode rows = RunAssert.assertJson(reproduce(
                        "--epochs=1",
                        "--methods=original,original",
                        "--networks=lenet-300-100,lenet-300-100",
                        "--seeds=4,4",
                        "--json"))
                .path("rows");
        assertThat(rows.findValuesAsText("method")).containsExactly("Original");
        assertThat(folder.resolve("runs/lenet-300-100-original-seed4")).isDirectory();
    }

    @Test
    void original_isNotMadeAgain_whenOnlyWhatComesLaterChanges() throws IOException {
        TinyMnist.write(folder.resolve("mnist"), 100, 50);
        List<String> same = List.of("--methods=original", "--networks=lenet-300-100");
        assertThat(reproduce(same.toArray(String[]::new)).code()).isZero();
        String[] later = {"--methods=sbpa", "--networks=lenet-300-100", "--strength=3", "--epochs=1"};
        Run other = reproduce(later);
        assertThat(other.code()).isZero();
        assertThat(other.err()).contains("lenet-300-100-original-seed1 is finished already");
        assertThat(reproduce(later).err()).contains("lenet-300-100-sbpa-seed1 is finished already");
        Run smaller = reproduce(
                Stream.concat(same.stream(), Stream.of("--batch-size=50")).toArray(String[]::new));
        RunAssert.assertLastLine(smaller, 2, "holds another run, with batches.size ", " and not 50; choose");
        Run elsewhere = reproduce(
                Stream.concat(same.stream(), Stream.of("--data=digits")).toArray(String[]::new));
        RunAssert.assertLastLine(elsewhere, 2, "holds another run, with data mnist and not digits; choose");
    }

    @Test
    void checkpointsBesideAConfigurationThatCannotBeRead_areKept() throws IOException {
        TinyMnist.write(folder.resolve("mnist"), 100, 50);
        Path begun = folder.resolve("runs/lenet-300-100-original-seed1");
        Path checkpoint = Files.createDirectories(begun.resolve("checkpoint")).resolve("checkpoint-00000001.bin");
        Files.writeString(checkpoint, "hours of work");
        Files.writeString(begun.resolve("run.yaml"), "network: [");
        RunAssert.assertLastLine(
                reproduce("--methods=original", "--networks=lenet-300-100"), 2, "run.yaml", "is not YAML");
        assertThat(checkpoint).hasContent("hours of work");
    }

    @Test
    void rowOfAnOriginalThatIsAnotherNow_isRefused() throws IOException {
        TinyMnist.write(folder.resolve("mnist"), 100, 50);
        String[] options = {"--methods=sbp", "--networks=lenet-300-100", "--epochs=1"};
        assertThat(reproduce(options).code()).isZero();
        OnnxWriter.write(
                Zoo.build("lenet-300-100", 9), folder.resolve("runs/lenet-300-100-original-seed1/original.onnx"));
        RunAssert.assertLastLine(reproduce(options), 2, "lenet-300-100-sbp-seed1", "began with another network");
    }

    @Test
    void optionsThatWouldDoNothing_orTwoThings_areRefused() {
        RunAssert.assertError(
                reproduce("--lasso=3", "--methods=sbpa"), 2, "--lasso does nothing", "expected one of ssl");
        RunAssert.assertError(reproduce("--strength=3", "--methods=original,sbp"), 2, "does nothing", "original,sbp");
        RunAssert.assertError(reproduce("--kl-weights=fc1=3", "--methods=ssl"), 2, "--kl-weights does nothing");
        RunAssert.assertError(reproduce("--kl-weights=conv1=3"), 2, "lenet-fc", "'conv1'", "no group has such a name");
        RunAssert.assertError(reproduce("--threshold=2", "--decide=bmrs-n"), 2, "--threshold does nothing");
        RunAssert.assertError(reproduce("--seed=5", "--seeds=1,2"), 2, "--seed and --seeds", "choose one");
        RunAssert.assertError(
                Run.of("reproduce", "random-labels", "--finetune-epochs=1", "--data=digits"),
                2,
                "random-labels trains both networks for --epochs");
    }

    @Test
    void unfinishedRun_ofOtherSettings_isRefused_andNothingIsLost() throws IOException {
        TinyMnist.write(folder.resolve("mnist"), 100, 50);
        List<String> same = List.of("--methods=original", "--networks=lenet-300-100");
        assertThat(reproduce(same.toArray(String[]::new)).code()).isZero();
        Path begun = folder.resolve("runs/lenet-300-100-original-seed1");
        Files.delete(begun.resolve("report.json"));
        byte[] metrics = Files.readAllBytes(begun.resolve("metrics.jsonl"));
        Run other = reproduce(
                Stream.concat(same.stream(), Stream.of("--batch-size=50")).toArray(String[]::new));
        RunAssert.assertLastLine(other, 2, "holds another run, with batches.size ", " and not 50; choose");
        assertThat(Files.readAllBytes(begun.resolve("metrics.jsonl"))).isEqualTo(metrics);
        Run again = Run.of(
                "reproduce",
                "mnist",
                "--data-dir=" + folder.resolve("runs/../mnist"),
                "--pretrain-epochs=1",
                "--finetune-epochs=1",
                "--bench-seconds=0.02",
                "--methods=original",
                "--networks=lenet-300-100",
                "--threads=1",
                "--out=" + folder.resolve("mnist/../runs"));
        assertThat(again.code()).isZero();
        assertThat(begun.resolve("report.json")).isRegularFile();
    }

    @Test
    void allMethods_beginWithTheOriginal_withTheQuickBudget() throws IOException {
        TinyMnist.write(folder.resolve("mnist"), 300, 50);
        Run run = Run.of(
                "reproduce",
                "mnist",
                "--data-dir=" + folder.resolve("mnist"),
                "--quick",
                "--networks=lenet-300-100",
                "--epochs=1",
                "--bench-seconds=0.02",
                "--out=" + folder.resolve("runs"),
                "--json");
        JsonNode rows = RunAssert.assertJson(run).path("rows");
        assertThat(rows.findValuesAsText("method"))
                .containsExactly("Original", "SparseVD", "SSL", "StructuredBP", "StructuredBPa");
        assertThat(rows.findValuesAsText("epochs")).containsExactly("2", "2+1+1", "2+1+1", "2+1+0", "2+1+1");
        for (String method : List.of("sparsevd", "ssl", "sbp", "sbpa")) {
            Path own = folder.resolve("runs/lenet-300-100-" + method + "-seed1");
            assertThat(Files.readString(own.resolve("run.yaml")))
                    .contains("lenet-300-100-original-seed1/original.onnx");
            assertThat(own.resolve("checkpoint")).doesNotExist();
            assertThat(RunFolder.readReport(own).path("original_error_percent").asDouble())
                    .isEqualTo(rows.path(0).path("error_percent").asDouble());
        }
    }

    @Test
    void interruptedRun_goesOnFromItsCheckpoint() throws IOException {
        TinyMnist.write(folder.resolve("mnist"), 300, 50);
        Path runs = folder.resolve("runs");
        String[] options = {"--epochs=2", "--methods=sbp", "--networks=lenet-300-100", "--json"};
        RunAssert.assertJson(reproduce(options));
        Path whole = Files.move(runs.resolve("lenet-300-100-sbp-seed1"), folder.resolve("whole"));
        Path half = Files.createDirectories(runs.resolve("lenet-300-100-sbp-seed1"));
        for (String name : List.of("run.yaml", "run-files.json")) {
            Files.copy(whole.resolve(name), half.resolve(name));
        }
        String line = Files.readAllLines(whole.resolve("metrics.jsonl")).get(0);
        Files.writeString(half.resolve("metrics.jsonl"), line + "\n" + line + "\n" + line.substring(0, 60));
        interrupt(whole, half);

        Run again = reproduce(options);
        RunAssert.assertJson(again);
        assertThat(again.err()).contains("going on after step 2 of 6");
        assertThat(half.resolve("start.onnx")).doesNotExist();
        assertThat(Files.readAllLines(half.resolve("metrics.jsonl")))
                .hasSize(2 + 1)
                .doesNotHaveDuplicates();
        assertThat(half.resolve("checkpoint")).doesNotExist();
    }

    @Test
    void runThatFailed_isOneThatTrainCanGoOnWith() throws IOException {
        TinyMnist.write(folder.resolve("mnist"), 300, 50);
        Run run =
                reproduce("--methods=original", "--networks=lenet-300-100", "--learning-rate=1e30", "--batch-size=20");
        RunAssert.assertLastLine(run, 1, "loss must be finite");
        Path begun = folder.resolve("runs/lenet-300-100-original-seed1");
        assertThat(begun.resolve("start.onnx")).isRegularFile();
        RunAssert.assertLastLine(Run.of("train", "--resume=" + begun), 1, "loss must be finite");
    }

    /** The same run as a finished one, stopped after its first epoch of pruning; only the checkpoint is left. */
    private void interrupt(Path finished, Path half) {
        RunConfiguration c;
        try (RunFolder f = RunFolder.open(finished)) {
            c = f.readConfiguration(RunConfiguration.class);
        }
        boolean[] stop = new boolean[1];
        TrainingListener listener = new TrainingListener() {
            @Override
            public void onEpoch(EpochMetrics m) {
                stop[0] = m.phase() == TrainingPhase.PRUNE;
            }

            @Override
            public boolean shouldStop() {
                return stop[0];
            }
        };
        Splits data = DataSets.open("mnist", folder.resolve("mnist"));
        PruningRun run =
                new PruningRun(OnnxReader.read(Path.of(c.network())), data, c.recipe(), PruningMethods.SBP, listener);
        assertThatThrownBy(() -> run.withCheckpoints(CheckpointPolicy.in(half.resolve("checkpoint")))
                        .run())
                .isInstanceOf(StoppedException.class);
    }

    /** The same pictures by another way must look the same to the network, to this command and to those that look at its runs. */
    @Test
    void cifar10_ofAFolder_isNormalizedAsByItsName() throws IOException {
        Path pictures = TinyCifar.write(folder.resolve("pictures"), 4, 2);
        Run run = Run.of(
                "reproduce",
                "cifar10",
                "--data=folder:" + pictures,
                "--networks=resnet20:0.25",
                "--methods=original",
                "--pretrain-epochs=1",
                "--batch-size=20",
                "--bench-seconds=0.02",
                "--out=" + folder.resolve("runs"));
        RunAssert.assertFinished(run);
        RunConfiguration c;
        try (RunFolder f = RunFolder.open(folder.resolve("runs/resnet20-0.25-original-seed1"))) {
            c = f.readConfiguration(RunConfiguration.class);
        }
        Console console = new Console(System.out, System.err, false);
        Splits named = DataChoice.open("cifar10", pictures, true, ImageOptions.asTheyAre(), console);
        Splits again = DataChoice.open(c, null, console);
        assertThat(again.test().example(7)).isEqualTo(named.test().example(7));
    }

    @Test
    void randomLabels_bothSystemsAreMeasured() throws IOException {
        TinyMnist.write(folder.resolve("mnist"), 400, 200);
        Run run = Run.of(
                "reproduce",
                "random-labels",
                "--data-dir=" + folder.resolve("mnist"),
                "--networks=lenet-300-100",
                "--epochs=25",
                "--batch-size=50",
                "--noise-learning-rate=0.2",
                "--bench-seconds=0.02",
                "--out=" + folder.resolve("runs"),
                "--json");
        JsonNode json = RunAssert.assertJson(run);
        assertThat(json.path("chance_percent").asDouble()).isEqualTo(10);
        JsonNode dropout = json.path("rows").path(0);
        assertThat(dropout.path("method").asText()).isEqualTo("binary dropout");
        assertThat(dropout.path("train_accuracy_percent").asDouble()).isGreaterThan(40);
        assertThat(dropout.path("test_accuracy_percent").asDouble()).isLessThan(25);
        JsonNode sbp = json.path("rows").path(1);
        assertThat(sbp.path("train_accuracy_percent").asDouble()).isLessThan(25);
        assertThat(sbp.path("units_per_layer").toString()).isEqualTo("[0,0,0]");
        assertThat(run.err()).contains("predicts a constant");
    }

    @Test
    void randomLabels_whatItWouldNotDo_isRefused() {
        for (String option : List.of("--methods=ssl", "--seeds=1,2", "--networks=lenet-fc,lenet5")) {
            RunAssert.assertError(Run.of("reproduce", "random-labels", option), 2, "random-labels compares dropout");
        }
    }

    @Test
    void unknownWords_suggestTheNearest() {
        RunAssert.assertError(Run.of("reproduce", "mnits"), 2, "'mnits'", "did you mean 'mnist'?");
        RunAssert.assertError(Run.of("reproduce", "mnist", "--methods=sbq"), 2, "'sbq'", "did you mean 'sbp'?");
    }
}
