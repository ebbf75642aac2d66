package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.onnx.OnnxWriter;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Model files that are wrong: exit code 2, one line that names the file and the fault, no run folder. */
class ModelErrorsTest {
    @TempDir
    private static Path folder;

    private static Path data;

    @BeforeAll
    static void draw() throws IOException {
        data = TinyMnist.write(folder.resolve("mnist"), 20, 10);
    }

    private static Run train(Path model) {
        return Run.of(
                "train", model.toString(), "--data=mnist", "--data-dir=" + data, "--out=" + folder.resolve("run"));
    }

    private static Run eval(Path model) {
        return Run.of("eval", model.toString(), "--data=mnist", "--data-dir=" + data);
    }

    /** All commands that read a model refuse this one. */
    private static void assertRefused(Path model, String... parts) {
        String[] all = Arrays.copyOf(parts, parts.length + 1);
        all[parts.length] = model.toString();
        RunAssert.assertError(train(model), 2, all);
        RunAssert.assertError(eval(model), 2, all);
        RunAssert.assertError(Run.of("bench", model.toString(), "--seconds=0.01"), 2, all);
        RunAssert.assertError(Run.of("inspect", model.toString()), 2, all);
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void filesThatAreNoModels_areRefused() throws IOException {
        Path good = folder.resolve("good.onnx");
        OnnxWriter.write(Zoo.build("lenet-300-100", 1), good);
        byte[] bytes = Files.readAllBytes(good);
        assertRefused(folder.resolve("no.onnx"), "no such file");
        assertRefused(Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(bytes, bytes.length / 2)), "cut short");
        assertRefused(Files.write(folder.resolve("empty.onnx"), new byte[0]), "is empty");
        assertRefused(Files.writeString(folder.resolve("text.onnx"), "no protobuf at all\n"), "not an ONNX model");
    }

    @Test
    void modelsOfOtherKinds_areRefusedWithHowToExportThem() throws IOException {
        assertRefused(
                Files.write(folder.resolve("model.pt"), new byte[10]),
                "must be an ONNX file, expected .onnx, found .pt",
                "torch.onnx.export(model, example, 'model.onnx')");
        assertRefused(folder.resolve("net.KERAS"), "found .keras; export it first: tf2onnx");
        assertRefused(folder.resolve("mlp.joblib"), "skl2onnx");
    }

    @Test
    void missingInput_isNamed() throws IOException {
        assertRefused(BadModels.missingInput(folder), "fc", "nowhere");
    }

    @Test
    void cycle_isNamed() throws IOException {
        assertRefused(BadModels.cycle(folder), "cycle");
    }

    @Test
    void shapeThatDoesNotFit_isNamed() throws IOException {
        Path model = BadModels.shapeThatDoesNotFit(folder);
        assertRefused(model, "fc");
        RunAssert.assertError(train(model), 2, "fc", "784", "700");
    }

    @Test
    void biasThatDoesNotFit_isNamed() {
        Graph g = Zoo.build("lenet5", 1);
        Path model = folder.resolve("bias.onnx");
        OnnxWriter.write(g.withInitializers(Map.of("conv1.bias", TensorData.full(0, 21))), model);
        RunAssert.assertError(Run.of("inspect", model.toString()), 2, "conv1", "must have shape [20]", "[21]");
    }

    @Test
    void unknownOperator_cannotBeTrainedOrRun_butInspected() throws IOException {
        Path model = BadModels.unknownOperator(folder);
        RunAssert.assertError(train(model), 2, model.toString(), "Frobnicate");
        assertThat(folder.resolve("run")).doesNotExist();
        RunAssert.assertError(eval(model), 2, model.toString(), "Frobnicate");
        Run inspect = Run.of("inspect", model.toString());
        RunAssert.assertFinished(inspect);
        assertThat(inspect.out()).contains("Not understood, so that what they touch stays: Frobnicate 'odd'");
    }

    @Test
    void unknownNetwork_suggestsTheNearest() {
        for (String[] args : List.of(
                new String[] {"train", "lenet6", "--data=digits"},
                new String[] {"eval", "lenet6", "--data=digits"},
                new String[] {"bench", "lenet6"},
                new String[] {"inspect", "lenet6"},
                new String[] {"reproduce", "mnist", "--networks=lenet6"})) {
            RunAssert.assertError(Run.of(args), 2, "'lenet6'", "did you mean 'lenet5'?");
        }
    }

    @Test
    void damagedRun_namesTheFile() throws IOException {
        Path run = Files.createDirectories(folder.resolve("damaged"));
        RunAssert.assertError(Run.of("shrink", run.toString()), 2, run.toString(), "holds no run");
        Files.writeString(run.resolve("run.yaml"), "network: lenet5\n");
        RunAssert.assertError(Run.of("sweep", run.toString()), 2, "run.yaml");
        Path whole = folder.resolve("whole");
        Run trained = Run.of(
                "train",
                "lenet-300-100",
                "--data=mnist",
                "--data-dir=" + data,
                "--out=" + whole,
                "--pretrain-epochs=0",
                "--epochs=1",
                "--finetune-epochs=0",
                "--bench-seconds=0.01");
        RunAssert.assertFinished(trained);
        Files.write(whole.resolve("trained.onnx"), new byte[] {1, 2, 3});
        RunAssert.assertError(Run.of("shrink", whole.toString()), 2, "trained.onnx");
        Files.delete(whole.resolve("trained.onnx"));
        RunAssert.assertError(Run.of("sweep", whole.toString()), 2, "trained.onnx", "no such file");
    }
}
