package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.espalier.bayes.Posterior;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.TensorData;
import org.espalier.objective.BatchTensors;
import org.espalier.recipe.LayerChoice;
import org.espalier.recipe.PhaseSettings;
import org.espalier.recipe.PruningTask;
import org.espalier.shrink.AxisSlice;
import org.espalier.shrink.FullSizeExpansion;
import org.espalier.shrink.KeptUnits;
import org.espalier.torch.Optimizer;
import org.espalier.torch.PassChanges;
import org.espalier.torch.PassMode;
import org.espalier.torch.Precision;
import org.espalier.torch.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Shrinking in the middle of training. */
class NetworkInTrainingTest {
    private static final DataSet DATA = Toy.digits().train();

    static List<Graph> graphs() {
        return List.of(Toy.convolutional(), Toy.dense());
    }

    private static NetworkInTraining network(Graph graph) {
        ChannelGroups groups = ChannelGroups.of(graph);
        NetworkInTraining net =
                new NetworkInTraining(groups, graph, Toy.noisy(groups), PhaseSettings.PRUNING, PruningTask.DEFAULT);
        net.setRates(1e-2, 1e-2);
        return net;
    }

    private static void train(NetworkInTraining net, int epoch, int steps) {
        try (BatchLoader loader = BatchLoader.of(DATA).batchSize(40).seed(2).build()) {
            loader.seek(epoch, 0);
            BatchTensors feed = new BatchTensors(net.torch().graph(), DATA);
            for (int i = 0; i < steps; i++) {
                Batch batch = loader.next();
                try (Scope scope = Scope.open()) {
                    net.optimizer().zeroGrad();
                    PassChanges changes = net.method().changes(net.torch().parameters());
                    Tensor y = net.torch()
                            .forward(
                                    feed.inputs(batch),
                                    changes,
                                    PassMode.training(Precision.FLOAT32).withExact(true))
                            .values()
                            .iterator()
                            .next();
                    Objects.requireNonNull(net.method().penalty())
                            .mul(new Scalar(1e-3))
                            .add(y.square().mean())
                            .backward();
                    net.optimizer().step();
                }
            }
        }
    }

    private static KeptUnits wish(NetworkInTraining net, int everyNth) {
        boolean[] wish = new boolean[net.groups().units()];
        for (int i = 0; i < wish.length; i++) {
            wish[i] = i % everyNth != 1;
        }
        return KeptUnits.of(net.groups(), wish, net.decide().decision().score());
    }

    @Test
    void frozenLayers_getNoGradients() {
        Graph graph = Toy.convolutional();
        LayerChoice choice = new LayerChoice(List.of(), List.of("conv1"), 1);
        ChannelGroups groups = choice.groups(graph);
        try (NetworkInTraining net = new NetworkInTraining(
                groups, graph, Toy.noisy(groups), PhaseSettings.PRUNING, new PruningTask(null, false, choice))) {
            net.setRates(1e-2, 1e-2);
            train(net, 0, 2);
            net.torch().parameters().forEach((name, t) -> assertThat(t.grad().defined())
                    .as(name)
                    .isEqualTo(!name.equals("conv1.weight")));
        }
    }

    /** What the network computes with multipliers at their means and units that go masked. */
    private static float[] outputs(NetworkInTraining net, boolean[] kept) {
        NetworkInTraining.Choice choice = new NetworkInTraining.Choice(
                new KeptUnits(kept, List.of(), false), net.decide().decision());
        return OnnxRuntime.logits(net.masked(choice), DATA.take(50));
    }

    private static boolean[] all(int n) {
        boolean[] b = new boolean[n];
        Arrays.fill(b, true);
        return b;
    }

    @ParameterizedTest
    @MethodSource("graphs")
    void shrink_twiceWhileTraining_changesNothingForSurvivors(Graph graph) {
        try (NetworkInTraining net = network(graph)) {
            train(net, 0, 5);
            for (int cut = 0; cut < 2; cut++) {
                boolean[] kept = wish(net, 3 + cut).kept();
                final float[] before = outputs(net, kept);
                Map<String, Optimizer.Moments> moments = net.optimizer().state();
                Posterior posterior = Objects.requireNonNull(net.method().posterior());
                final List<String> names =
                        net.groups().groups().stream().map(ChannelGroup::name).toList();
                long units =
                        IntStream.range(0, kept.length).filter(i -> kept[i]).count();
                assertThat(units).isLessThan(kept.length);

                assertThat(net.shrink(kept)).isTrue();

                assertThat((long) net.groups().units()).isEqualTo(units);
                assertThat(net.groups().groups().stream().map(ChannelGroup::name))
                        .isEqualTo(names);
                float[] after = outputs(net, all(net.groups().units()));
                assertThat(OnnxRuntime.relativeDifference(before, after)).isLessThan(1e-5);
                Posterior left = Objects.requireNonNull(net.method().posterior());
                assertThat(left.mu()).isEqualTo(posterior.select(kept).mu());
                assertThat(left.logSigma()).isEqualTo(posterior.select(kept).logSigma());
                checkMoments(net, moments, kept);
                train(net, cut + 1, 5);
            }
        }
    }

    /** MatMul and Add, as exporters write a dense layer: a bias of one number is arithmetic like that of a spelt-out GELU. */
    @Test
    void shrink_toASingleUnit_trainsOn() {
        GraphBuilder b = new GraphBuilder("spelt out", 5);
        String x = b.flatten("flatten", b.input("input", 1, 28, 28));
        x = b.node("product", "MatMul", List.of(x, b.constant("w", b.uniform(784, 784, 12))), Map.of());
        x = b.relu("relu", b.node("sum", "Add", List.of(x, b.constant("bias", b.uniform(12, 12))), Map.of()));
        b.output("logits", b.gemm("last", x, 12, 10), 10);
        try (NetworkInTraining net = network(b.build())) {
            train(net, 0, 2);
            KeptUnits kept = KeptUnits.of(
                    net.groups(),
                    new boolean[net.groups().units()],
                    net.decide().decision().score());
            assertThat(net.shrink(kept.kept())).isTrue();
            assertThat(net.groups().units()).isEqualTo(2);
            train(net, 1, 2);
        }
    }

    private static void checkMoments(NetworkInTraining net, Map<String, Optimizer.Moments> before, boolean[] kept) {
        Map<String, List<AxisSlice>> slices = net.cuts().get(net.cuts().size() - 1);
        Map<String, Optimizer.Moments> now = net.optimizer().state();
        assertThat(now.keySet()).isEqualTo(before.keySet());
        int[] units = IntStream.range(0, kept.length).filter(i -> kept[i]).toArray();
        before.forEach((name, m) -> {
            Optimizer.Moments expected = m;
            for (AxisSlice s : slices.getOrDefault(name, List.of())) {
                expected = expected.take(s.axis(), s.kept());
            }
            expected = name.startsWith("method.") ? m.take(0, units) : expected;
            assertThat(now.get(name)).as(name).isEqualTo(expected);
            assertThat(expected.steps()).isPositive();
        });
    }

    @ParameterizedTest
    @MethodSource("graphs")
    void expand_afterTwoCutsAndTraining_computesTheSame(Graph graph) {
        try (NetworkInTraining net = network(graph)) {
            train(net, 0, 2);
            net.shrink(wish(net, 3).kept());
            train(net, 1, 2);
            net.shrink(wish(net, 4).kept());
            train(net, 2, 2);
            Graph small = net.graph();
            Graph full = FullSizeExpansion.expand(graph, net.cuts(), small, ChannelGroups.of(graph));
            graph.initializers()
                    .forEach((name, t) ->
                            assertThat(full.initializers().get(name)).hasToString(t.toString()));
            assertThat(OnnxRuntime.relativeDifference(
                            OnnxRuntime.logits(full, DATA.take(50)), OnnxRuntime.logits(small, DATA.take(50))))
                    .isLessThan(1e-5);
        }
    }

    /** What is divided by must not become 0 where a channel is cut. */
    @Test
    void expand_channelDividedByAConstant_staysFinite() {
        GraphBuilder b = new GraphBuilder("divided", 3);
        String x = b.conv("conv1", b.input("input", 1, 28, 28), 1, 6, 5, 2, 0, 1, true);
        b.constant("deviation", TensorData.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 1, 6, 1, 1));
        x = b.node("divide", "Div", List.of(x, "deviation"), Map.of());
        x = b.relu("relu", b.conv("conv2", x, 6, 4, 3, 2, 0, 1, true));
        b.output("logits", b.gemm("fc", b.flatten("flat", x), 4 * 5 * 5, 10), 10);
        expand_afterTwoCutsAndTraining_computesTheSame(b.build());
    }

    private static String firstLayer(Graph graph) {
        try (NetworkInTraining net = network(graph);
                BatchLoader loader = BatchLoader.of(DATA).batchSize(10).build();
                Scope scope = Scope.open()) {
            BatchTensors feed = new BatchTensors(net.torch().graph(), DATA);
            PassChanges changes = net.method().changes(net.torch().parameters());
            return new FirstNotFinite(net)
                    .layer(feed.inputs(loader.next()), changes, PassMode.training(Precision.FLOAT32))
                    .orElse("");
        }
    }

    @Test
    void divergence_namesTheFirstLayerAndItsGroup() {
        Graph graph = Toy.convolutional();
        assertThat(firstLayer(graph)).isEmpty();
        TensorData large = TensorData.full(3e38f, 6, 4, 3, 3);
        assertThat(firstLayer(graph.withInitializers(Map.of("conv2.weight", large))))
                .isEqualTo("what Conv 'conv2' makes (group 'conv2')");
        Map<String, TensorData> product = Map.of(
                "fc1.weight", TensorData.full(1e20f, 20, 150),
                "fc2.weight", TensorData.full(1e30f, 10, 20));
        assertThat(firstLayer(graph.withInitializers(product))).isEqualTo("what Gemm 'fc2' makes (reads group 'fc1')");
    }

    @Test
    void divergence_namesTheFirstWeightAndItsGroup() {
        Map<String, TensorData> bad = Map.of("bn1.weight", TensorData.full(Float.NaN, 4));
        try (NetworkInTraining broken = network(Toy.convolutional().withInitializers(bad))) {
            assertThat(new FirstNotFinite(broken).weight()).contains("weight 'bn1.weight' (group 'conv1')");
        }
    }

    @Test
    void notFinite_namesTheParameter() {
        Graph graph = Toy.dense();
        Map<String, TensorData> bad = Map.of("fc2.bias", TensorData.full(Float.NaN, 10));
        try (NetworkInTraining good = network(graph);
                NetworkInTraining broken = network(graph.withInitializers(bad))) {
            assertThat(good.notFinite()).isEmpty();
            assertThat(broken.notFinite()).contains("fc2.bias");
        }
    }
}
