package org.espalier.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.TensorData;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DropoutTest {
    private static final float RATE = 0.3f;
    private static final int ELEMENTS = 3 * 4 * 5 * 2001;
    private static final PassMode MODE = PassMode.training(Precision.FLOAT32).withExact(true);

    private static Graph graph(float rate) {
        GraphBuilder b = new GraphBuilder("dropout", 1);
        String x = b.input("x", 4, 5, 2001);
        b.constant("ratio", TensorData.ofFloats(new float[] {rate}));
        b.output("y", b.node("drop", "Dropout", List.of(x, "ratio"), Map.of()), 4, 5, 2001);
        return b.build();
    }

    private static float[] draw(long seed, Tensor x) {
        return draw(seed, x, RATE);
    }

    private static float[] draw(long seed, Tensor x, float rate) {
        try (TorchGraph net = new TorchGraph(graph(rate))) {
            Engine.seed(seed);
            return TensorConversions.toGraph(Objects.requireNonNull(
                            net.forward(Map.of("x", x), Map.of(), MODE).get("y")))
                    .toFloats();
        }
    }

    private static Tensor ones() {
        float[] ones = new float[ELEMENTS];
        java.util.Arrays.fill(ones, 1);
        return TensorConversions.floats(ones, 3, 4, 5, 2001);
    }

    @Test
    void dropout_zeroesItsShare_keepsTheMean() {
        try (Scope scope = Scope.open()) {
            float[] y = draw(1, ones());
            int dropped = 0;
            for (float v : y) {
                dropped += v == 0 ? 1 : 0;
                assertThat(v).isIn(0f, (float) (65536.0 / (65536 - Math.round(RATE * 65536.0))));
            }
            double deviation = Math.sqrt(RATE * (1 - RATE) * ELEMENTS);
            assertThat((double) dropped).isCloseTo(RATE * ELEMENTS, within(5 * deviation));
        }
    }

    /** The rates are multiples of 2⁻¹⁶, but none of them is 1. */
    @Test
    void dropout_rateNextToOne_staysFinite() {
        try (Scope scope = Scope.open()) {
            for (float v : draw(3, ones(), 0.999999f)) {
                assertThat(v).isIn(0f, 65536f);
            }
        }
    }

    @Test
    void dropout_seeds_giveStreamsOfTheirOwn() {
        try (Scope scope = Scope.open()) {
            Tensor x = ones();
            assertThat(draw(5, x)).isEqualTo(draw(5, x));
            // libtorch's generator for the CPU knows the lower 32 bits of a seed only.
            for (long other : new long[] {6, 5 + (1L << 32), 5 + (31L << 33)}) {
                assertThat(draw(other, x)).isNotEqualTo(draw(5, x));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "MIXED"})
    void dropout_gradient_isThatOfWhatIsKept(Precision precision) {
        try (TorchGraph net = new TorchGraph(graph(RATE));
                Scope scope = Scope.open()) {
            // As activations of pictures lie in memory.
            Tensor x =
                    ones().permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).set_requires_grad(true);
            Tensor y = Objects.requireNonNull(net.forward(Map.of("x", x), Map.of(), PassMode.training(precision))
                    .get("y"));
            y.sum().backward();
            assertThat(TensorConversions.toGraph(x.grad()).toFloats())
                    .isEqualTo(TensorConversions.toGraph(y).toFloats());
        }
    }
}
