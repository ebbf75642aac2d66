package org.espalier.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.espalier.graph.Graph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalDataTest {
    @TempDir
    Path root = Path.of("");

    private Path folder = Path.of("");

    @BeforeEach
    void writeWeights() throws IOException {
        folder = Files.createDirectories(root.resolve("model"));
        Files.write(folder.resolve("weights.bin"), weights());
        Files.write(root.resolve("secret.bin"), weights());
        Files.createDirectories(folder.resolve("sub"));
        Files.write(folder.resolve("sub/weights.bin"), weights());
    }

    private static byte[] weights() {
        return ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(1)
                .putFloat(2)
                .putFloat(3)
                .putFloat(4)
                .array();
    }

    private static TensorProto external(String... keysAndValues) {
        TensorProto.Builder t = TensorProto.newBuilder()
                .setName("w")
                .setDataType(1)
                .addDims(2)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL);
        for (int i = 0; i < keysAndValues.length; i += 2) {
            t.addExternalData(
                    StringStringEntryProto.newBuilder().setKey(keysAndValues[i]).setValue(keysAndValues[i + 1]));
        }
        return t.build();
    }

    private Path model(TensorProto weight) throws IOException {
        ModelProto.Builder model = SampleModels.addition();
        model.getGraphBuilder().setInitializer(0, weight);
        return Files.write(folder.resolve("model.onnx"), model.build().toByteArray());
    }

    private float[] read(String... keysAndValues) throws IOException {
        Graph g = OnnxReader.read(model(external(keysAndValues)));
        return Objects.requireNonNull(g.initializer("w")).toFloats();
    }

    private void refused(String message, String... keysAndValues) throws IOException {
        Path file = model(external(keysAndValues));
        assertThatThrownBy(() -> OnnxReader.read(file))
                .isInstanceOf(OnnxException.class)
                .hasMessageStartingWith(file + ": initializer 'w': ")
                .hasMessageContaining(message);
    }

    @Test
    void read_locationOffsetLength_areUsed() throws IOException {
        assertThat(read("location", "weights.bin")).containsExactly(1, 2);
        assertThat(read("location", "weights.bin", "offset", "8")).containsExactly(3, 4);
        assertThat(read("location", "weights.bin", "offset", "4", "length", "8", "checksum", "x"))
                .containsExactly(2, 3);
        assertThat(read("location", "sub/weights.bin")).containsExactly(1, 2);
        assertThat(read("location", "sub/../weights.bin")).containsExactly(1, 2);
    }

    @Test
    void read_pathOutside_isRefused() throws IOException {
        refused("must lie in the model's folder", "location", "../secret.bin");
        refused("must lie in the model's folder", "location", "sub/../../secret.bin");
        refused(
                "must lie in the model's folder",
                "location",
                root.resolve("secret.bin").toString());
        refused("must lie in the model's folder", "location", "");
        refused("must lie in the model's folder");
        Files.createSymbolicLink(folder.resolve("link.bin"), root.resolve("secret.bin"));
        refused("must lie in the model's folder", "location", "link.bin");
        Files.createSymbolicLink(folder.resolve("up"), root);
        refused("must lie in the model's folder", "location", "up/secret.bin");
        Files.createSymbolicLink(folder.resolve("inside.bin"), folder.resolve("weights.bin"));
        assertThat(read("location", "inside.bin")).containsExactly(1, 2);
    }

    @Test
    void read_brokenReferences_areRefused() throws IOException {
        refused("'gone.bin' cannot be read: no such file", "location", "gone.bin");
        refused("'sub' is not a regular file", "location", "sub");
        refused("is not a file name", "location", "a\0b");
        refused("must lie inside 'weights.bin' (16 bytes), found offset 12", "location", "weights.bin", "offset", "12");
        refused("must lie inside", "location", "weights.bin", "offset", Long.toString(Long.MAX_VALUE));
        refused("found '-4'", "location", "weights.bin", "offset", "-4");
        refused("found 'many'", "location", "weights.bin", "length", "many");
        refused("expected 8 bytes, found length 12", "location", "weights.bin", "length", "12");
    }

    @Test
    void read_absurdSize_isRefusedBeforeAnythingIsAllocated() throws IOException {
        Path file = model(external("location", "weights.bin").toBuilder()
                .setDims(0, 1L << 28)
                .build());
        assertThatThrownBy(() -> OnnxReader.read(file)).hasMessageContaining("must lie inside 'weights.bin'");
        Path huge = model(external("location", "weights.bin").toBuilder()
                .setDims(0, 1L << 50)
                .build());
        assertThatThrownBy(() -> OnnxReader.read(huge)).hasMessageContaining("expected less than 2 GB per tensor");
    }

    @Test
    void read_withoutFile_isRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(model(external("location", "weights.bin")));
        assertThatThrownBy(() -> OnnxReader.read(bytes, "bytes"))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("expected a model that is read from a file");
    }

    @Test
    void read_modelThroughSymbolicLink_findsItsOwnFolder() throws IOException {
        Path file = model(external("location", "weights.bin"));
        Path link = Files.createSymbolicLink(root.resolve("link.onnx"), file);
        assertThat(Objects.requireNonNull(OnnxReader.read(link).initializer("w"))
                        .toFloats())
                .containsExactly(1, 2);
    }

    @Test
    void read_externalInsideSubgraph_isRefused() {
        GraphProto branch = GraphProto.newBuilder()
                .addInitializer(external("location", "weights.bin"))
                .build();
        ModelProto.Builder model = SampleModels.addition();
        model.getGraphBuilder()
                .addNode(SampleModels.node(
                        "if",
                        "If",
                        List.of("x"),
                        "z",
                        SampleModels.attribute("then_branch", AttributeType.GRAPH)
                                .setG(branch)
                                .build()));
        assertThatThrownBy(() -> OnnxReader.read(model.build().toByteArray(), "m"))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("If 'if': attribute 'then_branch': external data inside a subgraph");
    }

    @Test
    void read_largeFile_isMapped() throws IOException {
        byte[] large = new byte[20 << 20];
        large[large.length - 1] = 0x40; // the last float is 2
        Files.write(folder.resolve("large.bin"), large);
        Graph g = OnnxReader.read(model(external("location", "large.bin").toBuilder()
                .setDims(0, 5 << 20)
                .build()));
        assertThat(Objects.requireNonNull(g.initializer("w")).data().isDirect()).isTrue();
        assertThat(Objects.requireNonNull(g.initializer("w")).getDouble((5 << 20) - 1))
                .isEqualTo(2);
    }
}
