package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Map;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.TensorData;
import org.espalier.progress.TrainingException;
import org.espalier.progress.TrainingListener;
import org.espalier.torch.Engine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A run whose numbers become infinite or NaN ends at once, and says where. */
class NotFiniteRunTest {
    @BeforeAll
    static void oneThread() {
        Engine.start(1);
    }

    private static void run(Graph graph, Toy.Settings settings) {
        new PruningRun(graph, Toy.digits(), settings.recipe(), Toy.SBP, TrainingListener.silent()).run();
    }

    @Test
    void run_lossNotFinite_saysStepGroupAndAdvice() {
        Toy.Settings s = Toy.settings();
        s.pretrainLearningRate = 1e30;
        assertThatThrownBy(() -> run(Toy.dense(), s))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("pretrain")
                .hasMessageContaining("step 2 (batch 2 of epoch 1), first in what Gemm 'fc2' makes (reads group 'fc1')")
                .hasMessageContaining("lower the learning rate (now 1.0E30)");
    }

    /** Pruning of a network with scores of ±4·weight, all of whose signals are dropped while it trains. */
    private static void pruneWithLargeScores(float weight, double distillation) {
        GraphBuilder b = new GraphBuilder("large", 1);
        String x = b.relu("relu", b.gemm("fc1", b.flatten("flatten", b.input("input", 1, 28, 28)), 784, 4));
        b.output("scores", b.gemm("fc2", x, 4, 10), 10);
        float[] rows = new float[40];
        Arrays.fill(rows, -weight);
        Arrays.fill(rows, 0, 4, weight);
        Graph graph = b.build()
                .withInitializers(Map.of(
                        "fc1.weight", TensorData.full(0, 4, 784),
                        "fc1.bias", TensorData.full(1, 4),
                        "fc2.weight", TensorData.ofFloats(rows, 10, 4)));
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 0;
        s.distillation = distillation;
        s.tolerance = 0.5;
        s.pruneDropout = Map.of("fc1", 0.999999);
        run(graph, s);
    }

    /** The share of the divergence would become NaN. */
    @Test
    void run_originalWithoutAFiniteLoss_cannotSteer() {
        assertThatThrownBy(() -> pruneWithLargeScores(0.6e38f, 0))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("prune: the original network")
                .hasMessageContaining("loss must be finite, found Infinity at step 1 ")
                .hasMessageContaining("tolerance 0");
    }

    @Test
    void run_originalWithInfiniteOutputs_cannotTeach() {
        assertThatThrownBy(() -> pruneWithLargeScores(1e38f, 0.5))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("prune: the original network")
                .hasMessageContaining("outputs must be finite")
                .hasMessageContaining("at step 1 ");
    }
}
