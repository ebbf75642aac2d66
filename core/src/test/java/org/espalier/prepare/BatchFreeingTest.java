package org.espalier.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.testing.Equivalence;
import org.espalier.testing.FixedBatch;
import org.espalier.testing.ForeignBuilder;
import org.espalier.testing.Ort;
import org.junit.jupiter.api.Test;

class BatchFreeingTest {
    @Test
    void free_reshapesThatStartWithOne_runAnyBatch() {
        ForeignBuilder b = new ForeignBuilder("one", 1);
        String x = b.op("Reshape", List.of(b.conv(b.input("x", 3, 4, 4), 3, 4, 3), b.longs(1, 4, 16)));
        x = b.transpose(x, 0, 2, 1);
        x = b.op("Reshape", List.of(b.linear(x, 4, 6), b.longs(1, -1)));
        b.output(b.gemm(x, 96, 3), 3);
        Graph one = FixedBatch.of(b.build(1), 1);
        Graph free = BatchFreeing.free(one);
        Map<String, TensorData> in = Ort.randomInputs(one, 1, 2);
        Equivalence.assertClose(Ort.run(one, in), Ort.run(free, in), "batch 1");
        assertThat(Ort.run(free, Ort.randomInputs(free, 3, 2)).values())
                .allSatisfy(t -> assertThat(t.shape()).containsExactly(3, 3));
        assertThat(Objects.requireNonNull(free.inputs().get(0).shape()).get(0).isKnown())
                .isFalse();
    }

    /** Operators that compute along an axis on which all examples lie. */
    @Test
    void free_axisOfAllExamplesComputedOn_staysAsItIs() {
        for (String op : List.of("Softmax", "ReduceMean", "CumSum")) {
            ForeignBuilder b = new ForeignBuilder(op, 1);
            String x = b.op("Reshape", List.of(b.gemm(b.input("x", 4), 4, 10), b.longs(-1)));
            String y =
                    switch (op) {
                        case "CumSum" -> b.op(op, List.of(x, b.longs(0)));
                        case "ReduceMean" -> b.op("Sub", List.of(x, b.op(op, List.of(x))));
                        default -> b.op(op, List.of(x));
                    };
            b.output(b.op("Reshape", List.of(y, b.longs(1, 10))), 10);
            Graph one = FixedBatch.of(b.build(1), 1);
            assertThat(BatchFreeing.free(one)).as(op).isSameAs(one);
        }
    }

    /** Sizes, bounds and indices that name the one example. */
    @Test
    void free_oneExampleTakenForAll_staysAsItIs() {
        for (String op : List.of("Resize", "Slice", "Gather", "ScatterND")) {
            ForeignBuilder b = new ForeignBuilder(op, 1);
            String x = b.relu(b.conv(b.input("x", 3, 4, 4), 3, 4, 3));
            String y =
                    switch (op) {
                        case "Resize" -> b.op(op, List.of(x, "", "", b.longs(1, 4, 4, 4)));
                        case "Slice" -> b.op(op, List.of(x, b.longs(0), b.longs(1), b.longs(0)));
                        case "Gather" -> b.op(op, List.of(x, b.longs(0)));
                        default -> b.op(op, List.of(x, b.reshaped(new long[] {1, 3}, 0, 0, 0), b.weight(1, 4)));
                    };
            x = b.op("Add", List.of(x, y));
            b.output(b.gemm(b.op("Flatten", b.op("GlobalAveragePool", x)), 4, 3), 3);
            Graph one = FixedBatch.of(b.build(1), 1);
            assertThat(BatchFreeing.free(one)).as(op).isSameAs(one);
        }
    }

    @Test
    void free_examplesMixed_staysAsItIs() {
        ForeignBuilder b = new ForeignBuilder("mixed", 1);
        String x = b.op("Reshape", List.of(b.input("x", 4, 4), b.longs(4, 4)));
        b.output(b.gemm(x, 4, 3), 3);
        Graph one = FixedBatch.of(b.build(1), 1);
        assertThat(BatchFreeing.free(one)).isSameAs(one);
    }

    @Test
    void free_alreadyFree_staysAsItIs() {
        ForeignBuilder b = new ForeignBuilder("free", 1);
        b.output(b.gemm(b.input("x", 4), 4, 3), 3);
        Graph graph = b.build(1);
        assertThat(BatchFreeing.free(graph)).isSameAs(graph);
    }
}
