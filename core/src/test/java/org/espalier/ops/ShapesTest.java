package org.espalier.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.testing.ForeignBuilder;
import org.junit.jupiter.api.Test;

class ShapesTest {
    private final ForeignBuilder b = new ForeignBuilder("shapes", 1);

    @Test
    void infer_sizesThatDoNotFit_namesNodeAndShapes() {
        b.output(b.conv(b.input("x", 3, 4, 4), 5, 2, 3), 2, 4, 4);
        Graph graph = b.build(1);
        assertThatThrownBy(() -> Shapes.infer(graph, 2))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("Conv 'conv_0'")
                .hasMessageContaining("x[2, 3, 4, 4]")
                .hasMessageContaining("conv_0.weight[2, 5, 3, 3]");
    }

    @Test
    void infer_overflow_isAGraphException() {
        b.output(b.op("Tile", List.of(b.input("x", 3), b.longs(1, Long.MAX_VALUE))), 3);
        Graph graph = b.build(1);
        assertThatThrownBy(() -> Shapes.infer(graph, 2))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("Tile");
    }

    @Test
    void constant_dependsOnTheBatch_isNotOne() {
        String shape = b.op("Shape", b.input("x", 3));
        b.output(b.op("Cast", shape, "to", 1));
        Shapes shapes = Shapes.infer(b.build(1), 2);
        assertThat(shapes.constant(shape)).isNull();
        assertThat(Objects.requireNonNull(shapes.valueAtTheseSizes(shape)).toLongs())
                .containsExactly(2, 3);
    }

    @Test
    void normalize_computedShapesAndIdentities_leaveOnlyTheLayers() {
        String x = b.op("Identity", b.op("Dropout", b.conv(b.input("x", 3, 4, 4), 3, 2, 3)));
        b.output(b.gemm(b.reshape(x, -1), 32, 3), 3);
        Graph graph = Normalizer.normalize(b.build(1));
        assertThat(graph.nodes()).extracting(Node::opType).containsExactly("Conv", "Reshape", "Gemm");
        assertThat(Objects.requireNonNull(graph.initializer(graph.nodes().get(1).input(1)))
                        .toLongs())
                .containsExactly(-1, 32);
    }
}
