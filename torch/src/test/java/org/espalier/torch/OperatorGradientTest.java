package org.espalier.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;
import org.espalier.torch.OperatorCases.Case;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Autograd against central differences in double precision, along a random direction of all inputs at once. */
class OperatorGradientTest {
    private static final long SEED = Long.getLong("tests.seed", 20240607L);
    private static final double STEP = 1e-6;

    static List<Case> cases() {
        return OperatorCases.all().stream().filter(Case::smooth).toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradient_randomDirection_equalsCentralDifference(Case c) {
        try (TorchGraph graph = new TorchGraph(c.graph(ElementType.DOUBLE, ElementType.DOUBLE));
                Scope scope = Scope.open()) {
            PassMode mode = PassMode.evaluation().withGradients(true);
            Map<String, Tensor> x = new LinkedHashMap<>();
            Map<String, Tensor> direction = new LinkedHashMap<>();
            SplittableRandom random = new SplittableRandom(SEED);
            c.inputs(ElementType.DOUBLE, SEED).forEach((name, t) -> {
                x.put(name, TensorConversions.toTorch(t).set_requires_grad(true));
                direction.put(
                        name, TensorConversions.toTorch(Fixtures.random(random, ElementType.DOUBLE, -1, 1, t.shape())));
            });
            objective(graph, x, mode).backward();
            double analytic = 0;
            for (Map.Entry<String, Tensor> e : x.entrySet()) {
                Tensor gradient = e.getValue().grad();
                if (gradient.defined()) {
                    analytic += gradient.mul(Fixtures.require(direction.get(e.getKey())))
                            .sum()
                            .item_double();
                }
            }
            double up = objective(graph, moved(x, direction, STEP), mode).item_double();
            double down = objective(graph, moved(x, direction, -STEP), mode).item_double();
            assertThat((up - down) / (2 * STEP))
                    .as("%s, -Dtests.seed=%d", c.name(), SEED)
                    .isCloseTo(analytic, within(1e-6 * (1 + Math.abs(analytic))));
        }
    }

    /** As where a network divides by the length of what a ReLU left nothing of. */
    @Test
    void gradient_lengthOfZero_isZero() {
        Case length = OperatorCases.all().stream()
                .filter(c -> c.name().equals("ReduceL2"))
                .findFirst()
                .orElseThrow();
        try (TorchGraph graph = new TorchGraph(length.graph(ElementType.DOUBLE, ElementType.DOUBLE));
                Scope scope = Scope.open()) {
            Map<String, Tensor> x = new LinkedHashMap<>();
            length.inputs(ElementType.DOUBLE, SEED)
                    .forEach((name, t) -> x.put(
                            name,
                            TensorConversions.toTorch(t).mul(new Scalar(0)).set_requires_grad(true)));
            objective(graph, x, PassMode.evaluation().withGradients(true)).backward();
            x.values()
                    .forEach(t -> assertThat(TensorConversions.toGraph(t.grad()).toDoubles())
                            .containsOnly(0));
        }
    }

    private static Map<String, Tensor> moved(Map<String, Tensor> x, Map<String, Tensor> direction, double step) {
        Map<String, Tensor> out = new LinkedHashMap<>();
        x.forEach((name, t) -> out.put(name, t.detach().add(Fixtures.require(direction.get(name)), new Scalar(step))));
        return out;
    }

    /** Σ over all outputs of Σ wᵢ·yᵢ with fixed weights wᵢ in [1, 2). */
    private static Tensor objective(TorchGraph graph, Map<String, Tensor> x, PassMode mode) {
        Tensor sum = TensorConversions.toTorch(TensorData.ofDoubles(new double[1]));
        SplittableRandom random = new SplittableRandom(SEED + 1);
        for (Tensor y : graph.forward(x, Map.of(), mode).values()) {
            Tensor w = TensorConversions.toTorch(
                    Fixtures.random(random, ElementType.DOUBLE, 1, 2, TensorConversions.shape(y)));
            sum = sum.add(y.mul(w).sum());
        }
        return sum;
    }
}
