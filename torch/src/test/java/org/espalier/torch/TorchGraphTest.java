package org.espalier.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.GraphException;
import org.espalier.graph.TensorData;
import org.espalier.torch.ops.TensorConversions;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class TorchGraphTest {
    private static Graph small() {
        GraphBuilder b = new GraphBuilder("small", 3);
        String x = b.input("x", 2, 6, 6);
        x = b.conv("conv", x, 2, 4, 3, 1, 1, 1, false);
        x = b.batchNorm("bn", x, 4);
        x = b.relu("relu", x);
        x = b.maxPool("pool", x, 2);
        x = b.flatten("flat", x);
        b.output("y", b.gemm("fc", x, 36, 3), 3);
        return b.build();
    }

    @Test
    void parameters_convAndBatchNorm_withoutStatistics() {
        try (TorchGraph g = new TorchGraph(small())) {
            assertThat(g.parameters().keySet())
                    .containsExactly("conv.weight", "bn.weight", "bn.bias", "fc.weight", "fc.bias");
            assertThat(g.values()).containsKeys("bn.running_mean", "bn.running_var");
            assertThat(g.parameters().values()).allMatch(Tensor::requires_grad);
        }
    }

    /** The mask of an attention: a gradient step would make NaN of its infinities. */
    @Test
    void parameters_constantWithInfinities_isNotTrained() {
        GraphBuilder b = new GraphBuilder("masked", 1);
        float away = Float.NEGATIVE_INFINITY;
        b.constant("mask", TensorData.ofFloats(new float[] {0, away, 0, 0}, 2, 2));
        b.constant("finite", TensorData.ofFloats(new float[] {0, -10000, 0, 0}, 2, 2));
        b.constant("shift", TensorData.ofFloats(new float[] {0, 1, 2, 3}, 2, 2));
        String masked = b.add("masked", b.add("twice", b.input("x", 2, 2), "mask"), "finite");
        b.output("y", b.add("shifted", masked, "shift"), 2, 2);
        try (TorchGraph g = new TorchGraph(b.build())) {
            assertThat(g.parameters().keySet()).containsExactly("shift");
        }
    }

    /** Infinities that a mask brings in are no error; one that a finite value turns into is. */
    @Test
    void firstNotFinite_maskOfAnAttention_isPassedOver() {
        GraphBuilder b = new GraphBuilder("masked", 1);
        float away = Float.NEGATIVE_INFINITY;
        b.constant("mask", TensorData.ofFloats(new float[] {0, away}, 2));
        String x = b.add("masked", b.input("x", 2), "mask");
        x = b.node("reshape", "Identity", List.of(x), Map.of());
        x = b.node("softmax", "Softmax", List.of(x), Map.of());
        b.output("y", b.node("log", "Log", List.of(x), Map.of()), 2);
        try (TorchGraph g = new TorchGraph(b.build());
                Scope scope = Scope.open()) {
            Map<String, Tensor> inputs = Map.of("x", torch.ones(3, 2));
            PassMode mode = PassMode.training(Precision.FLOAT32);
            assertThat(g.firstNotFinite(inputs, PassChanges.NONE, mode).map(org.espalier.graph.Node::name))
                    .contains("log");
        }
    }

    @Test
    void state_untouched_isTheGraphs() {
        Graph graph = small();
        try (TorchGraph g = new TorchGraph(graph)) {
            assertThat(g.state()).isEqualTo(graph.initializers());
        }
    }

    @Test
    void forward_training_updatesStatisticsAndFrozenDoesNot() {
        try (TorchGraph g = new TorchGraph(small());
                Scope scope = Scope.open()) {
            Tensor x = torch.randn(8, 2, 6, 6);
            Map<String, TensorData> before = g.state();
            g.forward(x, PassMode.training(Precision.FLOAT32).withFrozenStatistics());
            assertThat(g.state()).isEqualTo(before);
            g.forward(x, PassMode.training(Precision.FLOAT32));
            assertThat(g.state().get("bn.running_mean")).isNotEqualTo(before.get("bn.running_mean"));
            assertThat(g.state().get("bn.weight")).isEqualTo(before.get("bn.weight"));
            g.load(before);
            assertThat(g.state()).isEqualTo(before);
        }
    }

    /** Relu writes over its input where nothing else needs that; where it is an output of the graph, it must not. */
    @Test
    void forward_relu_sameGradientsWhetherOrNotItsInputIsReadElsewhere() {
        for (String kind : List.of("Conv", "BatchNormalization", "Gemm")) {
            for (PassMode mode : List.of(
                    PassMode.training(Precision.FLOAT32),
                    PassMode.training(Precision.MIXED),
                    PassMode.training(Precision.FLOAT32).withFrozenStatistics())) {
                Graph plain = beforeRelu(kind, false);
                Graph shared = beforeRelu(kind, true);
                List<TensorData> one = gradients(plain, mode);
                assertThat(gradients(shared, mode)).as("%s %s", kind, mode).isEqualTo(one);
            }
        }
    }

    private static Graph beforeRelu(String kind, boolean shown) {
        GraphBuilder b = new GraphBuilder(kind, 5);
        String x = b.input("x", 2, 6, 6);
        if (kind.equals("Gemm")) {
            x = b.gemm("layer", b.flatten("flat", x), 72, 8);
        } else {
            x = b.conv("layer", x, 2, 4, 3, 1, 1, 1, false);
            x = kind.equals("Conv") ? x : b.batchNorm("bn", x, 4);
        }
        String y = b.relu("relu", x);
        y = kind.equals("Gemm") ? y : b.flatten("flat", y);
        b.output("y", b.gemm("fc", y, kind.equals("Gemm") ? 8 : 144, 3), 3);
        if (shown) {
            b.output("shown", x);
        }
        return b.build();
    }

    private static List<TensorData> gradients(Graph graph, PassMode mode) {
        try (TorchGraph g = new TorchGraph(graph);
                Scope scope = Scope.open()) {
            Tensor x = torch.arange(new Scalar(-5.0), new Scalar(5.0), new Scalar(10.0 / (8 * 72)))
                    .sin()
                    .to(torch.ScalarType.Float)
                    .view(8, 2, 6, 6);
            Tensor weight = Fixtures.require(g.parameters().get("layer.weight"));
            torch.manual_seed(1);
            PassChanges changes = PassChanges.ofVariances(Map.of("layer.weight", weight.square()));
            Map<String, Tensor> out = g.forward(Map.of("x", x), changes, mode);
            Tensor shown = out.get("shown");
            if (shown != null) {
                assertThat(shown.min().item_double()).isNegative();
            }
            Fixtures.require(out.get("y")).square().sum().backward();
            return g.parameters().values().stream()
                    .map(p -> TensorConversions.toGraph(p.grad()))
                    .toList();
        }
    }

    /** Relu is taken after max pooling; where its result is an output of the graph, it cannot be. */
    @Test
    void forward_reluBeforeMaxPool_sameOutputsAndGradientsWhetherOrNotItsResultIsReadElsewhere() {
        for (PassMode mode : List.of(PassMode.training(Precision.FLOAT32), PassMode.training(Precision.MIXED))) {
            Graph plain = beforePooling(false);
            Graph shared = beforePooling(true);
            assertThat(ReluAfterPooling.value(plain, plain.nodes().get(1))).isNotNull();
            assertThat(ReluAfterPooling.value(shared, shared.nodes().get(1))).isNull();
            assertThat(gradients(plain, mode)).as("%s", mode).isEqualTo(gradients(shared, mode));
            try (Scope scope = Scope.open();
                    TorchGraph one = new TorchGraph(plain);
                    TorchGraph other = new TorchGraph(shared)) {
                Map<String, Tensor> x = Map.of("x", torch.randn(8, 2, 6, 6));
                Tensor expected = Fixtures.require(
                        other.forward(x, PassChanges.NONE, mode).get("y"));
                Tensor y =
                        Fixtures.require(one.forward(x, PassChanges.NONE, mode).get("y"));
                assertThat(y.equal(expected)).as("%s", mode).isTrue();
            }
        }
    }

    @Test
    void forward_reluBeforeMaxPool_resultGivenInItsPlace_isPooledAsItIs() {
        Graph graph = beforePooling(false);
        try (TorchGraph g = new TorchGraph(graph);
                Scope scope = Scope.open()) {
            Tensor given = torch.full(new long[] {8, 4, 6, 6}, new Scalar(-1.0));
            String relu = graph.nodes().get(1).output(0);
            String flat = graph.nodes().get(3).output(0);
            Tensor x = torch.randn(8, 2, 6, 6);
            Tensor y = Fixtures.require(g.forward(Map.of("x", x), Map.of(relu, given), PassMode.evaluation())
                    .get("y"));
            Tensor expected = Fixtures.require(g.forward(
                            Map.of("x", x),
                            Map.of(flat, torch.full(new long[] {8, 36}, new Scalar(-1.0))),
                            PassMode.evaluation())
                    .get("y"));
            assertThat(y.equal(expected)).isTrue();
        }
    }

    private static Graph beforePooling(boolean shown) {
        GraphBuilder b = new GraphBuilder("pooled", 5);
        String x = b.conv("layer", b.input("x", 2, 6, 6), 2, 4, 3, 1, 1, 1, false);
        String relu = b.relu("relu", x);
        b.output("y", b.gemm("fc", b.flatten("flat", b.maxPool("pool", relu, 2)), 36, 3), 3);
        if (shown) {
            b.output("rectified", relu);
        }
        return b.build();
    }

    @Test
    void forward_reluAfterAnOverriddenValue_leavesThatAlone() {
        try (TorchGraph g = new TorchGraph(small());
                Scope scope = Scope.open()) {
            Tensor given = torch.full(new long[] {8, 4, 6, 6}, new Scalar(-1.0));
            String value = g.graph().nodes().get(1).output(0);
            g.forward(Map.of("x", torch.randn(8, 2, 6, 6)), Map.of(value, given), PassMode.evaluation());
            assertThat(given.max().item_double()).isEqualTo(-1);
        }
    }

    @Test
    void forward_override_gradientFlowsIntoIt() {
        try (TorchGraph g = new TorchGraph(small());
                Scope scope = Scope.open()) {
            Tensor theta = torch.full(new long[] {4, 1, 1, 1}, new Scalar(0.5)).set_requires_grad(true);
            Tensor weight = Fixtures.require(g.parameters().get("conv.weight"));
            Map<String, Tensor> out = g.forward(
                    Map.of("x", torch.randn(8, 2, 6, 6)),
                    Map.of("conv.weight", weight.mul(theta)),
                    PassMode.training(Precision.FLOAT32).withFrozenStatistics());
            Fixtures.require(out.get("y")).sum().backward();
            assertThat(theta.grad().abs().sum().item_double()).isPositive();
            assertThat(weight.grad().abs().sum().item_double()).isPositive();
        }
    }

    /** 1 / (1 + e⁻⁸) is not 1, though it is in bfloat16. */
    @Test
    void forward_mixed_probabilitiesAreFloat32() {
        GraphBuilder b = new GraphBuilder("soft", 1);
        b.output("y", b.node("soft", "Softmax", List.of(b.gemm("fc", b.input("x", 1), 1, 2)), Map.of()), 2);
        Graph graph = b.build()
                .withInitializers(Map.of(
                        "fc.weight", TensorData.ofFloats(new float[] {8, 0}, 2, 1),
                        "fc.bias", TensorData.ofFloats(new float[2], 2)));
        try (TorchGraph g = new TorchGraph(graph);
                Scope scope = Scope.open()) {
            Tensor y = Objects.requireNonNull(g.forward(
                            Map.of("x", TensorConversions.floats(new float[] {1}, 1, 1)),
                            Map.of(),
                            PassMode.training(Precision.MIXED))
                    .get("y"));
            assertThat(TensorConversions.toGraph(y).toFloats()[0])
                    .isCloseTo((float) (1 / (1 + Math.exp(-8))), within(1e-6f));
        }
    }

    @Test
    void forward_mixed_isNearFloat32() {
        for (String spec : List.of("lenet5", "vgg-like:0.25", "lenet-fc")) {
            Graph graph = Zoo.build(spec, 5);
            try (TorchGraph g = new TorchGraph(graph);
                    Scope scope = Scope.open()) {
                long[] shape = Fixtures.require(graph.inputs().get(0).shape()).stream()
                        .mapToLong(d -> d.isKnown() ? d.size() : 16)
                        .toArray();
                Tensor x = torch.rand(shape);
                PassMode frozen = PassMode.evaluation();
                Tensor exact = g.forward(x, frozen);
                Tensor mixed = g.forward(x, new PassMode(false, false, false, Precision.MIXED, false));
                assertThat(mixed.scalar_type().intern()).isEqualTo(torch.ScalarType.Float);
                double scale = exact.abs().max().item_double();
                assertThat(mixed.sub(exact).abs().max().item_double()).as(spec).isLessThan(0.05 * scale);
            }
        }
    }

    @Test
    void create_unknownOperator_saysWhich() {
        GraphBuilder b = new GraphBuilder("odd", 1);
        b.output("y", b.node("bar", "Foo", List.of(b.input("x", 2)), Map.of()), 2);
        Graph graph = b.build();
        assertThatThrownBy(() -> new TorchGraph(graph).close())
                .isInstanceOf(GraphException.class)
                .hasMessageStartingWith("Operator 'Foo' (node 'bar'): not supported for training");
    }

    @Test
    void forward_wrongShape_namesNodeAndShapes() {
        try (TorchGraph g = new TorchGraph(small());
                Scope scope = Scope.open()) {
            Tensor x = torch.randn(8, 5, 6, 6);
            assertThatThrownBy(() -> g.forward(x, PassMode.evaluation()))
                    .isInstanceOf(GraphException.class)
                    .hasMessageStartingWith("Conv 'conv': ")
                    .hasMessageContaining("x[8, 5, 6, 6], conv.weight[4, 2, 3, 3]");
        }
    }

    @Test
    void forward_noScope_throws() {
        try (TorchGraph g = new TorchGraph(small())) {
            Tensor x = torch.randn(1, 2, 6, 6);
            assertThatThrownBy(() -> g.forward(x, PassMode.evaluation())).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void training_lenetOnRandomClasses_learnsThem() {
        Engine.seed(1);
        try (TorchGraph g = new TorchGraph(Zoo.build("lenet5", 1));
                Optimizer adam = new Optimizer(List.of(Optimizer.Group.of("weights", g.parameters(), 1e-3)));
                Scope all = Scope.open()) {
            Tensor x = torch.rand(64, 1, 28, 28);
            long[] classes = new long[64];
            for (int i = 0; i < classes.length; i++) {
                classes[i] = i % 10;
            }
            Tensor y = TensorConversions.longs(classes, 64);
            double first = 0;
            double last = 0;
            for (int i = 0; i < 80; i++) {
                last = step(g, adam, x, y);
                first = i == 0 ? last : first;
            }
            assertThat(first).isCloseTo(Math.log(10), within(1.5));
            assertThat(last).isLessThan(0.5);
        }
    }

    private static double step(TorchGraph g, Optimizer adam, Tensor x, Tensor y) {
        try (Scope scope = Scope.open()) {
            Tensor loss = torch.cross_entropy(g.forward(x, PassMode.training(Precision.MIXED)), y);
            loss.backward();
            adam.step();
            adam.zeroGrad();
            return loss.item_double();
        }
    }

    @Test
    void training_manySteps_memoryStaysFlat() {
        assertThat(growth(300, 1200)).as("bytes").isLessThan(40L << 20);
    }

    @Test
    @Tag("slow")
    void training_tenThousandSteps_memoryStaysFlat() {
        assertThat(growth(2000, 10_000)).as("bytes").isLessThan(60L << 20);
    }

    /** How much resident memory grows after a number of steps to warm up. */
    private static long growth(int warm, int steps) {
        try (TorchGraph g = new TorchGraph(small());
                Optimizer adam = new Optimizer(List.of(Optimizer.Group.of("weights", g.parameters(), 1e-3)));
                Scope all = Scope.open()) {
            Tensor x = torch.randn(32, 2, 6, 6);
            Tensor y = TensorConversions.longs(new long[32], 32);
            for (int i = 0; i < warm; i++) {
                step(g, adam, x, y);
            }
            long before = Pointer.physicalBytes();
            for (int i = 0; i < steps; i++) {
                step(g, adam, x, y);
            }
            return Pointer.physicalBytes() - before;
        }
    }
}
