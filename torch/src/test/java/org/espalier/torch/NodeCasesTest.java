package org.espalier.torch;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;
import org.espalier.onnx.OnnxReader;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Operator cases made by another framework: model, inputs and expected outputs. */
class NodeCasesTest {
    @TestFactory
    Stream<DynamicTest> nodeCases_matchExpectedOutputs() throws IOException {
        Path folder = Fixtures.shared("onnx/node");
        if (folder == null) {
            return Stream.of(dynamicTest("shared/onnx/node", () -> abort("shared/onnx/node: not found")));
        }
        List<Path> cases;
        try (Stream<Path> entries = Files.list(folder)) {
            cases = entries.filter(Files::isDirectory).sorted().toList();
        }
        return cases.stream().map(c -> dynamicTest(c.getFileName().toString(), () -> check(c)));
    }

    private static void check(Path folder) throws IOException {
        Graph graph = OnnxReader.read(folder.resolve("model.onnx"));
        try (TorchGraph run = new TorchGraph(graph)) {
            for (int set = 0; Files.isDirectory(folder.resolve("test_data_set_" + set)); set++) {
                checkSet(run, folder.resolve("test_data_set_" + set));
            }
        }
    }

    private static void checkSet(TorchGraph run, Path data) throws IOException {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            int i = 0;
            for (Value v : run.graph().inputs()) {
                inputs.put(
                        v.name(), TensorConversions.toTorch(Fixtures.readTensor(data.resolve("input_" + i++ + ".pb"))));
            }
            Map<String, Tensor> outputs = run.forward(inputs, Map.of(), PassMode.evaluation());
            int o = 0;
            for (Map.Entry<String, Tensor> e : outputs.entrySet()) {
                Fixtures.assertClose(
                        e.getKey(),
                        TensorConversions.toGraph(e.getValue()),
                        Fixtures.readTensor(data.resolve("output_" + o++ + ".pb")),
                        1e-4,
                        1e-5);
            }
        }
    }
}
