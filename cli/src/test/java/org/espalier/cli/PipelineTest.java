package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import javax.xml.parsers.DocumentBuilderFactory;
import org.espalier.job.RunFolder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** One run of LeNet-5 and what can be done with its folder. */
class PipelineTest {
    @TempDir
    private static Path folder;

    private static Path data;
    private static Path run;
    private static Run trained;

    @BeforeAll
    static void train() throws IOException {
        data = TinyMnist.write(folder.resolve("data/mnist"), 600, 200);
        run = folder.resolve("run");
        Path config = Files.writeString(folder.resolve("config.yaml"), """
                noise: {epochsUntilFull: 0, learningRate: 0.2, weights: {groups: {"*": 3}}}
                batches: {size: 50}
                rule: {patienceEpochs: 1}
                """);
        trained = Run.of(
                "train",
                "lenet5",
                "--data=mnist",
                "--data-dir=" + data,
                "--config=" + config,
                "--pretrain-epochs=2",
                "--epochs=4",
                "--finetune-epochs=1",
                "--seed=3",
                "--bench-seconds=0.05",
                "--out=" + run,
                "--json");
    }

    private static String[] args(String... args) {
        return args;
    }

    private static List<Integer> ints(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asInt)
                .toList();
    }

    @Test
    void train_reportsAllFigures_andPrunes() throws IOException {
        JsonNode r = RunAssert.assertReport(trained);
        assertThat(ints(r.path("original_units_per_layer"))).containsExactly(20, 50, 800, 500);
        assertThat(r.path("original_macs").asLong()).isEqualTo(2_293_000);
        assertThat(r.path("flops_ratio").asDouble()).isGreaterThan(1.2);
        assertThat(r.path("seed").asLong()).isEqualTo(3);
        assertThat(r.path("original_error_percent").asDouble()).isLessThan(60);
        RunAssert.assertNoTemporaryFiles(run);
    }

    @Test
    void train_writesTheWholeFolder() throws IOException {
        for (String name :
                List.of("original.onnx", "trained.onnx", "pruned.onnx", "posterior.bin", "run.yaml", "report.json")) {
            assertThat(run.resolve(name)).isNotEmptyFile();
        }
        assertThat(RunFolder.readReport(run)).isEqualTo(trained.json());
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl")))
                .hasSize(2 + 4 + 1)
                .allSatisfy(line -> assertThat(line).contains("\"phase\"", "\"loss\"", "\"units\"", "\"macs\""));
        assertThat(Files.readString(run.resolve("run.yaml")))
                .contains("lenet5", "learningRate: 0.2", "seed: 3", "tolerance: 0");
    }

    @Test
    void eval_givesTheErrorsOfTheReport() {
        for (String name : List.of("pruned", "original")) {
            Run eval = Run.of(
                    "eval", run.resolve(name + ".onnx").toString(), "--data=mnist", "--data-dir=" + data, "--json");
            String key = name.equals("pruned") ? "error_percent" : "original_error_percent";
            assertThat(RunAssert.assertJson(eval).path("error_percent").asDouble())
                    .isEqualTo(trained.json().path(key).asDouble());
        }
    }

    @Test
    void inspect_countsWhatTheReportSays() {
        JsonNode json = RunAssert.assertJson(
                Run.of("inspect", run.resolve("pruned.onnx").toString(), "--json"));
        assertThat(json.path("macs").asLong())
                .isEqualTo(trained.json().path("macs").asLong());
        assertThat(json.path("inputs").path(0).asText()).isEqualTo("input:FLOAT[N, 1, 28, 28]");
        assertThat(json.path("outputs").path(0).asText()).isEqualTo("logits:FLOAT[N, 10]");
    }

    @Test
    void bench_comparesTheTwoFiles() {
        JsonNode json = RunAssert.assertJson(Run.of(
                "bench",
                run.resolve("original.onnx").toString(),
                run.resolve("pruned.onnx").toString(),
                "--seconds=0.05",
                "--batch-size=1,10",
                "--json"));
        assertThat(json.path("batches")).hasSize(2);
    }

    @Test
    void shrink_higherThreshold_leavesFewerUnits() throws IOException {
        Path out = folder.resolve("smaller.onnx");
        Run smaller = Run.of(
                args("shrink", run.toString(), "--threshold=3", "--bench-seconds=0.05", "--out=" + out, "--json"));
        JsonNode r = RunAssert.assertReport(smaller);
        assertThat(r.path("macs").asLong())
                .isLessThan(trained.json().path("macs").asLong());
        assertThat(r.path("original_macs")).isEqualTo(trained.json().path("original_macs"));
        Run eval = Run.of("eval", out.toString(), "--data=mnist", "--data-dir=" + data, "--json");
        assertThat(eval.json().path("error_percent")).isEqualTo(r.path("error_percent"));
        RunAssert.assertNoTemporaryFiles(run);
    }

    @Test
    void shrink_thresholdThatIsNone_isRefused() {
        for (String threshold : List.of("Infinity", "NaN", "-1")) {
            RunAssert.assertError(
                    Run.of("shrink", run.toString(), "--threshold=" + threshold), 2, "--threshold must be a number");
        }
    }

    @Test
    void shrink_text_isTheTable_andTheFileLiesInTheRun() {
        Run text = Run.of("shrink", run.toString(), "--threshold=0.5", "--bench-seconds=0.05");
        RunAssert.assertFinished(text);
        assertThat(text.out())
                .contains("original", "pruned", "units per layer", "MACs", "CPU latency, batch 100", "seed 3");
        assertThat(text.err()).contains("pruned-0.5.onnx");
        assertThat(run.resolve("pruned-0.5.onnx")).isNotEmptyFile();
    }

    @Test
    void sweep_sizesFall_andThresholdsAreThoseAskedFor() {
        Run sweep = Run.of("sweep", run.toString(), "--from=0", "--to=4", "--step=2", "--json");
        JsonNode rows = RunAssert.assertJson(sweep).path("thresholds");
        assertThat(rows.findValuesAsText("threshold")).containsExactly("0.0", "2.0", "4.0");
        assertThat(rows.path(2).path("macs").asLong())
                .isLessThanOrEqualTo(rows.path(1).path("macs").asLong());
        assertThat(rows.path(1).path("macs").asLong())
                .isLessThan(rows.path(0).path("macs").asLong());
        Run text = Run.of("sweep", run.toString(), "--from=1", "--to=1");
        assertThat(text.out().lines()).hasSize(2 + 4);
        assertThat(text.out()).contains("threshold", "units per layer", "bmrs-n ", "bmrs-u4");
        assertThat(sweep.json().path("rules").findValuesAsText("decide"))
                .containsExactly("bmrs-n", "bmrs-n-published", "bmrs-u8", "bmrs-u4");
    }

    @Test
    void sweep_endsAtTheLastThreshold() {
        Run sweep = Run.of("sweep", run.toString(), "--from=0.1", "--to=0.5", "--step=0.1", "--json");
        assertThat(RunAssert.assertJson(sweep).path("thresholds").findValuesAsText("threshold"))
                .containsExactly("0.1", "0.2", "0.3", "0.4", "0.5");
        Run uneven = Run.of("sweep", run.toString(), "--from=0", "--to=1", "--step=0.6", "--json");
        assertThat(RunAssert.assertJson(uneven).path("thresholds").findValuesAsText("threshold"))
                .containsExactly("0.0", "0.6");
        for (String to : List.of("Infinity", "100000")) {
            RunAssert.assertError(Run.of("sweep", run.toString(), "--to=" + to), 2, "fewer than 10000 thresholds");
        }
    }

    @Test
    void sweep_writesTableJsonAndPicture() throws Exception {
        Run sweep = Run.of("sweep", run.toString(), "--from=0", "--to=2", "--step=1");
        RunAssert.assertFinished(sweep);
        assertThat(sweep.err()).contains("sweep.svg");
        assertThat(run.resolve("sweep.txt")).hasContent(sweep.out());
        assertThat(Files.readString(run.resolve("sweep.json"))).contains("\"thresholds\"", "\"rules\"");
        String svg = Files.readString(run.resolve("sweep.svg"));
        Document picture = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        assertThat(picture.getElementsByTagName("polyline").getLength()).isEqualTo(2);
        assertThat(svg).doesNotContain("NaN", "Infinity").contains("lenet5 on mnist", "error, %");
    }

    @Test
    void shrink_byARule_saysSo() {
        Run byRule = Run.of("shrink", run.toString(), "--decide=bmrs-u4", "--bench-seconds=0.02", "--json");
        assertThat(RunAssert.assertReport(byRule).path("decide").asText()).isEqualTo("bmrs-u4");
        assertThat(run.resolve("pruned-bmrs-u4.onnx")).isNotEmptyFile();
    }

    @Test
    void train_again_isRefused_andTouchesNothing() throws IOException {
        byte[] before = Files.readAllBytes(run.resolve("run.yaml"));
        Run again = Run.of("train", "lenet5", "--data=mnist", "--data-dir=" + data, "--out=" + run);
        RunAssert.assertError(again, 2, run.toString(), "already holds a run", "--out");
        assertThat(Files.readAllBytes(run.resolve("run.yaml"))).isEqualTo(before);
    }

    @Test
    void configuration_ofARun_isAConfigurationForTheNext() throws IOException {
        Path next = folder.resolve("next");
        Run again = Run.of(
                "train",
                "lenet-300-100",
                "--data=mnist",
                "--data-dir=" + data,
                "--config=" + run.resolve("run.yaml"),
                "--pretrain-epochs=0",
                "--epochs=0",
                "--finetune-epochs=0",
                "--bench-seconds=0.01",
                "--out=" + next);
        RunAssert.assertFinished(again);
        assertThat(Files.readString(next.resolve("run.yaml"))).contains("learningRate: 0.2", "size: 50");
    }
}
