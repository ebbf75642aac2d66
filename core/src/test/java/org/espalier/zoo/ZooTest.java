package org.espalier.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.onnx.OnnxReader;
import org.espalier.onnx.OnnxWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ZooTest {
    static List<String> specs() {
        return List.of(
                "lenet-fc",
                "lenet-300-100",
                "lenet5",
                "vgg-like",
                "vgg-like:0.25",
                "resnet20",
                "resnet56",
                "mobilenetv2-like",
                "mobilenetv2-like:0.5");
    }

    @ParameterizedTest
    @MethodSource("specs")
    void build_everyNetwork_runsInOnnxRuntimeFromItsFile(String spec, @TempDir Path folder) throws OrtException {
        Graph graph = Zoo.build(spec, 1);
        Path file = folder.resolve("model.onnx");
        OnnxWriter.write(graph, file);
        long[] example = exampleShape(graph);
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            try (OrtSession session = OrtEnvironment.getEnvironment().createSession(file.toString(), options)) {
                for (int batch : new int[] {1, 3}) {
                    float[][] logits = run(session, batch, example);
                    assertThat(logits).hasNumberOfRows(batch);
                    for (float[] row : logits) {
                        assertThat(row).hasSize(10);
                        for (float v : row) {
                            assertThat(Float.isFinite(v))
                                    .as("%s gives %s", spec, v)
                                    .isTrue();
                        }
                    }
                    assertThat(logits[0]).as("scores differ between classes").isNotEqualTo(new float[10]);
                }
            }
        }
    }

    private static long[] exampleShape(Graph graph) {
        List<Dimension> shape = Objects.requireNonNull(graph.inputs().get(0).shape());
        return shape.stream().skip(1).mapToLong(Dimension::size).toArray();
    }

    private static float[][] run(OrtSession session, int batch, long[] example) throws OrtException {
        int count = Math.toIntExact(batch * TensorData.elements(example));
        SplittableRandom random = new SplittableRandom(batch);
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = (float) (random.nextDouble() * 2 - 1);
        }
        long[] shape = {batch, example[0], example[1], example[2]};
        try (OnnxTensor input = OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), FloatBuffer.wrap(x), shape);
                OrtSession.Result result = session.run(Map.of("input", input))) {
            return (float[][]) result.get("logits").orElseThrow().getValue();
        }
    }

    @ParameterizedTest
    @MethodSource("specs")
    void build_everyNetwork_namesInputAndOutput(String spec) {
        Graph graph = Zoo.build(spec, 1);
        assertThat(graph.inputs()).extracting(Value::name).containsExactly("input");
        assertThat(graph.outputs()).extracting(Value::toString).containsExactly("logits:FLOAT[N, 10]");
        assertThat(graph.nodes()).noneMatch(n -> n.opType().equals("Identity"));
    }

    @ParameterizedTest
    @CsvSource({
        // Weights and biases by hand: the sum over layers of inputs · outputs · kernel + outputs, batch normalisation 4
        // per channel.
        "lenet-fc, 545810",
        "lenet-300-100, 266610",
        "lenet5, 431080",
    })
    void build_network_hasTheParametersOfThePaper(String spec, long parameters) {
        long found = Zoo.build(spec, 1).initializers().values().stream()
                .mapToLong(TensorData::elements)
                .sum();
        assertThat(found).isEqualTo(parameters);
    }

    @ParameterizedTest
    @CsvSource({"vgg-like, 13, 14", "resnet20, 21, 21", "resnet56, 57, 57"})
    void build_network_hasItsConvolutions(String spec, long convolutions, long batchNorms) {
        Graph graph = Zoo.build(spec, 1);
        assertThat(graph.nodes().stream().filter(n -> n.opType().equals("Conv")))
                .hasSize((int) convolutions);
        assertThat(graph.nodes().stream().filter(n -> n.opType().equals("BatchNormalization")))
                .hasSize((int) batchNorms);
    }

    @Test
    void build_sameSeed_givesTheSameBytes() {
        assertThat(OnnxWriter.toBytes(Zoo.build("lenet5", 7))).isEqualTo(OnnxWriter.toBytes(Zoo.build("lenet5", 7)));
        assertThat(OnnxWriter.toBytes(Zoo.build("lenet5", 7))).isNotEqualTo(OnnxWriter.toBytes(Zoo.build("lenet5", 8)));
    }

    @Test
    void build_scale_multipliesWidths() {
        Graph graph = Zoo.build("vgg-like:1.5", 1);
        TensorData first = Objects.requireNonNull(graph.initializer("conv1.weight"));
        assertThat(first.shape()).containsExactly(96, 3, 3, 3);
        assertThat(OnnxReader.read(OnnxWriter.toBytes(graph), "vgg").nodes()).hasSameSizeAs(graph.nodes());
    }

    @ParameterizedTest
    @CsvSource({
        "lenet-5, lenet5",
        "LeNet5, lenet5",
        "resnet-20, resnet20",
        "vgglike, vgg-like",
        "mobilenet, mobilenetv2-like"
    })
    void build_unknownName_namesTheNearest(String spec, String nearest) {
        assertThatThrownBy(() -> Zoo.build(spec, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + spec + "': unknown, did you mean '" + nearest + "'?");
    }

    @ParameterizedTest
    @CsvSource({"vgg-like:0", "vgg-like:-1", "vgg-like:NaN", "vgg-like:1e9", "vgg-like:wide", "vgg-like:"})
    void build_badScale_isRefused(String spec) {
        assertThatThrownBy(() -> Zoo.build(spec, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("scale must be a number");
    }

    @Test
    void contains_name_withAndWithoutScale() {
        assertThat(Zoo.contains("vgg-like:2")).isTrue();
        assertThat(Zoo.contains("lenet5")).isTrue();
        assertThat(Zoo.contains("model.onnx")).isFalse();
        assertThat(Zoo.names()).hasSize(7).doesNotHaveDuplicates();
    }
}
