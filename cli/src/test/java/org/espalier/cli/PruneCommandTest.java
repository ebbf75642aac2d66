package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;
import org.espalier.onnx.OnnxReader;
import org.espalier.onnx.OnnxWriter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole job on networks that are not ours, each trained before, through the command line. */
class PruneCommandTest {
    @TempDir
    private static Path shared;

    private static String pictures = "";
    private static String table = "";
    private static String regression = "";
    private static Path residual = Path.of("");
    private static Path lookup = Path.of("");
    private static Path numbers = Path.of("");

    @TempDir
    private Path folder;

    @BeforeAll
    static void train() {
        pictures = Foreign.pictures(shared.resolve("pictures"));
        table = Foreign.lookupData().write(shared.resolve("table.npz"));
        regression = Foreign.regressionData().write(shared.resolve("regression.npz"));
        residual = trained("residual", Foreign.residual(), pictures, 15);
        lookup = trained("lookup", Foreign.lookup(), table, 60);
        numbers = trained("numbers", Foreign.regression(), regression, 100);
    }

    private static Path trained(String name, Graph graph, String data, int epochs) {
        Path file = shared.resolve(name + ".onnx");
        OnnxWriter.write(graph, file);
        Path run = shared.resolve(name);
        Run r = Run.of(
                "train",
                file.toString(),
                "--data",
                data,
                "--method",
                "original",
                "--out",
                run.toString(),
                "--pretrain-epochs",
                "" + epochs,
                "--batch-size",
                "16",
                "--learning-rate",
                "0.005",
                "--threads",
                "1",
                "--bench-seconds",
                "0.05");
        RunAssert.assertFinished(r);
        return run.resolve("original.onnx");
    }

    private Run prune(Path model, String data, String... more) {
        List<String> args = new ArrayList<>(List.of(
                "prune",
                model.toString(),
                "--data",
                data,
                "--out",
                folder.resolve("run").toString(),
                "--json",
                "--threads",
                "1",
                "--batch-size",
                "16",
                "--bench-seconds",
                "0.05",
                "--noise-learning-rate",
                "0.1"));
        args.addAll(List.of(more));
        return Run.of(args.toArray(new String[0]));
    }

    private Graph written(String name) {
        return OnnxReader.read(folder.resolve("run").resolve(name));
    }

    private static void assertPruned(Run run) {
        RunAssert.assertFinished(run);
        JsonNode json = run.json();
        assertThat(json.path("flops_ratio").asDouble()).as(run.out()).isGreaterThan(1.2);
        assertThat(json.path("params_ratio").asDouble()).isGreaterThan(1.2);
        assertThat(json.path("max_abs_difference").asDouble()).isLessThan(1e-2);
    }

    @Test
    void batchStatistics_move_andAreRefusedWhereLayersAreLeftAlone() {
        Run wrong = prune(residual, pictures, "--batch-statistics", "--except", "stem");
        RunAssert.assertError(wrong, 2, "--batch-statistics", "--except");
        Run run = prune(
                residual,
                pictures,
                "--batch-statistics",
                "--epochs",
                "1",
                "--finetune-epochs",
                "2",
                "--kl-weights",
                "*=0");
        RunAssert.assertFinished(run);
        float[] before = Objects.requireNonNull(written("original.onnx").initializer("bn1.running_mean"))
                .toFloats();
        float[] after = Objects.requireNonNull(written("trained.onnx").initializer("bn1.running_mean"))
                .toFloats();
        assertThat(after).hasSameSizeAs(before).isNotEqualTo(before);
    }

    @Test
    void residualNetwork_onPictures() {
        Run run = prune(residual, pictures, "--epochs", "40", "--finetune-epochs", "5", "--strength", "3");
        assertPruned(run);
        assertThat(run.json().path("error_percent").asDouble()).isLessThan(12);
        assertThat(written("pruned.onnx").inputs())
                .isEqualTo(OnnxReader.read(residual).inputs());
        assertThat(written("pruned.onnx").outputs())
                .isEqualTo(OnnxReader.read(residual).outputs());
        Run eval = Run.of("eval", folder.resolve("run/pruned.onnx").toString(), "--data", pictures, "--json");
        assertThat(eval.json().path("error_percent").asDouble())
                .isEqualTo(run.json().path("error_percent").asDouble());
    }

    @Test
    void residualNetwork_defaults_becomesSmallerAtTheSameError() {
        Run run = prune(residual, pictures);
        assertPruned(run);
        double original = run.json().path("original_error_percent").asDouble();
        assertThat(run.json().path("error_percent").asDouble()).isLessThanOrEqualTo(original + 2);
        assertThat(run.json().path("macs").asLong())
                .isLessThan(run.json().path("original_macs").asLong() * 2 / 3);
    }

    @Test
    void channelsLastAndOneExampleAtATime_keepsItsInterface() {
        Path file = folder.resolve("last.onnx");
        OnnxWriter.write(
                Foreign.residualChannelsLast()
                        .withInitializers(OnnxReader.read(residual).initializers()),
                file);
        Run run = prune(file, pictures, "--epochs", "30", "--finetune-epochs", "3", "--strength", "3");
        assertPruned(run);
        assertThat(run.json().path("error_percent").asDouble()).isLessThan(12);
        assertThat(written("pruned.onnx").inputs()).hasToString("[picture:FLOAT[1, 16, 16, 3]]");
        Run shrink = Run.of("shrink", folder.resolve("run").toString(), "--threshold", "0.5", "--json");
        RunAssert.assertFinished(shrink);
    }

    @Test
    void integersAndSeveralInputsAndOutputs() {
        Run other = prune(lookup, table, "--output", "extra");
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err())
                .contains("output 'extra' must hold one score per class", "expected [N, 3], found [N, 2]");
        Run none = prune(lookup, table, "--output", "nothing");
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).contains("output 'nothing' is not one of the network's, found [scores, extra]");
        Run run = prune(lookup, table, "--epochs", "60", "--finetune-epochs", "10", "--strength", "6");
        assertPruned(run);
        double original = run.json().path("original_error_percent").asDouble();
        assertThat(run.json().path("error_percent").asDouble()).isLessThanOrEqualTo(original + 10);
    }

    @Test
    void numbersToPredict() {
        Run run = prune(numbers, regression, "--epochs", "60", "--finetune-epochs", "20");
        assertPruned(run);
        JsonNode json = run.json();
        assertThat(json.path("original_rmse").asDouble()).isPositive();
        assertThat(json.path("rmse").asDouble()).isLessThan(1);
        Run eval = Run.of("eval", folder.resolve("run/pruned.onnx").toString(), "--data", regression, "--json");
        assertThat(eval.json().path("rmse").asDouble())
                .isCloseTo(json.path("rmse").asDouble(), org.assertj.core.data.Offset.offset(1e-4));
    }

    @Test
    void float16_staysFloat16_withProofInFloat32() {
        Path file = folder.resolve("half.onnx");
        OnnxWriter.write(Foreign.as(ElementType.FLOAT16, OnnxReader.read(numbers)), file);
        Run run = prune(file, regression, "--epochs", "60", "--finetune-epochs", "20");
        assertPruned(run);
        JsonNode json = run.json();
        assertThat(json.path("precision").asText()).isEqualTo("float16");
        assertThat(json.path("precision_difference").asDouble())
                .isBetween(1e-9, json.path("precision_tolerance").asDouble());
        Graph after = written("pruned.onnx");
        assertThat(after.inputs()).isEqualTo(OnnxReader.read(file).inputs());
        assertThat(after.outputs()).isEqualTo(OnnxReader.read(file).outputs());
        assertThat(after.initializers().values())
                .filteredOn(t -> t.type().isFloating())
                .allMatch(t -> t.type() == ElementType.FLOAT16);
        assertThat(written("original.onnx").initializers())
                .containsAllEntriesOf(OnnxReader.read(file).initializers());
        String pruned = folder.resolve("run/pruned.onnx").toString();
        Run eval = Run.of("eval", pruned, "--data", regression, "--json");
        assertThat(eval.json().path("rmse").asDouble())
                .isCloseTo(json.path("rmse").asDouble(), org.assertj.core.data.Offset.offset(0.02));
        assertThat(Run.of("bench", file.toString(), pruned, "--seconds", "0.02").code())
                .isZero();
        assertThat(Run.of("inspect", file.toString(), "--json").json().path("groups"))
                .isNotEmpty();
        assertThat(Run.of("shrink", folder.resolve("run").toString(), "--threshold", "0.5", "--json")
                        .json()
                        .path("precision")
                        .asText())
                .isEqualTo("float16");
    }

    @Test
    void bfloat16_isCheckedInFloat32_whereOnnxRuntimeCannotRunIt() {
        Path file = folder.resolve("half.onnx");
        OnnxWriter.write(Foreign.as(ElementType.BFLOAT16, OnnxReader.read(numbers)), file);
        Run run = prune(file, regression, "--epochs", "60", "--finetune-epochs", "20");
        assertPruned(run);
        assertThat(run.json().path("precision").asText()).isEqualTo("bfloat16");
        assertThat(run.err()).contains("checked and timed in float32: ");
        assertThat(written("pruned.onnx").initializers().values())
                .filteredOn(t -> t.type().isFloating())
                .allMatch(t -> t.type() == ElementType.BFLOAT16);
        Run eval = Run.of("eval", folder.resolve("run/pruned.onnx").toString(), "--data", regression, "--json");
        RunAssert.assertFinished(eval);
        assertThat(eval.err()).contains("run in float32: ");
    }

    @Test
    void noLabels_learnsFromTheOriginal() {
        String unlabelled = Foreign.regressionData().without("y").write(folder.resolve("inputs.npz"));
        Run alone = prune(numbers, unlabelled, "--no-teacher");
        assertThat(alone.code()).isEqualTo(2);
        assertThat(alone.err()).contains("must have labels", "--no-teacher");
        Run run = prune(numbers, unlabelled, "--epochs", "60", "--finetune-epochs", "20");
        assertPruned(run);
        JsonNode json = run.json();
        assertThat(json.path("original_error_percent").asDouble()).isZero();
        assertThat(json.path("error_percent").asDouble()).isBetween(1e-6, 10.0);
        assertThat(run.err()).contains("examples without labels");
    }

    @Test
    void picturesWithoutClassFolders_haveNoLabels() throws IOException {
        Path loose = Files.createDirectories(folder.resolve("loose"));
        try (Stream<Path> all = Files.walk(Path.of(pictures.substring("folder:".length())))) {
            int i = 0;
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                Files.copy(file, loose.resolve(i++ + ".png"));
            }
        }
        assertPruned(prune(residual, "folder:" + loose, "--epochs", "80", "--tolerance", "2"));
        Run eval = Run.of("eval", residual.toString(), "--data", "folder:" + loose);
        assertThat(eval.code()).isEqualTo(2);
        assertThat(eval.err()).contains("there must be labels to compare with").doesNotContain("NONE");
    }

    @Test
    void classifierWithoutLabels_saysHowManyExamplesGetAnotherClass() {
        String unlabelled = Foreign.regressionData().without("y").write(folder.resolve("inputs.npz"));
        Run run = prune(numbers, unlabelled, "--classifier", "--epochs", "60", "--finetune-epochs", "20");
        assertPruned(run);
        assertThat(folder.resolve("run/run.yaml")).content().contains("classifier: true");
        JsonNode json = run.json();
        int examples = json.path("test_examples").asInt();
        assertThat(json.path("original_error_percent").asDouble()).isZero();
        double changed = json.path("error_percent").asDouble() * examples / 100;
        assertThat(changed).isCloseTo(Math.rint(changed), within(1e-6)).isBetween(0.0, examples * 0.2);
        Run again = Run.of("shrink", folder.resolve("run").toString(), "--threshold", "1");
        assertThat(again.out()).contains("another class than before on " + examples + " examples");
    }

    /** Whatever reads a run's data again may find others there. */
    @Test
    void dataThatAreNotTheRunsAnyMore_areTold() throws IOException {
        Path file = folder.resolve("changing.npz");
        String data = Foreign.regressionData().write(file);
        RunAssert.assertFinished(prune(numbers, data, "--epochs", "1", "--finetune-epochs", "1"));
        Path run = folder.resolve("run");
        Path begun = Files.createDirectories(folder.resolve("begun"));
        for (String name : List.of("run.yaml", "run-files.json")) {
            Files.copy(run.resolve(name), begun.resolve(name));
        }
        Files.copy(numbers, begun.resolve("start.onnx"));
        new Npz()
                .floats("input", new float[40 * 5], 40, 5)
                .longs("y", new long[40], 40)
                .write(file);
        for (String command : List.of("shrink", "sweep")) {
            RunAssert.assertError(Run.of(command, run.toString()), 2, "original.onnx: input", "does not fit data set");
        }
        Run resumed = Run.of("prune", "--resume=" + begun);
        RunAssert.assertError(resumed, 2, numbers + ": input", "does not fit data set");
    }

    /** Not one picture is read before that: one of them is damaged. */
    @Test
    void moreClassesThanScores_isToldAtOnce() throws IOException {
        Path many = folder.resolve("many");
        for (int i = 0; i < 5; i++) {
            Files.write(Files.createDirectories(many.resolve("class" + i)).resolve("a.png"), new byte[] {1, 2, 3});
        }
        for (String command : List.of("prune", "train", "eval")) {
            Run run = Run.of(command, residual.toString(), "--data", "folder:" + many);
            RunAssert.assertError(
                    run, 2, residual + ": output", "one score per class", "expected [N, 5], found [N, 4]");
        }
    }

    @Test
    void withoutTeacher_learnsFromLabels() {
        assertPruned(prune(numbers, regression, "--epochs", "60", "--finetune-epochs", "10", "--no-teacher"));
        assertThat(folder.resolve("run/run.yaml")).content().contains("share: 0.0");
    }

    @Test
    void exceptLayers_stayBitForBit() {
        Run run = prune(residual, pictures, "--except", "inner,bn2", "--epochs", "30", "--strength", "3");
        assertPruned(run);
        Graph before = OnnxReader.read(residual);
        Graph after = written("pruned.onnx");
        for (String name : List.of("inner.weight", "bn2.weight", "bn2.bias", "bn2.running_mean", "bn2.running_var")) {
            assertThat(after.initializer(name)).as(name).isEqualTo(before.initializer(name));
        }
        assertThat(after.initializer("head.weight")).isNotEqualTo(before.initializer("head.weight"));
        assertThat(run.err()).contains("left alone by request");
    }

    @Test
    void onlyLayers_othersAreNotTrained() {
        Run run = prune(numbers, regression, "--only", "first*", "--epochs", "60", "--strength", "3");
        RunAssert.assertFinished(run);
        assertThat(run.json().path("units_per_layer").size())
                .isEqualTo(run.json().path("original_units_per_layer").size());
        Graph before = OnnxReader.read(numbers);
        Graph after = written("pruned.onnx");
        for (String name : List.of("second.bias", "last.weight", "last.bias")) {
            assertThat(after.initializer(name)).as(name).isEqualTo(before.initializer(name));
        }
        assertThat(Objects.requireNonNull(after.initializer("second.weight")).size(0))
                .isEqualTo(24);
        assertThat(Objects.requireNonNull(after.initializer("first.weight")).size(0))
                .isLessThan(40);
    }

    @Test
    void roundTo_keepsMultiples() {
        Run run = prune(residual, pictures, "--round-to", "4", "--epochs", "30", "--strength", "2");
        assertPruned(run);
        run.json()
                .path("units_per_layer")
                .forEach(n -> assertThat(n.asInt() % 4).as(run.out()).isZero());
    }

    @Test
    void nothingToPrune_saysWhy() {
        Run run = prune(residual, pictures, "--except", "*");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).contains("nothing can be pruned", "left alone by request", "is an output of the network");
        assertThat(Files.exists(folder.resolve("run"))).isFalse();
    }

    /** Axes without a name and without a size, as some converters write them: pictures say how large they are. */
    @Test
    void unnamedAxes_takeTheirSizesFromTheData() {
        Graph g = Foreign.residual();
        List<Dimension> free =
                List.of(Dimension.symbol(""), Dimension.of(3), Dimension.symbol(""), Dimension.symbol(""));
        Value input = g.inputs().get(0);
        Graph unnamed = new Graph(
                g.name(),
                g.opsets(),
                List.of(new Value(input.name(), input.type(), free)),
                g.outputs(),
                g.nodes(),
                g.initializers());
        Path model = folder.resolve("unnamed.onnx");
        OnnxWriter.write(unnamed, model);
        String pictures = Foreign.pictures(folder.resolve("pictures"));
        RunAssert.assertReport(prune(model, pictures, "--size", "16", "--epochs", "1", "--finetune-epochs", "1"));
    }

    private void assertWrong(Run run, String... parts) {
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).as(run.err()).hasSize(1);
        assertThat(run.err()).contains(parts);
        assertThat(Files.exists(folder.resolve("run"))).isFalse();
    }

    @Test
    void wrongData_isOneLine() {
        assertWrong(
                prune(residual, "digits"),
                "input 'picture' does not fit data set",
                "expected [N, 1, 28, 28], found [N, 3, 16, 16]");
        assertWrong(prune(lookup, regression), "input 'ids' is not in data set 'regression.npz'", "found [numbers]");
        String named = Foreign.regressionData()
                .without("y")
                .floats("labels", new float[Foreign.EXAMPLES], Foreign.EXAMPLES)
                .write(folder.resolve("named.npz"));
        assertWrong(prune(numbers, named), "arrays [labels]", "no inputs of the network", "labels in an array y");
        String floats = Foreign.lookupData()
                .floats("ids", new float[Foreign.EXAMPLES * 5], Foreign.EXAMPLES, 5)
                .write(folder.resolve("floats.npz"));
        assertWrong(prune(lookup, floats), "input 'ids'", "expected integers as INT64, found FLOAT32");
        String classes = Foreign.lookupData().without("ids").write(folder.resolve("classes.npz"));
        assertWrong(
                prune(numbers, classes),
                "output 'predicted' must hold one score per class",
                "expected [N, 3], found [N, 2]");
        assertWrong(
                prune(residual, pictures, "--size", "24"),
                "--size must be what the network takes, expected 16x16, found 24x24");
        assertWrong(prune(residual, pictures, "--mean", "0.5,0.5"), "normalization", "expected 3, found 2");
        assertWrong(prune(residual, pictures, "--scale", "data", "--mean", "0.5"), "do not go with --scale data");
        assertWrong(prune(residual, pictures, "--channels", "1"), "--channels must be what the network takes");
        assertWrong(prune(residual, "digits", "--resize", "16"), "--resize", "are for --data folder:PATH", "digits");
        assertWrong(prune(lookup, regression, "--scale", "raw"), "--scale", "are for pictures", "regression.npz");
    }

    @Test
    void wrongLayersAndOperators_areOneLine() {
        assertWrong(
                prune(residual, pictures, "--except", "tail*"),
                "--except 'tail*': no layer has such a name, found [stem, bn1");
        assertWrong(prune(residual, pictures, "--round-to", "0"), "--round-to must be at least 1");
        assertWrong(prune(residual, pictures, "--method", "original"), "--method must prune");
        Path swirl = folder.resolve("swirl.onnx");
        OnnxWriter.write(Foreign.unknownOperator(), swirl);
        assertWrong(prune(swirl, regression), "cannot be trained, operator com.example.Swirl (node 'act1')");
    }
}
