package org.espalier.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.bayes.SparseVdKl;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.espalier.shrink.Shrunk;
import org.espalier.testing.GoldenRows;
import org.espalier.torch.Engine;
import org.espalier.torch.PassMode;
import org.espalier.torch.Precision;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On the same network as {@link StructuredBayesTest}. */
class SparseVdTest {
    private static final PassMode EXACT = PassMode.training(Precision.FLOAT32).withExact(true);
    private static final float NOISY = 4;

    private final Graph graph = StructuredBayesTest.leNet();
    private final ChannelGroups groups = ChannelGroups.of(graph);

    @SuppressWarnings("NullAway.Init")
    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static Tensor vector(double... values) {
        return TensorConversions.toTorch(TensorData.ofDoubles(values, values.length));
    }

    private static double[] values(Tensor t) {
        return TensorConversions.toGraph(t.to(torch.ScalarType.Double)).toDoubles();
    }

    private ChannelGroup group(String name) {
        return groups.groups().stream()
                .filter(g -> g.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Sets log α of some weights; all others get −4. */
    private void setLogAlpha(SparseVd method, String weight, float[] logAlpha) {
        Map<String, TensorData> state = method.state();
        state.replaceAll((name, t) -> {
            TensorData w = constant(name.substring("log_sigma2:".length()));
            float[] s = w.toFloats();
            boolean chosen = name.endsWith(":" + weight);
            for (int i = 0; i < s.length; i++) {
                s[i] = (float) ((chosen ? logAlpha[i] : -4) + Math.log((double) s[i] * s[i]));
            }
            return TensorData.ofFloats(s, w.shape());
        });
        method.load(state);
    }

    private TensorData constant(String name) {
        return Objects.requireNonNull(graph.initializer(name));
    }

    /** log α by an element's index along an axis. */
    private float[] byIndex(String weight, int axis, java.util.function.IntPredicate noisy) {
        TensorData w = constant(weight);
        int inner = 1;
        for (int a = axis + 1; a < w.rank(); a++) {
            inner *= (int) w.size(a);
        }
        float[] out = new float[(int) w.elements()];
        for (int i = 0; i < out.length; i++) {
            out[i] = noisy.test(i / inner % (int) w.size(axis)) ? NOISY : -4;
        }
        return out;
    }

    @Test
    void divergence_goldenValuesAndGradients_inDouble() {
        for (double[] row : GoldenRows.of("sparse_vd.csv")) {
            Tensor w = vector(row[0]).set_requires_grad(true);
            Tensor s = vector(row[1]).set_requires_grad(true);
            Tensor logAlpha = SparseVd.logAlpha(w, s);
            Tensor kl = SparseVd.divergence(logAlpha);
            kl.sum().backward();
            assertThat(values(logAlpha)[0]).isCloseTo(row[2], within(1e-12));
            assertThat(values(kl)[0]).isCloseTo(row[3], within(1e-12 * Math.max(1e-3, row[3])));
            assertThat(values(w.grad())[0]).isCloseTo(row[4], within(1e-10 * Math.abs(row[4])));
            assertThat(values(s.grad())[0]).isCloseTo(row[5], within(1e-10 * Math.abs(row[5])));
        }
    }

    @Test
    void divergence_overTheWholeBox_isThatOfTheJavaClass() {
        double[] logAlpha =
                IntStream.rangeClosed(-200, 250).mapToDouble(i -> i / 5.0).toArray();
        double[] kl = values(SparseVd.divergence(vector(logAlpha)));
        double[] single = values(SparseVd.divergence(vector(logAlpha).to(torch.ScalarType.Float)));
        for (int i = 0; i < kl.length; i++) {
            double expected = SparseVdKl.value(logAlpha[i]);
            assertThat(kl[i]).as("log alpha %s", logAlpha[i]).isCloseTo(expected, within(1e-14 + 1e-13 * expected));
            assertThat(single[i]).isCloseTo(expected, within(1e-7 + 1e-6 * expected));
        }
    }

    /** What is learnt through the sampled outputs: one fixed draw. */
    @Test
    void outputs_gradients_equalFiniteDifferences() {
        check(
                (net, method) -> {
                    Engine.seed(3);
                    Map<String, Tensor> inputs = Map.of("input", StructuredBayesTest.input());
                    return Objects.requireNonNull(net.forward(inputs, method.changes(net.parameters()), EXACT)
                                    .get("logits"))
                            .square()
                            .sum();
                },
                1e-2,
                1e-3);
    }

    /** A sum of some thousand in float32: shorter steps would measure its rounding. */
    @Test
    void penalty_gradients_equalFiniteDifferences() {
        check(
                (net, method) -> {
                    method.changes(net.parameters());
                    return Objects.requireNonNull(method.penalty());
                },
                5e-2,
                1e-2);
    }

    private void check(BiFunction<TorchGraph, SparseVd, Tensor> loss, double noiseStep, double weightStep) {
        SplittableRandom random = new SplittableRandom(8);
        try (TorchGraph net = new TorchGraph(graph);
                SparseVd method = new SparseVd(groups)) {
            setLogAlpha(method, "", new float[0]);
            loss.apply(net, method).backward();
            for (PruningMethod.Attached p : method.parameters()) {
                Tensor weight = Objects.requireNonNull(net.parameters().get(Objects.requireNonNull(p.weight())));
                check(() -> loss.apply(net, method), p.tensor(), noiseStep, random);
                check(() -> loss.apply(net, method), weight, weightStep, random);
            }
        }
    }

    private static void check(Supplier<Tensor> loss, Tensor t, double step, SplittableRandom random) {
        double[] gradient = values(t.grad());
        int i = random.nextInt(gradient.length);
        double difference = (moved(loss, t, i, step) - moved(loss, t, i, -step)) / (2 * step);
        assertThat(gradient[i])
                .as("element %d, seed 8", i)
                .isCloseTo(difference, within(0.02 * Math.abs(difference) + 0.02));
    }

    private static double moved(Supplier<Tensor> loss, Tensor t, int i, double by) {
        float[] before = TensorConversions.toGraph(t).toFloats();
        float[] after = before.clone();
        after[i] += (float) by;
        long[] shape = TensorConversions.shape(t);
        t.detach().copy_(TensorConversions.floats(after, shape));
        double value = loss.get().item_double();
        t.detach().copy_(TensorConversions.floats(before, shape));
        return value;
    }

    @Test
    void weightsWithNoise_areThoseThatMakeOrReadUnits() {
        try (SparseVd method = new SparseVd(groups)) {
            assertThat(method.parameters().stream().map(PruningMethod.Attached::weight))
                    .containsExactlyInAnyOrder("conv1.weight", "conv2.weight", "fc1.weight", "fc2.weight");
        }
    }

    @Test
    void decide_unitWithoutIncomingOrOutgoingWeights_goes() {
        int conv2 = group("conv2").offset();
        int fc1 = group("fc1").offset();
        try (SparseVd method = new SparseVd(groups)) {
            setLogAlpha(method, "conv2.weight", byIndex("conv2.weight", 0, c -> c == 1));
            boolean[] kept = method.decide(graph).kept();
            assertThat(kept[conv2 + 1]).isFalse();
            assertThat(kept[conv2]).isTrue();
            // The inputs of the dense layer that only this channel feeds are read still: closing the wish takes them
            // along.
            KeptUnits closed = KeptUnits.of(groups, kept, method.decide(graph).score());
            assertThat(groups.count(closed.kept()).values()).containsExactly(4, 4, 16, 7);
            setLogAlpha(method, "fc2.weight", byIndex("fc2.weight", 1, c -> c == 6));
            kept = method.decide(graph).kept();
            assertThat(IntStream.range(0, kept.length).filter(u -> !kept(method)[u]))
                    .containsExactly(fc1 + 6);
            assertThat(method.kl()).hasSize(groups.units());
            assertThat(Arrays.stream(method.kl())).allMatch(v -> v > 0);
        }
    }

    private boolean[] kept(SparseVd method) {
        return method.decide(graph).kept();
    }

    @Test
    void decide_unitThatOnlyADeadUnitFeeds_goesToo() {
        int conv1 = group("conv1").offset();
        try (SparseVd method = new SparseVd(groups)) {
            // All outgoing weights of three of conv1's channels are noise, and all of the fourth's incoming ones.
            setLogAlpha(method, "conv2.weight", byIndex("conv2.weight", 1, c -> c < 3));
            Map<String, TensorData> both = method.state();
            setLogAlpha(method, "conv1.weight", byIndex("conv1.weight", 0, c -> c == 3));
            both.put(
                    "log_sigma2:conv1.weight",
                    Objects.requireNonNull(method.state().get("log_sigma2:conv1.weight")));
            method.load(both);
            boolean[] kept = kept(method);
            assertThat(Arrays.copyOfRange(kept, conv1, conv1 + 4)).containsOnly(false);
            int conv2 = group("conv2").offset();
            assertThat(Arrays.copyOfRange(kept, conv2, conv2 + 5)).containsOnly(false);
        }
    }

    @Test
    void finishedAndMasked_equalsShrunk_andZerosAreZeros() {
        SplittableRandom random = new SplittableRandom(12);
        try (SparseVd method = new SparseVd(groups)) {
            float[] noise = new float[(int) constant("fc1.weight").elements()];
            for (int i = 0; i < noise.length; i++) {
                noise[i] = random.nextInt(4) == 0 || i / 20 == 2 ? NOISY : -4;
            }
            setLogAlpha(method, "fc1.weight", noise);
            PruningMethod.Decision d = method.decide(graph);
            KeptUnits kept = KeptUnits.of(groups, d.kept(), d.score());
            Graph finished = method.finish(graph);
            float[] w =
                    Objects.requireNonNull(finished.initializer("fc1.weight")).toFloats();
            for (int i = 0; i < w.length; i++) {
                assertThat(w[i] == 0).isEqualTo(noise[i] == NOISY);
            }
            double[] scale = d.scale();
            for (int u = 0; u < scale.length; u++) {
                scale[u] = kept.kept()[u] ? scale[u] : 0;
            }
            assertThat(groups.count(kept.kept()).get("fc1")).isEqualTo(6);
            Graph masked = Shrinker.mask(groups, finished, scale);
            Graph small = Shrinker.shrink(groups, masked, kept.kept()).graph();
            try (TorchGraph a = new TorchGraph(masked);
                    TorchGraph b = new TorchGraph(small)) {
                double[] first = values(a.forward(StructuredBayesTest.input(), PassMode.evaluation()));
                double[] second = values(b.forward(StructuredBayesTest.input(), PassMode.evaluation()));
                assertThat(second).containsExactly(first, within(1e-5));
            }
        }
    }

    @Test
    void shrink_survivorsKeepTheirVariances() {
        SplittableRandom random = new SplittableRandom(2);
        try (SparseVd method = new SparseVd(groups)) {
            Map<String, TensorData> state = method.state();
            state.replaceAll((name, t) -> {
                float[] v = t.toFloats();
                for (int i = 0; i < v.length; i++) {
                    v[i] = (float) random.nextDouble(-12, 0);
                }
                return TensorData.ofFloats(v, t.shape());
            });
            method.load(state);
            boolean[] wish = new boolean[groups.units()];
            for (int u = 0; u < wish.length; u++) {
                wish[u] = u % 3 != 1;
            }
            KeptUnits kept = KeptUnits.of(groups, wish, new double[wish.length]);
            Shrunk cut = Shrinker.shrink(groups, graph, kept.kept());
            // The weights themselves are cut in the same way.
            Graph withVariances = Shrinker.shrink(
                            groups,
                            graph.withInitializers(
                                    Map.of("fc1.weight", Objects.requireNonNull(state.get("log_sigma2:fc1.weight")))),
                            kept.kept())
                    .graph();
            try (PruningMethod left = method.shrink(ChannelGroups.of(cut.graph()), cut)) {
                assertThat(left.state().get("log_sigma2:fc1.weight"))
                        .isEqualTo(withVariances.initializer("fc1.weight"));
            }
        }
    }

    @Test
    void load_ofAnotherShape_isRefused() {
        try (SparseVd method = new SparseVd(groups)) {
            Map<String, TensorData> state = method.state();
            state.put("log_sigma2:fc1.weight", TensorData.ofFloats(new float[2], 2));
            assertThatThrownBy(() -> method.load(state))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'log_sigma2:fc1.weight'")
                    .hasMessageContaining("expected [7, 20]");
            assertThatThrownBy(method::penalty)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("belongs to a step");
        }
    }
}
