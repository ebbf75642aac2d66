package org.espalier.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.io.AtomicFile;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxWriterTest {
    @TempDir
    Path folder = Path.of("");

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void write_header_saysWhoAndForWhom() throws IOException {
        Path file = folder.resolve("m.onnx");
        OnnxWriter.write(Zoo.build("lenet-300-100", 1), file);
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
        assertThat(model.getIrVersion()).isEqualTo(8);
        assertThat(model.getProducerName()).isEqualTo("espalier");
        assertThat(model.getProducerVersion()).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(model.getOpsetImportCount()).isEqualTo(1);
        assertThat(model.getOpsetImport(0).getVersion()).isEqualTo(17);
        assertThat(files()).containsExactly(file);
    }

    @ParameterizedTest
    @CsvSource({"7, 8", "18, 8", "19, 9", "20, 9", "21, 10", "22, 10", "23, 11", "24, 12", "25, 13", "99, 13"})
    void irVersion_opset_isTheOldestThatFits(long opset, long ir) {
        assertThat(OnnxWriter.irVersion(opset)).isEqualTo(ir);
    }

    @Test
    void write_existingFile_isReplaced() throws IOException {
        Path file = folder.resolve("m.onnx");
        OnnxWriter.write(Zoo.build("lenet5", 1), file);
        Graph first = OnnxReader.read(file);
        OnnxWriter.write(Zoo.build("lenet-300-100", 1), file);
        assertThat(OnnxReader.read(file).name()).isEqualTo("lenet-300-100");
        Graphs.assertSame(first, Zoo.build("lenet5", 1));
    }

    @Test
    void write_overTheMappedFileItCameFrom_isSafe() {
        Path file = folder.resolve("m.onnx");
        Graph original = Zoo.build("vgg-like", 1); // 57 MB: mapped
        OnnxWriter.write(original, file);
        Graph mapped = OnnxReader.read(file);
        OnnxWriter.write(mapped, file);
        Graphs.assertSame(OnnxReader.read(file), original);
        Graphs.assertSame(mapped, original);
    }

    @Test
    void write_badTarget_isOneLineAndLeavesNothing() throws IOException {
        Graph graph = Zoo.build("lenet5", 1);
        Path nowhere = folder.resolve("missing/m.onnx");
        assertThatThrownBy(() -> OnnxWriter.write(graph, nowhere))
                .isInstanceOf(OnnxException.class)
                .hasMessageStartingWith(nowhere + ": cannot be written: ")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> OnnxWriter.write(graph, folder))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("is a folder");
        assertThat(files()).isEmpty();
    }

    @Test
    void atomicFile_failure_keepsTheOldFileAndRemovesTheNew() throws IOException {
        Path file = Files.writeString(folder.resolve("m.onnx"), "old");
        assertThatThrownBy(() -> {
                    try (AtomicFile atomic = new AtomicFile(file)) {
                        atomic.write(channel -> {
                            channel.write(ByteBuffer.allocate(100));
                            throw new IOException("No space left on device");
                        });
                        atomic.commit();
                    }
                })
                .hasMessage("No space left on device");
        assertThat(files()).containsExactly(file);
        assertThat(file).hasContent("old");
    }

    @Test
    void write_damagedSubgraph_isRefusedAndKeepsTheOldFile() throws IOException {
        Path file = Files.writeString(folder.resolve("m.onnx"), "old");
        Graph g = OnnxReader.read(SampleModels.addition().build().toByteArray(), "m");
        Node broken = g.nodes()
                .get(0)
                .withAttribute("body", new Attribute.Opaque(ByteBuffer.wrap(new byte[] {-1}), List.of()));
        Graph damaged = g.with(List.of(broken), g.initializers());
        assertThatThrownBy(() -> OnnxWriter.write(damaged, file))
                .isInstanceOf(OnnxException.class)
                .hasMessage(file + ": Add 'add': attribute 'body' is damaged");
        assertThat(files()).containsExactly(file);
        assertThat(file).hasContent("old");
    }

    @Test
    void write_externalWeights_runInOnnxRuntime() throws IOException, OrtException {
        Path file = folder.resolve("m.onnx");
        OnnxWriter.write(Zoo.build("lenet5", 1), file, 1000);
        assertThat(files()).containsExactly(file, folder.resolve("m.onnx.data"));
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
        for (TensorProto t : model.getGraph().getInitializerList()) {
            boolean large = t.getDimsCount() > 1 || t.getDims(0) >= 256;
            assertThat(t.getDataLocation() == TensorProto.DataLocation.EXTERNAL)
                    .as(t.getName())
                    .isEqualTo(large);
        }
        try (OrtSession session = OrtEnvironment.getEnvironment().createSession(file.toString())) {
            assertThat(session.getOutputNames()).containsExactly("logits");
        }
        byte[] before = Files.readAllBytes(folder.resolve("m.onnx.data"));
        OnnxWriter.write(OnnxReader.read(file), file, 1000);
        assertThat(Files.readAllBytes(folder.resolve("m.onnx.data"))).isEqualTo(before);
    }

    @Test
    void toBytes_attributeOrder_doesNotMatter() {
        Graph g = OnnxReader.read(SampleModels.addition().build().toByteArray(), "m");
        Node add = g.nodes().get(0);
        Node ab = add.withAttribute("a", Attribute.of(1)).withAttribute("b", Attribute.of(2));
        Node ba = add.withAttribute("b", Attribute.of(2)).withAttribute("a", Attribute.of(1));
        Map<String, TensorData> weights = g.initializers();
        assertThat(OnnxWriter.toBytes(g.with(List.of(ab), weights)))
                .isEqualTo(OnnxWriter.toBytes(g.with(List.of(ba), weights)));
    }
}
