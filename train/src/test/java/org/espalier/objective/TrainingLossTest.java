package org.espalier.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.data.Normalization;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.recipe.DistillationSettings;
import org.espalier.recipe.LayerChoice;
import org.espalier.recipe.PruningTask;
import org.espalier.torch.PassMode;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.espalier.train.Toy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingLossTest {
    private static final int STEPS = 8;

    private final DataSet data = Toy.digits().train();
    private final Graph graph = Toy.convolutional();

    private TrainingLoss loss(double share, Teacher teacher, boolean always) {
        return new TrainingLoss(
                0,
                new DistillationSettings(share, 3),
                graph,
                data,
                PruningTask.DEFAULT,
                new BatchTensors(graph, data),
                teacher,
                always);
    }

    /** As numbers they would be farther apart where a score is large, whether or not it makes a class more probable. */
    @Test
    void classifierWithoutLabels_losesWhatItsProbabilitiesDo() {
        DataSet unlabelled = DataSet.builder("none")
                .floats("input", new float[6][2], Normalization.identity(), 2)
                .build();
        DistillationSettings distillation = new DistillationSettings(0.5, 3);
        Graph scores = ending("");
        Graph probabilities = ending("Softmax");
        try (Scope scope = Scope.open();
                Teacher one = new Teacher(scores, unlabelled, true);
                Teacher other = new Teacher(probabilities, unlabelled, true);
                BatchLoader loader =
                        BatchLoader.of(unlabelled).batchSize(6).seed(1).build()) {
            Batch batch = loader.next();
            TrainingLoss byScores = new TrainingLoss(
                    0,
                    distillation,
                    scores,
                    unlabelled,
                    new PruningTask(null, true, LayerChoice.ALL),
                    new BatchTensors(scores, unlabelled),
                    one,
                    false);
            TrainingLoss byProbabilities = new TrainingLoss(
                    0,
                    distillation,
                    probabilities,
                    unlabelled,
                    PruningTask.DEFAULT,
                    new BatchTensors(probabilities, unlabelled),
                    other,
                    false);
            Tensor z = torch.randn(6, 3);
            Tensor t = torch.randn(6, 3);
            double expected = byProbabilities
                    .loss(Map.of("y", z.softmax(1)), Map.of("y", t.softmax(1)), batch)
                    .item_double();
            assertThat(byScores.loss(Map.of("y", z), Map.of("y", t), batch).item_double())
                    .isCloseTo(expected, within(1e-5));
            // Adding the same to all scores changes no probability.
            Tensor moved = z.add(new Scalar(7.0));
            assertThat(byScores.loss(Map.of("y", moved), Map.of("y", t), batch).item_double())
                    .isCloseTo(expected, within(1e-5));
        }
    }

    private static Graph ending(String op) {
        GraphBuilder b = new GraphBuilder("small", 1);
        String x = b.gemm("fc", b.input("input", 2), 2, 3);
        b.output("y", op.isEmpty() ? x : b.node("last", op, List.of(x), Map.of()), 3);
        return b.build();
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
            PassMode mode = PassMode.evaluation();
            TrainingLoss every = loss(share, known, false);
            // The network's scores, stretched: not what the teacher says.
            Map<String, Tensor> outputs = net.forward(every.inputs(batch), Map.of(), mode);
            outputs = Map.of("logits", outputs.values().iterator().next().square());
            double expected = every.loss(outputs, every.wanted(0, batch, every.inputs(batch), mode), batch)
                    .item_double();
            TrainingLoss always = loss(share, unknown, true);
            assertThat(always.loss(outputs, always.wanted(0, batch, always.inputs(batch), mode), batch)
                            .item_double())
                    .isCloseTo(expected, within(1e-4));

            TrainingLoss sometimes = loss(share, unknown, false);
            int asked = 0;
            double sum = 0;
            for (int step = 0; step < STEPS; step++) {
                Map<String, Tensor> wanted = sometimes.wanted(step, batch, sometimes.inputs(batch), mode);
                asked += wanted.isEmpty() ? 0 : 1;
                sum += sometimes.loss(outputs, wanted, batch).item_double();
            }
            assertThat(asked).isEqualTo((int) (share * STEPS));
            assertThat(sum / STEPS).isCloseTo(expected, within(1e-4));
        }
    }

    /** What the divergence is added to is the loss with labels alone, whatever else the network learns from. */
    @Test
    void dataLoss_isThatWithoutTeacherAndSmoothing() {
        try (Scope scope = Scope.open();
                Teacher teacher = new Teacher(graph, data, true);
                TorchGraph net = new TorchGraph(graph);
                BatchLoader loader = BatchLoader.of(data).batchSize(50).seed(1).build()) {
            Batch batch = loader.next();
            TrainingLoss taught = loss(0.5, teacher, false);
            TrainingLoss plain = loss(0, teacher, false);
            PassMode mode = PassMode.evaluation();
            Map<String, Tensor> inputs = plain.inputs(batch);
            Map<String, Tensor> outputs = net.forward(inputs, Map.of(), mode);
            double labels = plain.loss(outputs, Map.of(), batch).item_double();
            assertThat(plain.isDataLoss()).isTrue();
            assertThat(taught.isDataLoss()).isFalse();
            assertThat(taught.dataLoss(outputs, batch)).isEqualTo(labels);
            assertThat(taught.loss(outputs, taught.wanted(0, batch, inputs, mode), batch)
                            .item_double())
                    .isNotCloseTo(labels, within(1e-3));
        }
    }
}
