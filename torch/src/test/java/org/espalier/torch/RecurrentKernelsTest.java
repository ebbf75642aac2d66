package org.espalier.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.torch.OperatorCases.Case;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the comparison with ONNX Runtime and the finite differences of single nodes leave open. */
class RecurrentKernelsTest {
    private static final long SEED = Long.getLong("tests.seed", 20240607L);

    static List<Case> cases() {
        return OperatorCases.all().stream()
                .filter(c -> List.of("LSTM", "GRU", "RNN").contains(c.op()))
                .toList();
    }

    private static Map<String, Tensor> inputs(Case c, ElementType type) {
        Map<String, Tensor> x = new LinkedHashMap<>();
        c.inputs(ElementType.DOUBLE, SEED)
                .forEach((name, t) ->
                        x.put(name, TensorConversions.toTorch(t.as(type)).set_requires_grad(true)));
        return x;
    }

    private static Map<String, double[]> gradients(Case c, ElementType type) {
        Map<String, double[]> found = new LinkedHashMap<>();
        try (TorchGraph graph = new TorchGraph(c.graph(type, type));
                Scope scope = Scope.open()) {
            Map<String, Tensor> x = inputs(c, type);
            Tensor sum = null;
            for (Tensor y : graph.forward(x, Map.of(), PassMode.evaluation().withGradients(true))
                    .values()) {
                Tensor part = y.square().sum();
                sum = sum == null ? part : sum.add(part, new Scalar(1));
            }
            Fixtures.require(sum).backward();
            x.forEach((name, t) ->
                    found.put(name, TensorConversions.toGraph(t.grad()).toDoubles()));
        }
        return found;
    }

    /** In float32 libtorch takes other code than in double precision, where the differences are tested. */
    @ParameterizedTest
    @MethodSource("cases")
    void gradient_float32_isThatOfDoublePrecision(Case c) {
        Map<String, double[]> expected = gradients(c, ElementType.DOUBLE);
        gradients(c, ElementType.FLOAT).forEach((name, found) -> {
            double[] e = Fixtures.require(expected.get(name));
            double largest = Arrays.stream(e).map(Math::abs).max().orElse(0);
            assertThat(found).as("%s of %s", name, c).containsExactly(e, within(1e-5 * Math.max(1, largest)));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"LSTM bidirectional with states", "GRU reverse with states", "RNN forward with states"})
    void forward_examplesFirst_equalsStepsFirst(String name) {
        Case c = cases().stream().filter(k -> k.name().equals(name)).findFirst().orElseThrow();
        Map<String, Attribute> attributes = new LinkedHashMap<>(c.attributes());
        attributes.put("layout", Attribute.of(1));
        Graph stepsFirst = c.graph(ElementType.FLOAT, ElementType.FLOAT);
        Graph examplesFirst = withAttributes(stepsFirst, attributes);
        Map<String, Tensor> x = new LinkedHashMap<>();
        Map<String, Tensor> turned = new LinkedHashMap<>();
        try (TorchGraph first = new TorchGraph(stepsFirst);
                TorchGraph second = new TorchGraph(examplesFirst);
                Scope scope = Scope.open()) {
            c.inputs(ElementType.FLOAT, SEED).forEach((input, t) -> {
                Tensor given = TensorConversions.toTorch(t);
                x.put(input, given);
                boolean weight = List.of("x1", "x2", "x3").contains(input);
                turned.put(input, weight ? given : given.transpose(0, 1));
            });
            Map<String, Tensor> y = first.forward(x, Map.of(), PassMode.evaluation());
            Map<String, Tensor> z = second.forward(turned, Map.of(), PassMode.evaluation());
            assertSame(
                    Fixtures.require(z.get("y0")), Fixtures.require(y.get("y0")).permute(2, 0, 1, 3));
            for (String state : y.keySet().stream().filter(k -> !k.equals("y0")).toList()) {
                assertSame(
                        Fixtures.require(z.get(state)),
                        Fixtures.require(y.get(state)).transpose(0, 1));
            }
        }
    }

    private static Graph withAttributes(Graph g, Map<String, Attribute> attributes) {
        Node n = g.nodes().get(0);
        List<Value> free = g.inputs().stream()
                .map(v -> new Value(v.name(), v.type(), null))
                .toList();
        Node changed = Node.of(n.name(), n.opType(), n.inputs(), n.outputs(), attributes);
        return new Graph(g.name(), g.opsets(), free, g.outputs(), List.of(changed), g.initializers());
    }

    private static void assertSame(Tensor found, Tensor expected) {
        assertThat(TensorConversions.toGraph(found)).isEqualTo(TensorConversions.toGraph(expected));
    }

    /** A factor for each hidden unit, where the next step reads it. */
    @ParameterizedTest
    @MethodSource("cases")
    void multiplier_columnsOfWeights_multipliesTheWeight(Case c) {
        Graph graph = c.graph(ElementType.FLOAT, ElementType.FLOAT);
        Map<String, TensorData> given = c.inputs(ElementType.FLOAT, SEED);
        Map<String, TensorData> constants = new LinkedHashMap<>(graph.initializers());
        constants.put("x1", Fixtures.require(given.get("x1")));
        constants.put("x2", Fixtures.require(given.get("x2")));
        List<Value> inputs = graph.inputs().stream()
                .filter(v -> !constants.containsKey(v.name()))
                .toList();
        Graph weighted = new Graph(graph.name(), graph.opsets(), inputs, graph.outputs(), graph.nodes(), constants);
        for (String weight : List.of("x1", "x2")) {
            try (TorchGraph run = new TorchGraph(weighted);
                    Scope scope = Scope.open()) {
                Map<String, Tensor> x = new LinkedHashMap<>();
                inputs.forEach(v -> x.put(v.name(), TensorConversions.toTorch(Fixtures.require(given.get(v.name())))));
                Tensor w = Fixtures.require(run.values().get(weight));
                Tensor factor = TensorConversions.toTorch(
                        Fixtures.random(new SplittableRandom(SEED), ElementType.FLOAT, 0, 2, 1, w.size(2)));
                PassMode mode = PassMode.evaluation();
                Map<String, Tensor> y = run.forward(
                        x, PassChanges.ofMultipliers(List.of(new WeightMultiplier(weight, 2, factor))), mode);
                Map<String, Tensor> expected =
                        run.forward(x, Map.of(weight, w.detach().mul(factor.view(1, 1, w.size(2)))), mode);
                expected.forEach((name, t) -> assertSame(Fixtures.require(y.get(name)), t));
            }
        }
    }

    @Test
    void forward_unknownActivation_isRefusedByName() {
        Case c = cases().get(0);
        Map<String, Attribute> attributes = new LinkedHashMap<>(c.attributes());
        attributes.put("activations", new Attribute.OfStrings(List.of("Sigmoid", "Swirl", "Tanh")));
        Graph graph = withAttributes(c.graph(ElementType.FLOAT, ElementType.FLOAT), attributes);
        try (TorchGraph run = new TorchGraph(graph);
                Scope scope = Scope.open()) {
            assertThatThrownBy(() -> run.forward(inputs(c, ElementType.FLOAT), Map.of(), PassMode.evaluation()))
                    .isInstanceOf(GraphException.class)
                    .hasMessageContaining("LSTM 'node': activation must be one that ONNX lists")
                    .hasMessageContaining("found swirl");
        }
    }
}
