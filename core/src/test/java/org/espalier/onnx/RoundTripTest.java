package org.espalier.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.espalier.graph.Graph;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RoundTripTest {
    static List<String> networks() {
        return Zoo.names();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void writeAndRead_network_isTheSame(String name, @TempDir Path folder) throws IOException {
        Graph graph = Zoo.build(name, 3);
        Path file = folder.resolve("model.onnx");
        OnnxWriter.write(graph, file);
        Graphs.assertSame(OnnxReader.read(file), graph);
        assertThat(Files.readAllBytes(file)).isEqualTo(OnnxWriter.toBytes(graph));
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void readWriteRead_everything_isTheSame() {
        Graph first = OnnxReader.read(SampleModels.everything().build().toByteArray(), "everything");
        byte[] written = OnnxWriter.toBytes(first);
        Graph second = OnnxReader.read(written, "written");
        Graphs.assertSame(second, first);
        assertThat(OnnxWriter.toBytes(second)).isEqualTo(written);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void readWriteRead_externalWeights_isTheSame(String name, @TempDir Path folder) {
        Graph graph = Zoo.build(name.equals("vgg-like") ? "vgg-like:0.5" : name, 4);
        Path file = folder.resolve("model.onnx");
        OnnxWriter.write(graph, file, 0x100);
        assertThat(folder.resolve("model.onnx.data")).isNotEmptyFile();
        Graphs.assertSame(OnnxReader.read(file), graph);
    }

    @TestFactory
    Stream<DynamicTest> readWriteRead_sharedModels_areTheSame() {
        List<Path> models = SharedModels.all();
        Assumptions.assumeFalse(models.isEmpty(), "shared/onnx is missing: its models are not tested");
        return models.stream()
                .map(p -> DynamicTest.dynamicTest(
                        p.subpath(p.getNameCount() - 2, p.getNameCount()).toString(), () -> {
                            Graph first = OnnxReader.read(p);
                            assertThat(first.nodes()).isNotEmpty();
                            byte[] written = OnnxWriter.toBytes(first);
                            Graph second = OnnxReader.read(written, "written");
                            Graphs.assertSame(second, first);
                            assertThat(OnnxWriter.toBytes(second)).isEqualTo(written);
                            assertThat(inputsInOnnxRuntime(written))
                                    .isEqualTo(inputsInOnnxRuntime(Files.readAllBytes(p)));
                        }));
    }

    /** The inputs that ONNX Runtime asks for; nothing where it lacks an operator of that age. */
    private static Optional<Set<String>> inputsInOnnxRuntime(byte[] model) throws OrtException {
        try (OrtSession session = OrtEnvironment.getEnvironment().createSession(model)) {
            return Optional.of(Set.copyOf(session.getInputNames()));
        } catch (OrtException e) {
            if (e.getCode() == OrtException.OrtErrorCode.ORT_NOT_IMPLEMENTED) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
