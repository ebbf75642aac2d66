package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.espalier.data.DataSet;
import org.espalier.data.Normalization;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.TensorData;
import org.espalier.method.PruningMethods;
import org.espalier.progress.TrainingListener;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;
import org.espalier.torch.Engine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Training does not damage a network from which nothing is removed. */
class RateProbeTest {
    @BeforeAll
    static void oneThread() {
        Engine.start(1);
    }

    static Stream<Arguments> networks() {
        return Stream.of(
                Arguments.of(Toy.convolutional(), new int[] {1, 28, 28}, 60, false),
                Arguments.of(unbalanced(), new int[] {24}, 12, true),
                Arguments.of(gated(), new int[] {24}, 200, false));
    }

    /** The first layer's weights are a hundred thousand times smaller than the second's. */
    private static Graph unbalanced() {
        GraphBuilder b = new GraphBuilder("unbalanced", 3);
        String x = b.relu("relu1", b.gemm("fc1", b.input("input", 24), 24, 32));
        b.output("y", b.gemm("fc2", x, 32, 6), 6);
        Graph graph = b.build();
        return scaled(scaled(graph, 0, 3e-3f), graph.nodes().size() - 1, 300);
    }

    private static Graph scaled(Graph graph, int node, float factor) {
        String name = graph.nodes().get(node).input(1);
        TensorData w = java.util.Objects.requireNonNull(graph.initializer(name));
        float[] v = w.toFloats();
        for (int i = 0; i < v.length; i++) {
            v[i] *= factor;
        }
        return graph.withInitializers(Map.of(name, TensorData.ofFloats(v, w.shape())));
    }

    /** tanh(a) · sigmoid(b), read by a layer of numbers. */
    private static Graph gated() {
        GraphBuilder b = new GraphBuilder("gated", 4);
        String x = b.relu("relu0", b.gemm("fc0", b.input("input", 24), 24, 32));
        String value = b.node("tanh", "Tanh", List.of(b.gemm("fc1", x, 32, 32)), Map.of());
        String gate = b.node("sigmoid", "Sigmoid", List.of(b.gemm("fc2", x, 32, 32)), Map.of());
        b.output("y", b.gemm("fc3", b.node("mul", "Mul", List.of(value, gate), Map.of()), 32, 3), 3);
        return b.build();
    }

    private static DataSet examples(int[] shape, int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int size = 1;
        for (int s : shape) {
            size *= s;
        }
        float[][] rows = new float[count][size];
        for (float[] row : rows) {
            for (int i = 0; i < size; i++) {
                row[i] = (float) random.nextDouble(-1, 1);
            }
        }
        return DataSet.builder("random")
                .floats("input", rows, Normalization.identity(), shape)
                .build();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void nothingRemoved_outputsDifferByLessThanOnePercent(Graph graph, int[] shape, int count, boolean lowered) {
        List<String> messages = new ArrayList<>();
        TrainingListener heard = new TrainingListener() {
            @Override
            public void onMessage(String line) {
                messages.add(line);
            }
        };
        Recipe recipe = Recipes.user(count, true, 0)
                .withEpochs(0, 10, 4)
                .withPhases(p -> p.withRateProbe(true))
                .withNoise(n -> n.withTolerance(1e-6));
        Splits data = new Splits(examples(shape, count, 1), examples(shape, 50, 2));
        PruningOutcome out = new PruningRun(graph, data, recipe, PruningMethods.SBPA, heard).run();
        assertThat(out.errorPercent()).isLessThan(1);
        if (lowered) {
            assertThat(messages).anyMatch(m -> m.startsWith("learning rate "));
        }
    }
}
