package org.espalier.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OptimizerTest {
    /** What a rule adds to a parameter. */
    @FunctionalInterface
    private interface Formula {
        /**
         * The change.
         *
         * @param p the parameter
         * @param g its gradient
         * @param m the first moment, or momentum, of parameter {@code k}, for the formula to go on with
         * @param v the second
         * @param i the step, from 1
         */
        double change(double p, double g, double[] m, double[] v, int k, int i);
    }

    /** Ten steps are the formula's in double precision. */
    private static void assertTenSteps(
            UnaryOperator<Optimizer.Group> settings, IntToDoubleFunction decay, Formula formula) {
        SplittableRandom random = new SplittableRandom(11);
        double[] start = random.doubles(6, -1, 1).toArray();
        double[] target = random.doubles(6, -1, 1).toArray();
        double[] p = start.clone();
        double[] m = new double[6];
        double[] v = new double[6];
        try (Scope scope = Scope.open()) {
            Tensor w =
                    TensorConversions.toTorch(TensorData.ofDoubles(start, 2, 3)).set_requires_grad(true);
            Tensor t = TensorConversions.toTorch(TensorData.ofDoubles(target, 2, 3));
            Optimizer.Group group = settings.apply(Optimizer.Group.of("all", Map.of("w", w), 0.01));
            try (Optimizer optimizer = new Optimizer(List.of(group))) {
                for (int i = 1; i <= 10; i++) {
                    optimizer.setWeightDecay("all", decay.applyAsDouble(i));
                    w.sub(t).square().sum().backward();
                    optimizer.step();
                    optimizer.zeroGrad();
                    for (int k = 0; k < 6; k++) {
                        p[k] += formula.change(p[k], 2 * (p[k] - target[k]), m, v, k, i);
                    }
                }
            }
            assertThat(TensorConversions.toGraph(w).toDoubles()).containsExactly(p, within(1e-12));
        }
    }

    private static double adam(double g, double[] m, double[] v, int k, int i, double beta1) {
        m[k] = beta1 * m[k] + (1 - beta1) * g;
        v[k] = 0.999 * v[k] + 0.001 * g * g;
        double mHat = m[k] / (1 - Math.pow(beta1, i));
        double vHat = v[k] / (1 - Math.pow(0.999, i));
        return -0.01 * mHat / (Math.sqrt(vHat) + 1e-8);
    }

    /** The update as the paper writes it. */
    @Test
    void step_ten_equalsTheFormula() {
        assertTenSteps(
                g -> g.withBeta1(0.95), i -> 0.1, (p, g, m, v, k, i) -> adam(g, m, v, k, i, 0.95) - 0.01 * 0.1 * p);
    }

    /** Decay within the gradient, and larger from one step to the next. */
    @Test
    void step_tenOfAdamWithAnL2PenaltyThatGrows_equalTheFormula() {
        assertTenSteps(
                g -> g.withRule(Optimizer.Rule.ADAM_L2),
                i -> 0.1 * i,
                (p, g, m, v, k, i) -> adam(g + 0.1 * i * p, m, v, k, i, 0.9));
    }

    /** Nesterov's momentum as PyTorch's documentation of SGD writes it. */
    @Test
    void step_tenOfSgd_equalTheFormula() {
        assertTenSteps(g -> g.withRule(Optimizer.Rule.SGD).withBeta1(0.95), i -> 0.1, (p, g, m, v, k, i) -> {
            double decayed = g + 0.1 * p;
            m[k] = 0.95 * m[k] + decayed;
            return -0.01 * (decayed + 0.95 * m[k]);
        });
    }

    @ParameterizedTest
    @EnumSource
    void load_savedState_goesOnBitForBit(Optimizer.Rule rule) {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> first = parameters(false);
            Map<String, Tensor> second = parameters(false);
            try (Optimizer a = optimizer(first, rule);
                    Optimizer b = optimizer(second, rule)) {
                run(a, first, 5);
                first.forEach(
                        (name, p) -> Fixtures.require(second.get(name)).detach().copy_(p.detach()));
                b.load(a.state());
                run(a, first, 5);
                run(b, second, 5);
                first.forEach((name, p) -> assertThat(TensorConversions.toGraph(p))
                        .isEqualTo(TensorConversions.toGraph(Fixtures.require(second.get(name)))));
                assertThat(a.state()).isEqualTo(b.state());
            }
        }
    }

    @Test
    void step_channelsLastParameter_equalsPlainOne() {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> plain = parameters(false);
            Map<String, Tensor> last = parameters(true);
            try (Optimizer a = adam(plain);
                    Optimizer b = adam(last)) {
                run(a, plain, 3);
                run(b, last, 3);
                plain.forEach((name, p) -> Fixtures.assertClose(
                        name,
                        TensorConversions.toGraph(Fixtures.require(last.get(name))),
                        TensorConversions.toGraph(p),
                        1e-6,
                        1e-7));
            }
        }
    }

    @Test
    void take_channels_keepsTheirMoments() {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> p = parameters(false);
            try (Optimizer a = adam(p)) {
                run(a, p, 3);
                Optimizer.Moments whole = Fixtures.require(a.state().get("w"));
                Optimizer.Moments cut = whole.take(0, new int[] {3, 1});
                assertThat(cut.average().shape()).isEqualTo(new long[] {2, 3, 2, 2});
                assertThat(cut.steps()).isEqualTo(3);
                assertThat(cut.squares().getDouble(0)).isEqualTo(whole.squares().getDouble(3 * 12));
            }
        }
    }

    @Test
    void load_wrongShape_changesNothing() {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> p = parameters(false);
            try (Optimizer a = adam(p)) {
                run(a, p, 1);
                Map<String, Optimizer.Moments> before = a.state();
                Map<String, Optimizer.Moments> wrong = new HashMap<>(before);
                wrong.put("w", Fixtures.require(before.get("w")).take(0, new int[] {0}));
                assertThatThrownBy(() -> a.load(wrong))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("'w'")
                        .hasMessageContaining("[4, 3, 2, 2]");
                assertThat(a.state()).isEqualTo(before);
            }
        }
    }

    @Test
    void close_twice_freesOnce() {
        Map<String, Long> before = NativeHandles.places();
        Optimizer closed;
        try (Scope scope = Scope.open()) {
            closed = adam(parameters(false));
        }
        closed.close();
        assertThat(NativeHandles.places()).isEqualTo(before);
        try (Scope scope = Scope.open();
                Optimizer other = adam(parameters(false))) {
            Map<String, Long> both = NativeHandles.places();
            closed.close();
            assertThat(NativeHandles.places()).isEqualTo(both);
            assertThat(other.state()).hasSize(2);
        }
    }

    private static Optimizer adam(Map<String, Tensor> p) {
        return optimizer(p, Optimizer.Rule.ADAM);
    }

    private static Optimizer optimizer(Map<String, Tensor> p, Optimizer.Rule rule) {
        return new Optimizer(List.of(Optimizer.Group.of("all", p, 0.01).withRule(rule)));
    }

    private static Map<String, Tensor> parameters(boolean channelsLast) {
        SplittableRandom random = new SplittableRandom(5);
        Map<String, Tensor> out = new LinkedHashMap<>();
        Tensor w = TensorConversions.toTorch(Fixtures.random(random, ElementType.FLOAT, -1, 1, 4, 3, 2, 2));
        out.put("w", (channelsLast ? w.contiguous(torch.MemoryFormat.ChannelsLast) : w).set_requires_grad(true));
        out.put(
                "b",
                TensorConversions.toTorch(Fixtures.random(random, ElementType.FLOAT, -1, 1, 7))
                        .set_requires_grad(true));
        return out;
    }

    private static void run(Optimizer optimizer, Map<String, Tensor> parameters, int steps) {
        for (int i = 0; i < steps; i++) {
            for (Tensor p : parameters.values()) {
                p.sub(target(p)).square().sum().backward();
            }
            optimizer.step();
            optimizer.zeroGrad();
        }
    }

    /** Numbers from 0 to 1 in row-major order. */
    private static Tensor target(Tensor p) {
        float[] values = new float[(int) p.numel()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) i / values.length;
        }
        return TensorConversions.floats(values, TensorConversions.shape(p));
    }
}
