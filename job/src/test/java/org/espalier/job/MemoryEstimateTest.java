package org.espalier.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.espalier.data.DataSet;
import org.espalier.data.sources.DataSets;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.Value;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;

class MemoryEstimateTest {
    private static final long GIB = 1L << 30;

    @Test
    void examples_areThoseWanted_orAPowerOfTwoForWhichThereIsRoom() {
        assertThat(MemoryEstimate.examples(GIB / 100, GIB, 100)).isEqualTo(100);
        assertThat(MemoryEstimate.examples(GIB / 99, GIB, 100)).isEqualTo(64);
        assertThat(MemoryEstimate.examples(GIB / 3, GIB, 256)).isEqualTo(2);
        assertThat(MemoryEstimate.examples(3 * GIB, GIB, 256)).isEqualTo(1);
        assertThat(MemoryEstimate.examples(0, GIB, 256)).isEqualTo(256);
    }

    @Test
    void smallNetworks_getAllThatIsWanted() {
        DataSet digits = DataSets.digits(1, 1, 1).train();
        assertThat(MemoryEstimate.inference(Zoo.build("lenet5", 1), digits, 256))
                .isEqualTo(256);
        assertThat(MemoryEstimate.training(Zoo.build("lenet5", 1), digits, 128)).isEqualTo(128);
    }

    /** Nothing but the data says how large pictures are. */
    @Test
    void cost_freePictureSize_isTheDatas() {
        GraphBuilder b = new GraphBuilder("free", 1);
        b.output("y", b.conv("conv", b.input("x", 1, 28, 28), 1, 4, 5, 1, 0, 1, true), 4, 24, 24);
        Graph fixed = b.build();
        Value x = new Value(
                "x",
                ElementType.FLOAT,
                List.of(Dimension.symbol("N"), Dimension.of(1), Dimension.symbol("h"), Dimension.symbol("w")));
        Value y = new Value("y", ElementType.FLOAT, null);
        Graph free = new Graph("free", fixed.opsets(), List.of(x), List.of(y), fixed.nodes(), fixed.initializers());
        assertThat(MemoryEstimate.cost(free, DataSets.digits(1, 1, 1).train()).macs())
                .isEqualTo(24 * 24 * 25 * 4);
        Value eight = new Value(
                "x",
                ElementType.FLOAT,
                List.of(Dimension.of(8), Dimension.of(1), Dimension.symbol("h"), Dimension.symbol("w")));
        Graph batch =
                new Graph("batch", fixed.opsets(), List.of(eight), List.of(y), fixed.nodes(), fixed.initializers());
        assertThat(MemoryEstimate.macs(batch, DataSets.digits(1, 1, 1).train())).isEqualTo(24 * 24 * 25 * 4);
    }
}
