package org.espalier.shapes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.onnx.OnnxReader;
import org.espalier.ops.OperatorTable;
import org.espalier.prepare.GraphNormalizer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Inferred shapes of small models that another framework wrote, against the shapes of its outputs; skipped where they are missing. */
class NodeCasesTest {
    static List<Path> cases() throws IOException {
        String data = System.getenv("ESPALIER_DATA");
        Path onnx = data == null
                ? Path.of("..", "..", "shared", "onnx")
                : Path.of(data).resolveSibling("onnx");
        Path folder = onnx.resolve("node");
        if (!Files.isDirectory(folder)) {
            return List.of(folder);
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void infer_case_hasTheExpectedShapes(Path folder) throws IOException {
        assumeTrue(Files.exists(folder.resolve("model.onnx")), () -> folder + " is missing");
        Graph graph = OnnxReader.read(folder.resolve("model.onnx"));
        List<String> unknown = new ArrayList<>();
        for (Node n : graph.nodes()) {
            if (OperatorTable.find(n) == null) {
                unknown.add(n.opType());
            }
        }
        assertThat(unknown).as("operators without a class").isEmpty();
        Graph normal = GraphNormalizer.normalize(graph);
        InferredShapes shapes = InferredShapes.infer(normal, 1);
        for (int i = 0; i < graph.outputs().size(); i++) {
            String name = graph.outputs().get(i).name();
            Path file = folder.resolve("test_data_set_0").resolve("output_" + i + ".pb");
            OnnxMl.TensorProto expected = OnnxMl.TensorProto.parseFrom(Files.readAllBytes(file));
            assertThat(shapes.shape(name))
                    .as("%s of %s", name, graph.nodes())
                    .containsExactly(expected.getDimsList().stream()
                            .mapToLong(Long::longValue)
                            .toArray());
            assertThat(shapes.type(name).onnx()).isEqualTo(expected.getDataType());
        }
        ChannelGroups.of(normal);
    }
}
