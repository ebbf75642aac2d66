package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.torch.Mode;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossTest {
    private static final int STEPS = 8;

    private final DataSet data = Toy.digits().train();
    private final Graph graph = Toy.convolutional();

    private Loss loss(double share, Teacher teacher, boolean always) {
        Recipe recipe = Recipe.builder().distillation(share).temperature(3).build();
        return new Loss(recipe, graph, data, null, new Feed(graph, data), teacher, always);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.25, 0.5, 0.625, 1})
    void teacherWhoseAnswersAreNotKnown_isAskedInItsShareOfTheSteps_andTheLossIsTheSameInTheMean(double share) {
        try (Scope scope = Scope.open();
                Teacher known = new Teacher(graph, data, true);
                Teacher unknown = new Teacher(graph, data, false);
                TorchGraph net = new TorchGraph(graph);
                BatchLoader loader = BatchLoader.of(data).batchSize(50).seed(1).build()) {
            Batch batch = loader.next();
            Mode mode = Mode.evaluation();
            Loss every = loss(share, known, false);
            // The network's scores, stretched: not what the teacher says.
            Map<String, Tensor> outputs = net.forward(every.inputs(batch), Map.of(), mode);
            outputs = Map.of("logits", outputs.values().iterator().next().square());
            double expected =
                    every.loss(outputs, every.wanted(0, batch, mode), batch).item_double();
            Loss always = loss(share, unknown, true);
            assertThat(always.loss(outputs, always.wanted(0, batch, mode), batch)
                            .item_double())
                    .isCloseTo(expected, within(1e-4));

            Loss sometimes = loss(share, unknown, false);
            int asked = 0;
            double sum = 0;
            for (int step = 0; step < STEPS; step++) {
                Map<String, Tensor> wanted = sometimes.wanted(step, batch, mode);
                asked += wanted.isEmpty() ? 0 : 1;
                sum += sometimes.loss(outputs, wanted, batch).item_double();
            }
            assertThat(asked).isEqualTo((int) (share * STEPS));
            assertThat(sum / STEPS).isCloseTo(expected, within(1e-4));
        }
    }
}
