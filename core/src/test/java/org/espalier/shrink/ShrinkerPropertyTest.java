package org.espalier.shrink;

import java.util.Map;
import java.util.stream.LongStream;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.prepare.GraphNormalizer;
import org.espalier.testing.Equivalence;
import org.espalier.testing.Ort;
import org.espalier.testing.RandomForeign;
import org.espalier.testing.RandomNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Masked equals shrunk, on random networks with random units removed. {@code -Dtests.seed=S} runs the network of seed S alone, {@code
 * -Dtests.networks=N} more of them.
 */
class ShrinkerPropertyTest {
    static LongStream seeds() {
        Long one = Long.getLong("tests.seed");
        return one == null ? LongStream.range(0, Integer.getInteger("tests.networks", 200)) : LongStream.of(one);
    }

    @ParameterizedTest(name = "-Dtests.seed={0}")
    @MethodSource("seeds")
    void shrink_randomNetwork_equalsMasked(long seed) {
        Graph graph = RandomNetwork.of(seed);
        try {
            Equivalence.check(graph, seed, 1, 3);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "replay with -Dtests.seed=" + seed + ": " + graph.name() + ": " + e.getMessage(), e);
        }
    }

    static LongStream foreignSeeds() {
        Long one = Long.getLong("tests.foreign");
        return one == null ? LongStream.range(0, Integer.getInteger("tests.networks", 150)) : LongStream.of(one);
    }

    @ParameterizedTest(name = "-Dtests.foreign={0}")
    @MethodSource("foreignSeeds")
    void shrink_randomForeignNetwork_equalsMasked(long seed) {
        Graph foreign = RandomForeign.of(seed);
        try {
            Graph graph = GraphNormalizer.normalize(foreign);
            Map<String, TensorData> in = Ort.randomInputs(foreign, 2, seed);
            Equivalence.assertClose(Ort.run(foreign, in), Ort.run(graph, in), "normalised");
            Equivalence.check(graph, seed, 1, 3);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "replay with -Dtests.foreign=" + seed + ": " + foreign.name() + ": " + e.getMessage(), e);
        }
    }
}
