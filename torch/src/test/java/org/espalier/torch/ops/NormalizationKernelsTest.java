package org.espalier.torch.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.torch.Engine;
import org.espalier.torch.Scope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalizationKernelsTest {
    private static Tensor[] run(Tensor x, Tensor... rest) {
        Node node = Node.of("norm", "BatchNormalization", List.of("x", "w", "b", "m", "v"), List.of("y"), Map.of());
        Tensor[] in = {x, rest[0], rest[1], rest[2], rest[3]};
        KernelCall call = new KernelCall(
                node,
                17,
                in,
                new TensorData[5],
                new KernelCall.Settings(false, false, false, true),
                PointerScope.getInnerScope());
        for (int i = 0; i < 3; i++) {
            in[i].set_requires_grad(true);
        }
        Tensor y = KernelTable.find(node).run(call)[0];
        y.mul(y).sum().backward();
        return new Tensor[] {y, x.grad(), rest[0].grad(), rest[1].grad()};
    }

    /** Channels innermost and in odd numbers, several pixels are taken for one; whether rows divide evenly or not. */
    @ParameterizedTest
    @CsvSource({"1, 4", "7, 4", "8, 4", "16, 4", "24, 4", "51, 2", "7, 3", "6, 5"})
    void frozenStatistics_layoutDoesNotMatter(long channels, long size) {
        Engine.start();
        try (Scope scope = Scope.open()) {
            Engine.seed(channels);
            Tensor x = torch.randn(3, channels, size, size);
            Tensor[] rest = {torch.randn(channels), torch.randn(channels), torch.randn(channels), torch.rand(channels)};
            Tensor[] expected = run(x.clone(), clones(rest));
            Tensor[] found = run(KernelCall.channelsLast(x.clone()), clones(rest));
            for (int i = 0; i < expected.length; i++) {
                double scale = 1 + expected[i].abs().max().item_double();
                assertThat(found[i].sub(expected[i]).abs().max().item_double())
                        .as("result %s", i)
                        .isCloseTo(0, within(1e-5 * scale));
            }
        }
    }

    private static Tensor[] clones(Tensor[] all) {
        Tensor[] out = new Tensor[all.length];
        for (int i = 0; i < all.length; i++) {
            out[i] = all[i].clone();
        }
        return out;
    }
}
