package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.TensorData;
import org.espalier.onnx.OnnxWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvalCommandTest {
    @TempDir
    private Path folder;

    /** A network whose scores are the same for all images: class {@code best} wins. */
    private Path constant(int best, int classes, float score) {
        GraphBuilder b = new GraphBuilder("constant", 1);
        String x = b.flatten("flatten", b.input("input", 1, 28, 28));
        b.constant("w", TensorData.full(0, 784, classes));
        float[] bias = new float[classes];
        bias[best] = score;
        b.constant("bias", TensorData.ofFloats(bias, classes));
        String product = b.node("fc", "MatMul", List.of(x, "w"), Map.of());
        b.output("logits", b.node("add", "Add", List.of(product, "bias"), Map.of()), classes);
        Path file = folder.resolve("constant" + classes + ".onnx");
        OnnxWriter.write(b.build(), file);
        return file;
    }

    @Test
    void json_constantAnswer_errsOnNineClassesOfTen() {
        Run run = Run.of("eval", constant(3, 10, 1).toString(), "--data", "digits", "--json", "--batch-size", "300");
        RunAssert.assertFinished(run);
        JsonNode json = run.json();
        // Digits come in turn: a tenth of the 2,000 test images is of each class.
        assertThat(json.path("examples").asInt()).isEqualTo(2000);
        assertThat(json.path("errors").asInt()).isEqualTo(1800);
        assertThat(json.path("error_percent").asDouble()).isEqualTo(90);
        assertThat(json.path("part").asText()).isEqualTo("test");
    }

    @Test
    void text_isOneLine() {
        Run run = Run.of("eval", "lenet-300-100", "--data", "digits");
        RunAssert.assertFinished(run);
        assertThat(run.out().lines()).hasSize(1);
        assertThat(run.out()).contains("on digits (test): error", "of 2,000 examples wrong");
    }

    @Test
    void dataWithoutATestPart_isSaidToBeSplit() {
        String file = Foreign.regressionData().write(folder.resolve("whole.npz"));
        Path model = folder.resolve("numbers.onnx");
        OnnxWriter.write(Foreign.regression(), model);
        Run run = Run.of("eval", model.toString(), "--data", file);
        RunAssert.assertFinished(run);
        assertThat(run.err()).contains("no test part", "--part train");
    }

    @Test
    void nativeLibraryThatCannotBeUnpacked_isOneLine() throws Exception {
        Path none = folder.resolve("none");
        try (Child child =
                Child.start(folder, List.of("-Djava.io.tmpdir=" + none), "eval", "lenet-300-100", "--data=digits")) {
            RunAssert.assertLastLine(child.end(), 1, "native library cannot be loaded", none.toString());
        }
    }

    /** They are unpacked once, and nothing is left in the temporary folder. */
    @Test
    void nativeLibraries_areKeptForTheNextTime() throws Exception {
        Path temporary = Files.createDirectories(folder.resolve("temporary"));
        Path cache = folder.resolve("cache");
        List<String> java = List.of("-Djava.io.tmpdir=" + temporary, "-Dorg.bytedeco.javacpp.cachedir=" + cache);
        List<FileTime> times = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            try (Child child = Child.start(folder, java, "bench", "lenet-300-100", "--seconds=0.01")) {
                Run run = child.end();
                RunAssert.assertFinished(run);
            }
            try (Stream<Path> left = Files.list(temporary);
                    Stream<Path> kept = Files.walk(cache)) {
                assertThat(left).isEmpty();
                Path library = kept.filter(f -> f.endsWith(System.mapLibraryName("onnxruntime")))
                        .findFirst()
                        .orElseThrow();
                times.add(Files.getLastModifiedTime(library));
            }
        }
        assertThat(times.get(1)).isEqualTo(times.get(0));
    }

    @Test
    void nan_isAFailureThatNamesTheExample() {
        Run run = Run.of("eval", constant(3, 10, Float.NaN).toString(), "--data", "digits");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("found NaN for class 3 of example 0");
    }

    @Test
    void batchThatNoBufferHolds_isAnError() {
        Path file = folder.resolve("large.onnx");
        OnnxWriter.write(Foreign.batch(3_000_000, Foreign.pooled()), file);
        Run run = Run.of("eval", file.toString(), "--data", "digits");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("must fit 2 GiB, expected a batch size of at most 684784, found 3000000");
    }

    @Test
    void networkThatDoesNotFit_isAnError() {
        Run classes = Run.of("eval", constant(0, 7, 1).toString(), "--data", "digits");
        assertThat(classes.code()).isEqualTo(2);
        assertThat(classes.err()).contains("expected [N, 10]");
        Run input = Run.of("eval", "resnet20", "--data", "digits");
        assertThat(input.code()).isEqualTo(2);
        assertThat(input.err()).contains("does not fit data set 'digits'", "expected [N, 1, 28, 28]");
    }
}
