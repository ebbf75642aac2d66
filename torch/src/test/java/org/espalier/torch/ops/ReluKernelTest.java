package org.espalier.torch.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.torch.Engine;
import org.espalier.torch.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReluKernelTest {
    private static Tensor relu(Tensor x) {
        Node node = Node.of("relu", "Relu", List.of("x"), List.of("y"), Map.of());
        KernelCall.Settings settings = new KernelCall.Settings(true, true, true, true);
        return ReluKernel.inPlace(
                new KernelCall(node, 17, new Tensor[] {x}, new TensorData[1], settings, PointerScope.getInnerScope()),
                x);
    }

    /** Equal; all NaNs alike. */
    private static void requireSame(Tensor found, Tensor expected) {
        assertThat(found.scalar_type().intern())
                .isEqualTo(expected.scalar_type().intern());
        assertThat(torch.allclose(found, expected, 0, 0, true)).isTrue();
    }

    @Test
    void inPlace_everyNumberOfBfloat16_isAsLibtorchHasIt() {
        Engine.start();
        try (Scope scope = Scope.open();
                AutoGradMode off = new AutoGradMode(false)) {
            Tensor all = torch.arange(new Scalar(-32768), new Scalar(32768))
                    .to(ScalarType.Short)
                    .view(ScalarType.BFloat16);
            assertThat(all.isnan().sum().item_long()).isEqualTo(254);
            Tensor expected = all.relu();
            Tensor found = relu(all);
            assertThat(found.data_ptr()).isEqualTo(all.data_ptr());
            requireSame(found, expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, BFloat16, false", "2, BFloat16, true", "3, Float, false", "4, Float, true"})
    void inPlace_gradientIsAsLibtorchHasIt(long seed, ScalarType type, boolean view) {
        Engine.start();
        try (Scope scope = Scope.open()) {
            Engine.seed(seed);
            Tensor factor = torch.randn(3, 5, 7, 2).to(type);
            Tensor weight = torch.randn(3, 5, 7, 2).to(type);
            Tensor[] results = new Tensor[4];
            for (int i = 0; i < 2; i++) {
                Tensor leaf = torch.ones(3, 5, 7, 2).to(type);
                leaf.set_requires_grad(true);
                Tensor x = leaf.mul(factor);
                x = view ? x.permute(0, 2, 3, 1) : x;
                Tensor y = i == 0 ? x.relu() : relu(x);
                y = view ? y.permute(0, 3, 1, 2) : y;
                y.mul(weight).add(y).sum().backward();
                results[2 * i] = y;
                results[2 * i + 1] = leaf.grad();
            }
            requireSame(results[2], results[0]);
            requireSame(results[3], results[1]);
        }
    }

    /** More than one handler of gradients may live at a time, as deep networks need them. */
    @ParameterizedTest
    @ValueSource(ints = {1, 300})
    void inPlace_deep(int layers) {
        Engine.start();
        try (Scope scope = Scope.open()) {
            Tensor leaf = torch.tensor(2.0).to(ScalarType.BFloat16);
            leaf.set_requires_grad(true);
            Tensor y = leaf;
            for (int i = 0; i < layers; i++) {
                y = relu(y.mul(new Scalar(1.0)));
            }
            y.backward();
            assertThat(leaf.grad().item_float()).isEqualTo(1);
        }
    }
}
