package org.espalier.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.espalier.graph.Attribute;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Multiplying the data must be the same as multiplying the weight, for every operator that sums. */
class WeightMultiplierTest {
    private static final int EXAMPLES = 6;
    private static final PassMode EXACT = PassMode.training(Precision.FLOAT32).withExact(true);

    /** One node, its data's shape and its weight's, and the axis that is multiplied. */
    record Case(String name, Node node, long[] data, long[] weight, int axis) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case of(String name, String op, Map<String, Attribute> attributes, long[] x, long[] w, int axis) {
        return new Case(name, Node.of("node", op, List.of("x", "w"), List.of("y"), attributes), x, w, axis);
    }

    private static long[] shape(long... sizes) {
        return sizes;
    }

    /** Each operator with data that are smaller than the weight, and larger ones. */
    static Stream<Case> cases() {
        Map<String, Attribute> none = Map.of();
        Map<String, Attribute> transposed = Map.of("transB", Attribute.of(1L));
        Map<String, Attribute> grouped = Map.of("group", Attribute.of(2L));
        return Stream.of(
                of("Conv, small data", "Conv", none, shape(EXAMPLES, 4, 3, 3), shape(40, 4, 3, 3), 1),
                of("Conv, large data", "Conv", none, shape(EXAMPLES, 4, 9, 7), shape(2, 4, 3, 3), 1),
                of("Conv, outputs", "Conv", none, shape(EXAMPLES, 4, 3, 3), shape(40, 4, 3, 3), 0),
                of("Conv in two groups", "Conv", grouped, shape(EXAMPLES, 4, 3, 3), shape(40, 2, 3, 3), 1),
                of("ConvTranspose", "ConvTranspose", none, shape(EXAMPLES, 4, 3, 3), shape(4, 40, 3, 3), 0),
                of("Gemm", "Gemm", none, shape(EXAMPLES, 5), shape(5, 70), 0),
                of("Gemm, outputs", "Gemm", none, shape(EXAMPLES, 5), shape(5, 70), 1),
                of("Gemm, weight transposed", "Gemm", transposed, shape(EXAMPLES, 5), shape(70, 5), 1),
                of("Gemm, large data", "Gemm", transposed, shape(EXAMPLES, 5), shape(2, 5), 1),
                of("MatMul of sequences", "MatMul", none, shape(EXAMPLES, 3, 5), shape(5, 70), 0));
    }

    private static Graph graph(Case c) {
        return new Graph(
                c.name(),
                Map.of("", 17L),
                List.of(new Value("x", ElementType.FLOAT, dimensions(c.data()))),
                List.of(new Value("y", ElementType.FLOAT, null)),
                List.of(c.node()),
                Map.of("w", random(1, c.weight())));
    }

    private static List<Dimension> dimensions(long[] shape) {
        return Arrays.stream(shape).mapToObj(Dimension::of).toList();
    }

    private static TensorData random(long seed, long... shape) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = random.doubles(TensorData.elements(shape), -1, 1).toArray();
        return TensorData.ofDoubles(values, shape).as(ElementType.FLOAT);
    }

    private static Tensor factor(Case c, int draws) {
        Tensor f = TensorConversions.toTorch(random(2, draws, c.weight()[c.axis()]));
        f.set_requires_grad(true);
        return f;
    }

    private static Tensor run(TorchGraph net, Tensor x, PassChanges changes) {
        return Objects.requireNonNull(
                net.forward(Map.of("x", x), changes, EXACT).get("y"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void oneDraw_equalsMultipliedWeight_inValueAndGradient(Case c) {
        try (TorchGraph net = new TorchGraph(graph(c));
                Scope scope = Scope.open()) {
            Tensor x = TensorConversions.toTorch(random(3, c.data()));
            Tensor factor = factor(c, 1);
            Tensor y = run(net, x, PassChanges.ofMultipliers(List.of(new WeightMultiplier("w", c.axis(), factor))));
            y.square().sum().backward();

            Tensor same = factor(c, 1);
            long[] along = new long[c.weight().length];
            Arrays.fill(along, 1);
            along[c.axis()] = c.weight()[c.axis()];
            Tensor weight = Objects.requireNonNull(net.values().get("w"));
            Tensor expected = run(net, x, PassChanges.ofValues(Map.of("w", weight.mul(same.view(along)))));
            expected.square().sum().backward();
            assertClose(y, expected);
            assertClose(factor.grad(), same.grad());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void severalDraws_equalParts_orTheFirstDrawForAll(Case c) {
        boolean byPart = !c.name().contains("outputs") && !c.name().contains("groups");
        try (TorchGraph net = new TorchGraph(graph(c));
                Scope scope = Scope.open()) {
            Tensor plain = TensorConversions.toTorch(random(3, c.data()));
            Tensor expected = partAfterPart(net, plain, c, byPart);
            Tensor innermost = plain.dim() == 4 ? plain.contiguous(torch.MemoryFormat.ChannelsLast) : plain;
            for (Tensor x : List.of(plain, innermost)) {
                Tensor factor = factor(c, 3);
                Tensor y = run(net, x, PassChanges.ofMultipliers(List.of(new WeightMultiplier("w", c.axis(), factor))));
                y.square().sum().backward();
                assertClose(
                        torch.cat(new TensorVector(y.flatten(), factor.grad().flatten())), expected);
            }
        }
    }

    /** The outputs for each third of the examples by themselves, and the gradient of the factors. */
    private static Tensor partAfterPart(TorchGraph net, Tensor x, Case c, boolean byPart) {
        Tensor factor = factor(c, 3);
        TensorVector parts = new TensorVector();
        for (int d = 0; d < 3; d++) {
            Tensor row = factor.narrow(0, byPart ? d : 0, 1);
            PassChanges one = PassChanges.ofMultipliers(List.of(new WeightMultiplier("w", c.axis(), row)));
            parts.push_back(run(net, x.narrow(0, d * EXAMPLES / 3, EXAMPLES / 3), one));
        }
        Tensor y = torch.cat(parts, 0);
        y.square().sum().backward();
        return torch.cat(new TensorVector(y.flatten(), factor.grad().flatten()));
    }

    @Test
    void unknownWeight_isNamed() {
        Case c = cases().findFirst().orElseThrow();
        try (TorchGraph net = new TorchGraph(graph(c));
                Scope scope = Scope.open()) {
            PassChanges wrong = PassChanges.ofMultipliers(List.of(new WeightMultiplier("v", 1, factor(c, 1))));
            assertThatThrownBy(() -> run(net, TensorConversions.toTorch(random(3, c.data())), wrong))
                    .isInstanceOf(GraphException.class)
                    .hasMessageContaining("'v'")
                    .hasMessageContaining("[w]");
        }
    }

    private static void assertClose(Tensor actual, Tensor expected) {
        assertThat(TensorConversions.shape(actual)).isEqualTo(TensorConversions.shape(expected));
        double[] e = TensorConversions.toGraph(expected).toDoubles();
        double largest = Arrays.stream(e).map(Math::abs).max().orElse(0);
        assertThat(TensorConversions.toGraph(actual).toDoubles()).containsExactly(e, within(1e-5 * largest));
    }
}
