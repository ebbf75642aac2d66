package org.espalier.torch.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.espalier.graph.Attribute;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.torch.PassMode;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What one-node comparisons with ONNX Runtime do not see: outputs that are no floats, ties, and wrong input. */
class ScatterKernelsTest {
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    private static double[] run(Node node, ElementType type, float[] x) {
        return run(node, type, x, Map.of());
    }

    private static double[] run(Node node, ElementType type, float[] x, Map<String, TensorData> constants) {
        Value input = new Value("x", ElementType.FLOAT, List.of(Dimension.of(x.length)));
        Graph graph = new Graph(
                "one", Map.of("", 20L), List.of(input), List.of(new Value("y", type, null)), List.of(node), constants);
        try (TorchGraph net = new TorchGraph(graph);
                Scope scope = Scope.open()) {
            Map<String, Tensor> y =
                    net.forward(Map.of("x", TensorConversions.floats(x, x.length)), Map.of(), PassMode.evaluation());
            return TensorConversions.toGraph(y.values().iterator().next()).toDoubles();
        }
    }

    private static double[] places(float[] x, long k, boolean largest) {
        Map<String, Attribute> attributes = Map.of("k", Attribute.of(k), "largest", Attribute.of(largest ? 1 : 0));
        return run(Node.of("top", "TopK", List.of("x"), List.of("values", "y"), attributes), ElementType.INT64, x);
    }

    @Test
    void topK_ofEqualNumbers_isTheFirst() {
        float[] x = {1, 3, 3, 2, 3, 1};
        assertThat(places(x, 4, true)).containsExactly(1, 2, 4, 3);
        assertThat(places(x, 3, false)).containsExactly(0, 5, 3);
        assertThat(places(x, 0, true)).isEmpty();
    }

    @Test
    void topK_moreThanThereAre_isRefused() {
        assertThatThrownBy(() -> places(new float[3], 4, true))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("expected 0 to 3, found 4");
    }

    @Test
    void oneHot_marksPlacesCountedFromEitherEnd_andNoneBeyond() {
        Map<String, TensorData> constants = Map.of(
                "depth", TensorData.vector(3),
                "values", TensorData.ofFloats(new float[] {5, 9}, 2));
        float[] x = {0, 2, -1, -3, 3, -4};
        List<String> inputs = List.of("x", "depth", "values");
        assertThat(run(Node.of("hot", "OneHot", inputs, List.of("y"), Map.of()), ElementType.FLOAT, x, constants))
                .containsExactly(9, 5, 5, 5, 5, 9, 5, 5, 9, 9, 5, 5, 5, 5, 5, 5, 5, 5);
        Map<String, Attribute> first = Map.of("axis", Attribute.of(0));
        assertThat(run(Node.of("hot", "OneHot", inputs, List.of("y"), first), ElementType.FLOAT, x, constants))
                .containsExactly(9, 5, 5, 9, 5, 5, 5, 5, 5, 5, 5, 5, 5, 9, 9, 5, 5, 5);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 1", "0, 1, 1, 0", "1, 0, 0, 1", "0, 0, 0, 0"})
    void isInf_findsTheSignsThatAreAskedFor(int below, int above, int plus, int minus) {
        Map<String, Attribute> attributes =
                Map.of("detect_negative", Attribute.of(below), "detect_positive", Attribute.of(above));
        Node node = Node.of("inf", "IsInf", List.of("x"), List.of("y"), attributes);
        float[] x = {INFINITY, -INFINITY, Float.NaN, 3, -3};
        assertThat(run(node, ElementType.BOOL, x)).containsExactly(plus, minus, 0, 0, 0);
    }
}
