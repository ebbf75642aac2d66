package org.espalier.objective;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.torch.PassMode;
import org.espalier.torch.Precision;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.espalier.torch.ops.TensorConversions;
import org.espalier.train.Toy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TeacherTest {
    private final DataSet data = Toy.digits().train();

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "MIXED"})
    void outputs_ofANetworkThatIsAskedAgainAndAgain_areThoseOfItsOwnWeights(Precision precision) {
        PassMode step = PassMode.training(precision).withExact(precision == Precision.FLOAT32);
        Graph graph = graph();
        try (Scope scope = Scope.open();
                Teacher teacher = new Teacher(graph, data, false);
                TorchGraph net = new TorchGraph(graph);
                BatchLoader loader = BatchLoader.of(data).batchSize(20).seed(1).build()) {
            for (int i = 0; i < 3; i++) {
                Batch batch = loader.next();
                Map<String, Tensor> inputs = new BatchTensors(graph, data).inputs(batch);
                Tensor expected = Objects.requireNonNull(
                        net.forward(inputs, Map.of(), step.beside()).get("logits"));
                Tensor found = Objects.requireNonNull(
                        teacher.outputs(batch, inputs, step).get("logits"));
                assertThat(TensorConversions.toGraph(found)).isEqualTo(TensorConversions.toGraph(expected));
            }
        }
    }

    /** With filters per channel, which stay in float32. */
    private static Graph graph() {
        GraphBuilder b = new GraphBuilder("small", 3);
        String x = b.relu("relu1", b.conv("conv1", b.input("input", 1, 28, 28), 1, 4, 5, 2, 0, 1, true));
        x = b.relu("relu2", b.conv("conv2", x, 4, 4, 3, 2, 0, 4, true));
        b.output("logits", b.gemm("fc", b.flatten("flatten", x), 4 * 5 * 5, 10), 10);
        return b.build();
    }
}
