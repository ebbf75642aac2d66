package org.espalier.objective;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.espalier.data.DataSet;
import org.espalier.data.Normalization;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.Value;
import org.espalier.recipe.PruningTask;
import org.espalier.train.Toy;
import org.junit.jupiter.api.Test;

class EvaluatorTest {
    /** 200 test examples in batches of 64: the last holds eight. */
    @Test
    void errorPercent_fixedBatch_countsEveryExample() {
        Graph any = Toy.dense();
        DataSet test = Toy.digits().test();
        NetworkScore score = Evaluator.measure(fixed(any, 64), test, PruningTask.DEFAULT, null);
        assertThat(score.above(score)).isEqualTo(ErrorInterval.of(new double[200], new double[200], true));
        assertThat(Evaluator.errorPercent(fixed(any, 64), test)).isEqualTo(Evaluator.errorPercent(any, test));
        assertThat(Evaluator.errorPercent(fixed(any, 300), test)).isEqualTo(Evaluator.errorPercent(any, test));
    }

    private static Graph fixed(Graph g, int batch) {
        List<Value> inputs = new ArrayList<>();
        for (Value v : g.inputs()) {
            List<Dimension> shape = new ArrayList<>(Objects.requireNonNull(v.shape()));
            shape.set(0, Dimension.of(batch));
            inputs.add(new Value(v.name(), v.type(), shape));
        }
        return new Graph(g.name(), g.opsets(), inputs, g.outputs(), g.nodes(), g.initializers());
    }

    @Test
    void evaluationBatch_largePictures_areTakenAFewAtATime() {
        assertThat(batch(28)).isEqualTo(500);
        assertThat(batch(640)).isEqualTo(13);
        assertThat(batch(3000)).isEqualTo(1);
    }

    private static int batch(int side) {
        GraphBuilder b = new GraphBuilder("large", 1);
        String x = b.globalAveragePool("pool", b.input("input", 3, side, side));
        b.output("y", b.flatten("flat", x), 3);
        byte[][] pictures = {new byte[3 * side * side]};
        DataSet data = DataSet.builder("large")
                .bytes("", pictures, Normalization.pixels(List.of(0.0), List.of(1.0)), 3, side, side)
                .build();
        return new BatchTensors(b.build(), data).evaluationBatch();
    }
}
