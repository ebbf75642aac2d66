package org.espalier.shapes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.prepare.GraphNormalizer;
import org.espalier.testing.Equivalence;
import org.espalier.testing.ForeignBuilder;
import org.espalier.testing.Ort;
import org.junit.jupiter.api.Test;

class InferredShapesTest {
    private final ForeignBuilder b = new ForeignBuilder("shapes", 1);

    @Test
    void infer_sizesThatDoNotFit_namesNodeAndShapes() {
        b.output(b.conv(b.input("x", 3, 4, 4), 5, 2, 3), 2, 4, 4);
        Graph graph = b.build(1);
        assertThatThrownBy(() -> InferredShapes.infer(graph, 2))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("Conv 'conv_0'")
                .hasMessageContaining("x[2, 3, 4, 4]")
                .hasMessageContaining("conv_0.weight[2, 5, 3, 3]");
    }

    @Test
    void infer_overflow_isAGraphException() {
        b.output(b.op("Tile", List.of(b.input("x", 3), b.longs(1, Long.MAX_VALUE))), 3);
        Graph graph = b.build(1);
        assertThatThrownBy(() -> InferredShapes.infer(graph, 2))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("Tile");
    }

    @Test
    void macs_einsum_areThoseOfTheProductsThatItSums() {
        String x = b.input("x", 4, 5);
        b.output(b.op("MatMul", List.of(x, b.weight(5, 6))));
        b.output(b.op("Einsum", List.of(x, b.weight(5, 6)), "equation", "nij,jk->nik"));
        b.output(b.op("Einsum", List.of(x, b.weight(5, 6)), "equation", "nij, jk"));
        b.output(b.op("Einsum", List.of(x, b.weight(5, 6), b.weight(6, 7)), "equation", "nij,jk,kl->nil"));
        b.output(b.op("Einsum", List.of(x, x), "equation", "nij,nij->nij"));
        b.output(b.op("Einsum", List.of(x), "equation", "nij->ni"));
        b.output(b.op("Einsum", List.of(x, b.weight(5, 6)), "equation", "...j,jk->...k"));
        Graph graph = b.build(1);
        InferredShapes shapes = InferredShapes.infer(graph, 1);
        assertThat(graph.nodes()).extracting(shapes::macs).containsExactly(120L, 120L, 120L, 1680L, 0L, 0L, 0L);
    }

    @Test
    void constant_dependsOnTheBatch_isNotOne() {
        String shape = b.op("Shape", b.input("x", 3));
        b.output(b.op("Cast", shape, "to", 1));
        InferredShapes shapes = InferredShapes.infer(b.build(1), 2);
        assertThat(shapes.constant(shape)).isNull();
        assertThat(Objects.requireNonNull(shapes.valueAtTheseSizes(shape)).toLongs())
                .containsExactly(2, 3);
    }

    private static Graph withSymbols(Graph g, String... symbols) {
        List<Dimension> dims =
                new ArrayList<>(Objects.requireNonNull(g.inputs().get(0).shape()));
        for (int i = 0; i < symbols.length; i++) {
            dims.set(i + 2, Dimension.symbol(symbols[i]));
        }
        Value x = g.inputs().get(0);
        List<Value> inputs = List.of(new Value(x.name(), x.type(), dims));
        return new Graph(g.name(), g.opsets(), inputs, g.outputs(), g.nodes(), g.initializers());
    }

    /** What holds for squares of round sizes must not be taken for what always holds. */
    @Test
    void normalize_freeHeightAndWidth_computesTheSameForAnyPicture() {
        String x = b.input("x", 3, 8, 8);
        String rows = b.op("Mul", List.of(b.size(x, 0), b.size(x, 2)));
        String lines = b.op(
                "Reshape",
                List.of(
                        b.transpose(x, 0, 2, 3, 1),
                        b.op("Concat", List.of(rows, b.size(x, 3), b.longs(3)), "axis", 0)));
        String odd = b.op("Cast", b.op("Mod", List.of(b.size(x, 2), b.longs(8))), "to", 1);
        b.output(b.op("Add", List.of(lines, odd)), 8, 3);
        for (String[] symbols : new String[][] {{"height", "width"}, {"", ""}}) {
            Graph given = withSymbols(b.build(1), symbols);
            Graph normal = GraphNormalizer.normalize(given);
            Map<String, TensorData> picture = Map.of("x", picture());
            Equivalence.assertClose(Ort.run(given, picture), Ort.run(normal, picture), "21 x 35");
        }
    }

    /** To the size of another value, which is a fixed multiple for round sizes only. */
    @Test
    void normalize_resizeToAnotherValuesSize_keepsItsChannels() {
        String x = b.relu(b.conv(b.input("x", 3, 8, 8), 3, 6, 3));
        String small = b.relu(b.conv(x, 6, 5, 3, 2, 1));
        String own = b.op("Slice", List.of(b.op("Shape", small), b.longs(0), b.longs(2), b.longs(0)));
        String others = b.op("Slice", List.of(b.op("Shape", x), b.longs(2), b.longs(4), b.longs(0)));
        String sizes = b.op("Concat", List.of(own, others), "axis", 0);
        String up = b.op("Resize", List.of(small, "", "", sizes), "mode", "nearest");
        b.output(b.op("Add", List.of(b.conv(up, 5, 4, 3), b.conv(x, 6, 4, 1))), 4, 8, 8);
        Graph old = withSymbols(b.build(1), "height", "width");
        Graph given =
                new Graph(old.name(), Map.of("", 18L), old.inputs(), old.outputs(), old.nodes(), old.initializers());
        Graph normal = GraphNormalizer.normalize(given);
        assertThat(ChannelGroups.of(normal).groups())
                .extracting(ChannelGroup::size)
                .contains(5, 6);
        Map<String, TensorData> picture = Map.of("x", picture());
        Equivalence.assertClose(Ort.run(given, picture), Ort.run(normal, picture), "21 x 35");
    }

    private static TensorData picture() {
        float[] pixels = new float[2 * 3 * 21 * 35];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) Math.sin(i);
        }
        return TensorData.ofFloats(pixels, 2, 3, 21, 35);
    }

    @Test
    void infer_longRange_hasALength() {
        String range = b.op("Range", List.of(b.scalar0(0), b.scalar0(100_000), b.scalar0(1)));
        b.output(b.op("Add", List.of(b.input("x", 100_000), b.op("Cast", range, "to", 1))), 100_000);
        assertThat(InferredShapes.infer(b.build(1), 1).shape(range)).containsExactly(100_000);
    }

    @Test
    void normalize_computedShapesAndIdentities_leaveOnlyTheLayers() {
        String x = b.op("Identity", b.op("Dropout", b.conv(b.input("x", 3, 4, 4), 3, 2, 3)));
        b.output(b.gemm(b.reshape(x, -1), 32, 3), 3);
        Graph graph = GraphNormalizer.normalize(b.build(1));
        assertThat(graph.nodes()).extracting(Node::opType).containsExactly("Conv", "Reshape", "Gemm");
        assertThat(Objects.requireNonNull(graph.initializer(graph.nodes().get(1).input(1)))
                        .toLongs())
                .containsExactly(-1, 32);
    }
}
