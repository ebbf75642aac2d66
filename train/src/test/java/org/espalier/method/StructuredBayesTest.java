package org.espalier.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.espalier.bayes.Posterior;
import org.espalier.bayes.SnrRule;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.recipe.DivergenceWeights;
import org.espalier.recipe.NoiseSettings;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.espalier.shrink.Shrunk;
import org.espalier.torch.PassMode;
import org.espalier.torch.Precision;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.Test;

/** On a network of LeNet-5's kind: the first dense layer's inputs are read through a channel site and a site of picked inputs. */
class StructuredBayesTest {
    private static final PassMode EXACT = PassMode.training(Precision.FLOAT32).withExact(true);

    private final Graph graph = leNet();
    private final ChannelGroups groups = ChannelGroups.of(graph);

    static Graph leNet() {
        GraphBuilder b = new GraphBuilder("lenet", 3);
        String x = b.conv("conv1", b.input("input", 1, 12, 12), 1, 4, 3, 1, 0, 1, true);
        x = b.relu("relu1", b.maxPool("pool1", x, 2));
        x = b.conv("conv2", x, 4, 5, 2, 1, 0, 1, true);
        x = b.relu("relu2", b.maxPool("pool2", x, 2));
        x = b.relu("relu3", b.gemm("fc1", b.flatten("flatten", x), 5 * 2 * 2, 7));
        b.output("logits", b.gemm("fc2", x, 7, 3), 3);
        return b.build();
    }

    static Tensor input() {
        SplittableRandom random = new SplittableRandom(9);
        float[] values = new float[6 * 144];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return TensorConversions.floats(values, 6, 1, 12, 12);
    }

    private int offset(String group) {
        return groups.groups().stream()
                .filter(g -> g.name().equals(group))
                .mapToInt(ChannelGroup::offset)
                .findFirst()
                .orElseThrow();
    }

    private StructuredBayes noisy() {
        return noisy(1);
    }

    private StructuredBayes noisy(int draws) {
        double[] mu = new double[groups.units()];
        double[] logSigma = new double[groups.units()];
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < mu.length; i++) {
            mu[i] = random.nextDouble(-6, 0);
            logSigma[i] = random.nextDouble(-3, 2);
        }
        double[] weights = new double[groups.units()];
        Arrays.fill(weights, 1);
        return new StructuredBayes(
                groups,
                new NoiseLayer(mu, logSigma, 5, 0),
                new DivergenceSchedule(weights, weights, 0),
                NoiseSettings.DEFAULT.withEpochsUntilFull(0).withDraws(draws),
                new SnrRule(1));
    }

    @Test
    void groups_areTheExpectedOnes() {
        assertThat(groups.groups().stream().map(ChannelGroup::toString))
                .containsExactly("conv1 (4)", "conv2 (5)", "fc1.in (20)", "fc1 (7)");
    }

    @Test
    void changes_equalMultipliedActivations_inValueAndGradient() {
        try (TorchGraph net = new TorchGraph(graph);
                StructuredBayes method = noisy();
                StructuredBayes same = noisy();
                Scope scope = Scope.open()) {
            Map<String, Tensor> inputs = Map.of("input", input());
            Tensor byWeights =
                    net.forward(inputs, method.changes(net.parameters()), EXACT).get("logits");
            Objects.requireNonNull(byWeights).square().sum().backward();

            Tensor theta = same.noise().sample();
            // Activations by hand: each relu's output times its units' multipliers.
            Map<String, Tensor> overrides = new LinkedHashMap<>();
            override(
                    net,
                    inputs,
                    overrides,
                    "relu1",
                    theta.narrow(0, offset("conv1"), 4).view(1, 4, 1, 1));
            override(
                    net,
                    inputs,
                    overrides,
                    "relu2",
                    theta.narrow(0, offset("conv2"), 5).view(1, 5, 1, 1));
            override(net, inputs, overrides, "flatten", theta.narrow(0, offset("fc1.in"), 20));
            override(net, inputs, overrides, "relu3", theta.narrow(0, offset("fc1"), 7));
            Tensor byActivations =
                    Objects.requireNonNull(net.forward(inputs, overrides, EXACT).get("logits"));
            byActivations.square().sum().backward();

            assertClose(byWeights, byActivations);
            for (int i = 0; i < 2; i++) {
                assertClose(
                        method.parameters().get(i).tensor().grad(),
                        same.parameters().get(i).tensor().grad());
            }
        }
    }

    @Test
    void severalDraws_equalPartsOfTheBatchWithOneDrawEach() {
        try (TorchGraph net = new TorchGraph(graph);
                StructuredBayes method = noisy(3);
                StructuredBayes same = noisy();
                Scope scope = Scope.open()) {
            Tensor x = torch.cat(new TensorVector(input(), input().mul(new Scalar(-0.5)), input().flip(2)), 0);
            long part = x.size(0) / 3;
            method.beforeStep(0, 3, 1);
            Tensor atOnce =
                    Objects.requireNonNull(net.forward(Map.of("input", x), method.changes(net.parameters()), EXACT)
                            .get("logits"));
            atOnce.square().sum().backward();

            TensorVector parts = new TensorVector();
            for (int i = 0; i < 3; i++) {
                Map<String, Tensor> inputs = Map.of("input", x.narrow(0, i * part, part));
                parts.push_back(Objects.requireNonNull(net.forward(inputs, same.changes(net.parameters()), EXACT)
                        .get("logits")));
            }
            Tensor oneByOne = torch.cat(parts, 0);
            oneByOne.square().sum().backward();
            assertClose(atOnce, oneByOne);
            for (int i = 0; i < 2; i++) {
                assertClose(
                        method.parameters().get(i).tensor().grad(),
                        same.parameters().get(i).tensor().grad());
            }
        }
    }

    /** Replaces a value by the one that the graph computes with the overrides so far, multiplied. */
    private void override(
            TorchGraph net, Map<String, Tensor> inputs, Map<String, Tensor> overrides, String value, Tensor theta) {
        try (TorchGraph upTo = new TorchGraph(withOutput(value))) {
            Map<String, Tensor> all = new LinkedHashMap<>(overrides);
            net.parameters().forEach((name, p) -> {
                if (upTo.values().containsKey(name)) {
                    all.put(name, p);
                }
            });
            Tensor x = Objects.requireNonNull(upTo.forward(inputs, all, EXACT).get(value));
            overrides.put(value, x.mul(theta));
        }
    }

    private Graph withOutput(String value) {
        return new Graph(
                "part",
                graph.opsets(),
                graph.inputs(),
                List.of(new Value(
                        value, ElementType.FLOAT, graph.outputs().get(0).shape())),
                graph.nodes(),
                graph.initializers());
    }

    @Test
    void maskedNetwork_equalsShrunkNetwork() {
        try (StructuredBayes method = noisy();
                Scope scope = Scope.open()) {
            PruningMethod.Decision d = method.decide(graph);
            KeptUnits kept = KeptUnits.of(groups, d.kept(), d.score());
            double[] scale = d.scale();
            int gone = 0;
            for (int i = 0; i < scale.length; i++) {
                scale[i] = kept.kept()[i] ? scale[i] : 0;
                gone += kept.kept()[i] ? 0 : 1;
            }
            assertThat(gone).isBetween(5, groups.units() - 5);
            Graph masked = Shrinker.mask(groups, graph, scale);
            Graph shrunk = Shrinker.shrink(groups, masked, kept.kept()).graph();
            try (TorchGraph large = new TorchGraph(masked);
                    TorchGraph small = new TorchGraph(shrunk)) {
                Tensor x = input();
                assertClose(large.forward(x, PassMode.evaluation()), small.forward(x, PassMode.evaluation()));
            }
        }
    }

    @Test
    void shrink_survivorsKeepTheirNoiseAndWeights() {
        try (StructuredBayes method = noisy()) {
            boolean[] kept = new boolean[groups.units()];
            Arrays.fill(kept, true);
            kept[offset("conv1") + 1] = false;
            kept[offset("fc1") + 6] = false;
            Shrunk cut = Shrinker.shrink(groups, graph, kept);
            ChannelGroups smaller = ChannelGroups.of(cut.graph());
            method.noise().sample();
            try (StructuredBayes left = (StructuredBayes) method.shrink(smaller, cut)) {
                Posterior expected = method.posterior().select(kept);
                assertThat(left.posterior().mu()).isEqualTo(expected.mu());
                assertThat(left.posterior().logSigma()).isEqualTo(expected.logSigma());
                assertThat(left.noise().draws()).isEqualTo(1);
                assertThat(left.noise().seed()).isEqualTo(method.noise().seed());
            }
        }
    }

    @Test
    void penalty_growsWithItsShare() {
        try (StructuredBayes method = noisy();
                Scope scope = Scope.open()) {
            method.noise().sample();
            double full = method.penalty().item_double();
            method.beforeStep(0, 1, 0.25);
            assertThat(method.penalty().item_double()).isCloseTo(full / 4, within(1e-9));
            assertThat(full).isPositive();
        }
    }

    /** A weight that starts above its full value stays there until the epochs are over; one that starts below grows linearly. */
    @Test
    void schedule_ofEachUnit_isExactlyFullAfterItsEpochs() {
        DivergenceSchedule s = new DivergenceSchedule(new double[] {1, 1, 4}, new double[] {250, 0, 2}, 4);
        assertThat(s.at(0, 1)).containsExactly(new double[] {250, 0.005, 2.01}, within(1e-12));
        assertThat(s.at(1.98, 2)).containsExactly(new double[] {500, 1, 6}, within(1e-12));
        assertThat(s.at(3.99, 1)).containsExactly(250, 1, 4);
        assertThat(s.at(4, 1)).containsExactly(1, 1, 4);
        assertThat(s.share(4)).isEqualTo(1);
        assertThat(s.share(0)).isCloseTo(252.015 / 6, within(1e-12));
        assertThat(s.select(new boolean[] {true, false, true}).at(0, 1)).containsExactly(250, 2.01);
    }

    /** A run that goes on from a checkpoint in the middle of the start goes on with the same weights. */
    @Test
    void schedule_isAmongWhatACheckpointHolds() {
        NoiseSettings push = NoiseSettings.DEFAULT
                .withStartWeights(DivergenceWeights.byGroup(Map.of("*", 30.0)))
                .withEpochsUntilFull(3);
        try (StructuredBayes method = new StructuredBayes(groups, KlWeights.one(), push, new SnrRule(1), 5);
                StructuredBayes other = new StructuredBayes(groups, KlWeights.one(), push, new SnrRule(1), 6);
                Scope scope = Scope.open()) {
            method.noise().sample();
            double once = method.noise().kl().item_double();
            method.beforeStep(2.5, 10, 1);
            assertThat(method.penalty().item_double()).isCloseTo(30 * once, within(1e-9 * once));
            method.beforeStep(3, 10, 1);
            assertThat(method.penalty().item_double()).isEqualTo(once);
            assertThat(method.state()).containsKeys("kl_weight", "kl_start");
            Map<String, TensorData> without = new LinkedHashMap<>(method.state());
            without.put("kl_start", without.get("kl_weight"));
            other.load(without);
            other.noise().sample();
            other.beforeStep(2.5, 10, 1);
            assertThat(other.penalty().item_double())
                    .isEqualTo(other.noise().kl().item_double());
        }
    }

    private static void assertClose(Tensor actual, Tensor expected) {
        assertThat(TensorConversions.shape(actual)).isEqualTo(TensorConversions.shape(expected));
        double[] a =
                TensorConversions.toGraph(actual.to(torch.ScalarType.Double)).toDoubles();
        double[] e =
                TensorConversions.toGraph(expected.to(torch.ScalarType.Double)).toDoubles();
        double largest = Arrays.stream(e).map(Math::abs).max().orElse(0);
        assertThat(a).containsExactly(e, within(1e-5 * largest));
    }
}
