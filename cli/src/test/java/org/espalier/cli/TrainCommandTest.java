package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.TensorData;
import org.espalier.onnx.OnnxWriter;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code train} on little data, for a few steps. */
class TrainCommandTest {
    @TempDir
    private static Path folder;

    private static Path data;

    @BeforeAll
    static void draw() throws IOException {
        data = TinyMnist.write(folder.resolve("mnist"), 400, 100);
    }

    private static Run train(String network, Path out, String... more) {
        List<String> args = new ArrayList<>(List.of("train", network, "--data=mnist", "--out=" + out));
        for (String option : List.of(
                "--data-dir=" + data,
                "--pretrain-epochs=1",
                "--epochs=2",
                "--finetune-epochs=1",
                "--bench-seconds=0.02")) {
            String name = option.substring(0, option.indexOf('=') + 1);
            if (Arrays.stream(more).noneMatch(given -> given.startsWith(name))) {
                args.add(option);
            }
        }
        args.addAll(List.of(more));
        return Run.of(args.toArray(String[]::new));
    }

    private static String write(String name, Graph graph) {
        Path file = folder.resolve(name + ".onnx");
        OnnxWriter.write(graph, file);
        return file.toString();
    }

    @Test
    void libtorchWithoutMemory_isOneLine_andNotTheModelsFault() {
        GraphBuilder b = new GraphBuilder("vast", 1);
        String x = b.gemm("fc1", b.flatten("flatten", b.input("input", 1, 28, 28)), 784, 10);
        b.constant("shape", TensorData.ofLongs(new long[] {8192, 8192, 8192, 1, 10}, 5));
        // 88 TB for each example.
        x = b.relu("relu", b.node("expand", "Expand", List.of(x, "shape"), Map.of()));
        b.output(
                "scores",
                b.node(
                        "mean",
                        "ReduceMean",
                        List.of(x),
                        Map.of("axes", Attribute.of(new long[] {0, 1, 2}), "keepdims", Attribute.of(0))),
                10);
        Path out = folder.resolve("vast");
        Run run = train(write("vast", b.build()), out, "--method=original");
        RunAssert.assertLastLine(run, 1, "out of memory (DefaultCPUAllocator", "tried to allocate", "--batch-size");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sbp", "sbpa", "sparsevd", "ssl"})
    void everyMethod_reports(String method) {
        Run run = train("lenet-300-100", folder.resolve("method-" + method), "--method=" + method, "--json");
        JsonNode r = RunAssert.assertReport(run);
        assertThat(r.path("original_units_per_layer").toString()).isEqualTo("[784,300,100]");
        assertThat(r.path("method").asText()).isEqualTo(method);
        assertThat(r.path("epochs").asText()).isEqualTo("1+2+1");
        assertThat(r.path("decide").asText("")).isEqualTo(method.startsWith("sbp") ? "snr" : "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bmrs-n", "bmrs-n-published", "bmrs-u8", "BMRS-U4"})
    void everyRule_decides_andIsReported(String rule) throws IOException {
        Path out = folder.resolve("rule-" + rule);
        Run run = train("lenet-300-100", out, "--method=sbp", "--decide=" + rule, "--epochs=1", "--json");
        String name = rule.toLowerCase(Locale.ROOT);
        assertThat(RunAssert.assertReport(run).path("decide").asText()).isEqualTo(name);
        assertThat(Files.readString(out.resolve("run.yaml"))).contains("decide: \"" + name + "\"");
    }

    @Test
    void unknownRule_suggestsTheNearest() {
        RunAssert.assertError(
                train("lenet-fc", folder.resolve("no-rule"), "--decide=bmrs-u9"),
                2,
                "--decide 'bmrs-u9' is unknown",
                "did you mean 'bmrs-u8'?");
    }

    @Test
    void original_isTrainedOnly_andHasNoPosterior() {
        Path out = folder.resolve("original");
        Run run = train("lenet-fc", out, "--method=original", "--json");
        JsonNode r = RunAssert.assertReport(run);
        assertThat(r.path("flops_ratio").asDouble()).isEqualTo(1);
        assertThat(r.path("error_percent")).isEqualTo(r.path("original_error_percent"));
        assertThat(out.resolve("pruned.onnx")).hasSameBinaryContentAs(out.resolve("original.onnx"));
        RunAssert.assertError(Run.of("shrink", out.toString()), 2, "has no posterior.bin");
        RunAssert.assertError(Run.of("sweep", out.toString()), 2, "has no posterior.bin");
    }

    @Test
    void sameSeed_oneThread_givesTheSameFile_anotherSeedDoesNot() throws IOException {
        List<byte[]> files = new ArrayList<>();
        for (String seed : List.of("5", "5", "6")) {
            Path out = folder.resolve("seed" + files.size());
            Run run = train("lenet-300-100", out, "--seed=" + seed, "--threads=1", "--precision=float32");
            RunAssert.assertFinished(run);
            files.add(Files.readAllBytes(out.resolve("pruned.onnx")));
        }
        assertThat(files.get(1)).isEqualTo(files.get(0));
        assertThat(files.get(2)).isNotEqualTo(files.get(0));
    }

    @Test
    void modelFile_isWhereTrainingBegins() throws IOException {
        Path model = folder.resolve("mine.onnx");
        OnnxWriter.write(Zoo.build("lenet-300-100", 1), model);
        Path out = folder.resolve("file");
        Run run = train(model.toString(), out, "--pretrain-epochs=0", "--epochs=0", "--finetune-epochs=0");
        RunAssert.assertFinished(run);
        assertThat(out.resolve("pruned.onnx")).hasSameBinaryContentAs(model);
    }

    @Test
    void text_isTheTable_notesGoToStandardError() {
        Run run = train("lenet-300-100", folder.resolve("text"));
        RunAssert.assertFinished(run);
        assertThat(run.out()).contains("original", "pruned", "ratio", "error", "units per layer", "parameters", "MACs");
        assertThat(run.err()).contains("pruned.onnx is the ");
    }

    @Test
    void nothingRemoved_givesTheOriginal_andFails() throws IOException {
        Path out = folder.resolve("whole");
        Run run = train("lenet-300-100", out, "--threshold=0", "--json");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("no unit was removed, so that the result is the original", "--epochs");
        assertThat(run.json().path("removed_nothing").asBoolean()).isTrue();
        assertThat(run.json().path("error_difference").asDouble()).isZero();
        assertThat(Files.readAllBytes(out.resolve("pruned.onnx")))
                .isEqualTo(Files.readAllBytes(out.resolve("original.onnx")));
    }

    @Test
    void heldOutPart_isMeasuredAfterEachEpoch() throws IOException {
        Path out = folder.resolve("held-out");
        Run run = train("lenet-300-100", out, "--hold-out=100");
        RunAssert.assertFinished(run);
        assertThat(Files.readAllLines(out.resolve("metrics.jsonl")))
                .allSatisfy(line -> assertThat(line).containsPattern("\"held_out_error_percent\":[0-9]"));
    }

    @Test
    void misfits_areErrors_beforeAFolderIsMade() {
        Path out = folder.resolve("none");
        RunAssert.assertError(train("resnet20", out), 2, "resnet20: input 'input' does not fit", "[N, 1, 28, 28]");
        RunAssert.assertError(train("lenet-fc", out, "--hold-out=400"), 2, "--hold-out", "less than 400");
        String pooled = write("pooled", Foreign.pooled());
        RunAssert.assertError(train(pooled, out), 1, "nothing can be pruned");
        String many = write("many", Foreign.batch(500, Zoo.build("lenet-300-100", 1)));
        RunAssert.assertError(train(many, out), 2, "takes 500 examples at a time, found 400 to train on");
        String unlabelled = Foreign.regressionData().without("y").write(folder.resolve("unlabelled.npz"));
        String numbers = write("numbers", Foreign.regression());
        RunAssert.assertError(
                Run.of("train", numbers, "--data", unlabelled, "--out=" + out), 2, "has no labels", "teacher");
        RunAssert.assertError(
                train("lenet-fc", out, "--method=sbp", "--strength=3"), 2, "--strength does nothing", "sbp", "sbpa");
        RunAssert.assertError(
                train("lenet-fc", out, "--strength=3", "--kl-weights=fc1=3"), 2, "--strength and --kl-weights");
        RunAssert.assertError(
                train("lenet-fc", out, "--kl-weights=fc1*=3,fc_2=3"), 2, "'fc_2'", "no group", "fc1.in, fc1, fc2");
        RunAssert.assertError(
                train("lenet-fc", out, "--method=ssl", "--kl-weights=*=3"), 2, "--kl-weights does nothing");
        RunAssert.assertError(
                train("lenet-fc", out, "--decide=bmrs-n", "--threshold=2"), 2, "--threshold does nothing");
        RunAssert.assertError(
                train("lenet-fc", out, "--method=ssl", "--decide=bmrs-n"), 2, "--decide does nothing", "ssl");
        RunAssert.assertError(train("lenet-fc", out, "--method=ssl", "--tolerance=1"), 2, "--tolerance does nothing");
        RunAssert.assertError(
                train("lenet-fc", out, "--method=ssl", "--noise-learning-rate=1"), 2, "--noise-learning-rate does");
        RunAssert.assertError(
                Run.of("train", "lenet-fc", "--data=digits", "--method=original", "--tolerance=1", "--out=" + out),
                2,
                "--tolerance does nothing");
        RunAssert.assertError(
                Run.of("train", "lenet-fc", "--data=digits", "--method=original", "--epochs=5", "--out=" + out),
                2,
                "--epochs does nothing",
                "--pretrain-epochs");
        RunAssert.assertError(train("lenet-fc", out, "--epochs=-1"), 2, "--epochs: ", "0 or more", "-1");
        RunAssert.assertError(train("lenet-fc", out, "--bench-seconds=0"), 2, "--bench-seconds");
        RunAssert.assertError(train("lenet-fc", out, "--method=sbb"), 2, "'sbb' is unknown", "did you mean 'sbp'?");
        RunAssert.assertError(train("lenet-fc", out, "--precision=floot32"), 2, "did you mean 'float32'?");
        assertThat(out).doesNotExist();
    }

    @Test
    void folderWithAFileOfARunsName_isRefused_beforeDataAreRead() throws IOException {
        Path out = Files.createDirectories(folder.resolve("taken"));
        Files.writeString(out.resolve("run.yaml"), "");
        RunAssert.assertError(
                Run.of("train", "lenet-fc", "--data=folder:" + folder.resolve("none"), "--out=" + out),
                2,
                "holds run.yaml, of names that a run writes, and no run wrote it",
                "--out");
    }

    @Test
    void lossThatIsNotANumber_fails_andLeavesNoNetwork() throws IOException {
        Path out = folder.resolve("nan");
        Run run = train("lenet-300-100", out, "--learning-rate=1e30", "--pretrain-epochs=3");
        RunAssert.assertLastLine(run, 1, "finite", "lower the learning rate");
        assertThat(out.resolve("pruned.onnx")).doesNotExist();
        assertThat(out.resolve("original.onnx")).doesNotExist();
        RunAssert.assertNoTemporaryFiles(out);
    }

    @Test
    void lossThatBecomesInfiniteLater_keepsTheLastGoodCheckpoint() throws IOException {
        Path out = folder.resolve("diverged");
        Path config = Files.writeString(folder.resolve("diverges.yaml"), "pruning: {learningRate: 1.0e+30}\n");
        Run run = train("lenet-300-100", out, "--config=" + config, "--finetune-epochs=3");
        String checkpoints = out.resolve("checkpoint").toString();
        RunAssert.assertLastLine(run, 1, "step", "finite", "lower the learning rate", "good checkpoint", checkpoints);
        assertThat(out.resolve("checkpoint")).isNotEmptyDirectory();
        assertThat(out.resolve("pruned.onnx")).doesNotExist();
        RunAssert.assertNoTemporaryFiles(out);
    }

    /** Real MNIST, where it is. */
    @Test
    void realMnist_oneEpochEach_learns() {
        Path mnist = Shared.find("data/mnist");
        assumeTrue(mnist != null, "MNIST was found neither by ESPALIER_DATA nor in ../shared/data");
        Path out = folder.resolve("real");
        Run run = train("lenet-300-100", out, "--data-dir=" + mnist, "--epochs=1", "--json");
        JsonNode r = RunAssert.assertReport(run);
        assertThat(r.path("original_error_percent").asDouble()).isLessThan(10);
        assertThat(r.path("error_percent").asDouble()).isLessThan(8);
    }

    @Tag("slow")
    @Test
    void realMnist_lenet5_isPrunedWell() {
        Path mnist = Shared.find("data/mnist");
        assumeTrue(mnist != null, "MNIST was found neither by ESPALIER_DATA nor in ../shared/data");
        Path out = folder.resolve("real5");
        Run run = train("lenet5", out, "--data-dir=" + mnist, "--epochs=12", "--finetune-epochs=2", "--json");
        JsonNode r = RunAssert.assertReport(run);
        assertThat(r.path("error_percent").asDouble()).isLessThan(2);
        assertThat(r.path("flops_ratio").asDouble()).isGreaterThan(5);
    }
}
