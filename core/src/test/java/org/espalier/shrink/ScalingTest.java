package org.espalier.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.prepare.GraphNormalizer;
import org.espalier.testing.Equivalence;
import org.junit.jupiter.api.Test;

/** Cost grows linearly with the number of nodes. */
class ScalingTest {
    private static final int SMALL = 1250;
    private static final int LARGE = 10_000;
    /** Linear would be 8, quadratic 64. */
    private static final double LARGEST_RATIO = 24;

    private static final double LARGEST_RATIO_OF_BYTES = 12;
    private static final int REPETITIONS = 5;

    @Test
    void analysisAndShrinking_eightTimesTheNodes_costAboutEightTimes() {
        Graph small = network(SMALL);
        Graph large = network(LARGE);
        assertThat(large.nodes()).hasSizeGreaterThanOrEqualTo(LARGE);
        Cost ofSmall = Cost.of(small);
        Cost ofLarge = Cost.of(large);
        for (int i = 1; i < REPETITIONS; i++) {
            ofSmall = ofSmall.min(Cost.of(small));
            ofLarge = ofLarge.min(Cost.of(large));
        }
        assertThat(ofLarge.nanoseconds() / (double) ofSmall.nanoseconds())
                .as("processor time for %d nodes over that for %d", LARGE, SMALL)
                .isLessThan(LARGEST_RATIO);
        assertThat(ofLarge.bytes() / (double) ofSmall.bytes())
                .as("bytes allocated for %d nodes over those for %d", LARGE, SMALL)
                .isLessThan(LARGEST_RATIO_OF_BYTES);
    }

    /** What one analysis with shrinking takes of this thread: other programs and the garbage collector do not count. */
    private record Cost(long nanoseconds, long bytes) {
        private static final com.sun.management.ThreadMXBean THREADS =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

        static Cost of(Graph graph) {
            long bytes = THREADS.getCurrentThreadAllocatedBytes();
            long start = THREADS.getCurrentThreadCpuTime();
            prune(graph);
            return new Cost(
                    THREADS.getCurrentThreadCpuTime() - start, THREADS.getCurrentThreadAllocatedBytes() - bytes);
        }

        Cost min(Cost other) {
            return new Cost(Math.min(nanoseconds, other.nanoseconds), Math.min(bytes, other.bytes));
        }
    }

    private static void prune(Graph graph) {
        Graph normal = GraphNormalizer.normalize(graph);
        ChannelGroups groups = ChannelGroups.of(normal);
        boolean[] kept = Equivalence.randomKept(groups, 0.5, new SplittableRandom(1));
        Graph smaller = Shrinker.shrink(groups, normal, kept).graph();
        assertThat(smaller.nodes()).hasSameSizeAs(normal.nodes());
    }

    /** Residual blocks of convolution, batch normalisation and activation, with a concatenation now and then. */
    private static Graph network(int nodes) {
        GraphBuilder b = new GraphBuilder("long", 1);
        int c = 8;
        String x = b.conv("stem", b.input("x", 3, 4, 4), 3, c, 1, 1, 0, 1, true);
        for (int i = 0; i * 5 < nodes; i++) {
            String y = b.relu("relu" + i, b.batchNorm("bn" + i, b.conv("a" + i, x, c, c, 1, 1, 0, 1, false), c));
            x = b.add("add" + i, x, b.conv("b" + i, y, c, c, 1, 1, 0, 1, true));
        }
        b.declareOutput(b.gemm("fc", b.flatten("flatten", b.globalAveragePool("gap", x)), c, 3), 3);
        return b.build();
    }
}
