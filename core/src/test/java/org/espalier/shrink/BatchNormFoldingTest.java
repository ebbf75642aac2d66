package org.espalier.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.testing.Equivalence;
import org.espalier.testing.ForeignBuilder;
import org.espalier.testing.Ort;
import org.espalier.testing.RandomNetwork;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchNormFoldingTest {
    @ParameterizedTest
    @ValueSource(strings = {"resnet20", "vgg-like:0.25", "mobilenetv2-like"})
    void fold_zooNetwork_leavesNoneAndComputesTheSame(String name) {
        Graph graph = RandomNetwork.randomised(Zoo.build(name, 1), 3);
        Graph folded = BatchNormFolding.fold(graph);
        assertThat(folded.nodes()).extracting(Node::opType).doesNotContain("BatchNormalization");
        Map<String, TensorData> in = Ort.randomInputs(graph, 2, 1);
        Equivalence.assertClose(Ort.run(graph, in), Ort.run(folded, in), name);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19})
    void fold_randomNetwork_computesTheSame(long seed) {
        Graph graph = RandomNetwork.of(seed);
        Map<String, TensorData> in = Ort.randomInputs(graph, 2, 1);
        Equivalence.assertClose(Ort.run(graph, in), Ort.run(BatchNormFolding.fold(graph), in), "seed " + seed);
    }

    @Test
    void fold_transposedConvolutionsAndDenseLayer_computesTheSame() {
        ForeignBuilder b = new ForeignBuilder("transposed", 5);
        String x = b.input("x", 6, 3, 3);
        x = b.bn(b.op("ConvTranspose", List.of(x, b.weight(6, 4, 2, 2), b.weight(4))), 4);
        x = b.bn(b.op("ConvTranspose", List.of(x, b.weight(4, 3, 2, 2)), "group", 2), 6);
        x = b.op("Flatten", b.op("GlobalAveragePool", x), "axis", 1);
        b.output(b.bn(b.gemm(x, 6, 4), 4), 4);
        Graph graph = b.build(5);
        Graph folded = BatchNormFolding.fold(graph);
        assertThat(folded.nodes()).extracting(Node::opType).doesNotContain("BatchNormalization");
        Map<String, TensorData> in = Ort.randomInputs(graph, 2, 1);
        Equivalence.assertClose(Ort.run(graph, in), Ort.run(folded, in), "folded");
    }

    @Test
    void fold_weightThatIsAnOutput_isLeft() {
        ForeignBuilder b = new ForeignBuilder("told", 5);
        b.output(b.bn(b.conv(b.input("x", 3, 4, 4), 3, 4, 3), 4), 4, 4, 4);
        Graph graph = b.build(5);
        String weight = graph.nodes().get(0).input(1);
        List<Value> outputs = new ArrayList<>(graph.outputs());
        outputs.add(new Value(
                weight,
                ElementType.FLOAT,
                Stream.of(4, 3, 3, 3).map(Dimension::of).toList()));
        Graph both =
                new Graph(graph.name(), graph.opsets(), graph.inputs(), outputs, graph.nodes(), graph.initializers());
        assertThat(BatchNormFolding.fold(both).nodes()).isEqualTo(both.nodes());
    }

    @Test
    void fold_convolutionReadElsewhereToo_isLeft() {
        ForeignBuilder b = new ForeignBuilder("shared", 5);
        String x = b.conv(b.input("x", 3, 4, 4), 3, 4, 3);
        b.output(b.op("Add", List.of(x, b.bn(x, 4))), 4, 4, 4);
        Graph graph = b.build(5);
        assertThat(BatchNormFolding.fold(graph).nodes()).isEqualTo(graph.nodes());
    }
}
