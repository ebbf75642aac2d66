package org.espalier.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.data.DataSetBuilder;
import org.espalier.data.Normalization;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.objective.LabelledOutput.Kind;
import org.espalier.recipe.DistillationSettings;
import org.espalier.recipe.LayerChoice;
import org.espalier.recipe.PruningTask;
import org.espalier.torch.Engine;
import org.espalier.torch.PassMode;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Labels of several numbers per example: which loss and which measure they get, by values worked out by hand. */
class NumericLabelsTest {
    @BeforeAll
    static void oneThread() {
        Engine.start(1);
    }

    /** A network that gives its input x as it is, or through an operator. */
    private static Graph gives(String operator, int axis, long... shape) {
        GraphBuilder b = new GraphBuilder("gives", 1);
        b.input("x", shape);
        Map<String, Attribute> attributes = operator.equals("Softmax") ? Map.of("axis", Attribute.of(axis)) : Map.of();
        b.output("out", b.node("gives", operator, List.of("x"), attributes), shape);
        return b.build();
    }

    private static DataSetBuilder data(int[] shape, float[]... rows) {
        return DataSet.builder("d").floats("x", rows, Normalization.identity(), shape);
    }

    private static int[] shape(int... sizes) {
        return sizes;
    }

    private static float[] row(double... values) {
        float[] row = new float[values.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) values[i];
        }
        return row;
    }

    private static float[][] rows(float[]... rows) {
        return rows;
    }

    private static double loss(Graph graph, DataSet data) {
        TrainingLoss loss = new TrainingLoss(
                0,
                new DistillationSettings(0, 1),
                graph,
                data,
                PruningTask.DEFAULT,
                new BatchTensors(graph, data),
                null,
                true);
        try (TorchGraph net = new TorchGraph(graph);
                Scope scope = Scope.open();
                BatchLoader loader = BatchLoader.of(data)
                        .batchSize(data.size())
                        .shuffle(false)
                        .epochs(1)
                        .build()) {
            Batch batch = loader.next();
            Map<String, Tensor> out = net.forward(loss.inputs(batch), Map.of(), PassMode.evaluation());
            double plain = loss.dataLoss(out, batch);
            assertThat(loss.loss(out, Map.of(), batch).item_double()).isCloseTo(plain, within(1e-6));
            return plain;
        }
    }

    private static void assertMeasured(Graph graph, DataSet data, Kind kind, double loss, double percent) {
        assertThat(LabelledOutput.of(graph, data, PruningTask.DEFAULT).kind()).isEqualTo(kind);
        assertThat(loss(graph, data)).isCloseTo(loss, within(1e-5));
        assertThat(Evaluator.errorPercent(graph, data)).isCloseTo(percent, within(1e-9));
    }

    @Test
    void oneHot_isTheClass() {
        float[][] scores = rows(row(0, Math.log(3), 0), row(0, 0, Math.log(2)));
        DataSet floats = data(shape(3), scores)
                .targets(rows(row(0, 1, 0), row(1, 0, 0)), 3)
                .build();
        // Probabilities 3/5 and 1/4 of the right class; the second example's largest score is another's.
        double wanted = (Math.log(5 / 3.0) + Math.log(4)) / 2;
        assertMeasured(gives("Identity", 0, 3), floats, Kind.SCORES, wanted, 50);
        DataSet integers = data(shape(3), scores)
                .integers(rows(row(0, 1, 0), row(1, 0, 0)), 3)
                .build();
        assertMeasured(gives("Identity", 0, 3), integers, Kind.SCORES, wanted, 50);
        assertMeasured(gives("Softmax", -1, 3), floats, Kind.PROBABILITIES, wanted, 50);
    }

    @Test
    void severalOnes_areYesOrNoForEachClass() {
        // Odds 3, 1/4, 1 and 4: probabilities 3/4, 1/5, 1/2 and 4/5.
        float[][] scores = rows(row(Math.log(3), Math.log(0.25)), row(0, Math.log(4)));
        DataSet data =
                data(shape(2), scores).targets(rows(row(1, 1), row(0, 1)), 2).build();
        double wanted = -(Math.log(0.75) + Math.log(0.2) + Math.log(0.5) + Math.log(0.8)) / 4;
        assertMeasured(gives("Identity", 0, 2), data, Kind.YES_OR_NO_SCORES, wanted, 25);
        assertMeasured(gives("Sigmoid", 0, 2), data, Kind.YES_OR_NO, wanted, 25);
    }

    @Test
    void zeroOrOneFloat_isTheClassOfASingleProbability() {
        DataSet data = data(shape(1), row(Math.log(3)), row(Math.log(4)))
                .targets(rows(row(1), row(0)))
                .build();
        double wanted = -(Math.log(0.75) + Math.log(0.2)) / 2;
        assertMeasured(gives("Sigmoid", 0, 1), data, Kind.PROBABILITY, wanted, 50);
        assertMeasured(gives("Identity", 0, 1), data, Kind.SCORE, wanted, 50);
    }

    @Test
    void labelMap_isTheClassOfEachPixel() {
        // Two classes on 1 × 3 pixels, the second example's last two without a class.
        double three = Math.log(3);
        float[][] scores = rows(row(0, 0, 0, three, three, 0), row(0, 0, 0, three, 0, 0));
        DataSet data = data(shape(2, 1, 3), scores)
                .integers(rows(row(1, 0, 0), row(1, 255, -1)), 1, 3)
                .build();
        double wanted = -(Math.log(0.75) + Math.log(0.25) + Math.log(0.5) + Math.log(0.75)) / 4;
        // One of three pixels is wrong in the first example, none of one in the second.
        assertMeasured(gives("Identity", 0, 2, 1, 3), data, Kind.SCORES_BY_POSITION, wanted, 100 / 6.0);
        assertMeasured(gives("Softmax", 1, 2, 1, 3), data, Kind.POSITIONS, wanted, 100 / 6.0);
    }

    @Test
    void labelsOfTokens_areTheClassesAlongTheLastAxis() {
        double three = Math.log(3);
        DataSet data = data(shape(3, 2), row(0, three, 0, three, 0, 0))
                .integers(rows(row(1, 0, -100)), 3)
                .build();
        double wanted = -(Math.log(0.75) + Math.log(0.25)) / 2;
        assertMeasured(gives("Identity", 0, 3, 2), data, Kind.SCORES_BY_POSITION, wanted, 50);
        DataSet nothing = data(shape(3, 2), row(0, three, 0, three, 0, 0))
                .integers(rows(row(-1, -1, -1)), 3)
                .build();
        assertMeasured(gives("Identity", 0, 3, 2), nothing, Kind.SCORES_BY_POSITION, 0, 0);
    }

    @Test
    void masksOfZerosAndOnes_areYesOrNoOrOneHotAtEachPixel() {
        double three = Math.log(3);
        DataSet mask = data(shape(1, 2, 2), row(three, three, three, -three))
                .integers(rows(row(1, 0, 0, 0)), 2, 2)
                .build();
        double wanted = -(Math.log(0.75) + Math.log(0.25)) / 2;
        assertMeasured(gives("Sigmoid", 0, 1, 2, 2), mask, Kind.YES_OR_NO, wanted, 50);
        DataSet oneHot = data(shape(2, 1, 2), row(0, 0, three, three))
                .targets(rows(row(0, 1, 1, 0)), 2, 1, 2)
                .build();
        assertMeasured(gives("Softmax", 1, 2, 1, 2), oneHot, Kind.POSITIONS, wanted, 50);
    }

    @Test
    void otherFloats_areNumbersToPredict() {
        DataSet data =
                data(shape(1), row(1), row(3)).targets(rows(row(0.5), row(1))).build();
        assertThat(LabelledOutput.of(gives("Sigmoid", 0, 1), data, PruningTask.DEFAULT)
                        .kind())
                .isEqualTo(Kind.NUMBERS);
    }

    @Test
    void labelsThatDoNotFit_areOneLine() {
        DataSet map = data(shape(2, 1, 3), row(1, 2, 3, 4, 5, 6))
                .integers(rows(row(0, 1, 2)), 1, 3)
                .build();
        assertThatThrownBy(() -> LabelledOutput.of(gives("Identity", 0, 2, 1, 3), map, PruningTask.DEFAULT))
                .hasMessage("output 'out' must hold a score for each class of data set 'd', expected classes 0 to 1"
                        + " (below 0, or 255, for none), found 2");
        DataSet small = data(shape(2, 1, 3), row(1, 2, 3, 4, 5, 6))
                .integers(rows(row(0, 1, 1, 0)), 1, 4)
                .build();
        assertThatThrownBy(() -> LabelledOutput.of(gives("Identity", 0, 2, 1, 3), small, PruningTask.DEFAULT))
                .hasMessageContaining("an integer for, expected [1, 4] and an axis of classes")
                .hasMessageContaining("found [N, 2, 1, 3]");
        DataSet floats = data(shape(3), row(1, 2, 3), row(1, 2, 3))
                .targets(rows(row(2), row(0)))
                .build();
        assertThatThrownBy(() -> LabelledOutput.of(gives("Identity", 0, 3), floats, PruningTask.DEFAULT))
                .hasMessageContaining("expected 1 numbers per example as y [], found 3; if they are classes, give them"
                        + " as integers");
        PruningTask classifier = new PruningTask(null, true, LayerChoice.ALL);
        DataSet numbers = data(shape(1), row(1)).targets(rows(row(0.5))).build();
        assertThatThrownBy(() -> LabelledOutput.of(gives("Identity", 0, 1), numbers, classifier))
                .hasMessageContaining("labels of a classifier must be classes");
    }
}
