package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.espalier.bayes.SnrRule;
import org.espalier.channels.ChannelGroups;
import org.espalier.data.DataSet;
import org.espalier.data.Normalization;
import org.espalier.data.Splits;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.method.KlWeights;
import org.espalier.method.MethodFactory;
import org.espalier.method.StructuredBayes;
import org.espalier.objective.Evaluator;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.TrainingException;
import org.espalier.progress.TrainingListener;
import org.espalier.progress.VariationalObjective;
import org.espalier.recipe.LayerChoice;
import org.espalier.recipe.PruningTask;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;
import org.espalier.recipe.TrainingPhase;
import org.espalier.shapes.Cost;
import org.espalier.torch.Engine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

public class PruningRunTest {
    /** Remembers what it hears. */
    private static final class Recorder implements TrainingListener {
        final List<EpochMetrics> epochs = new ArrayList<>();
        final List<Long> steps = new ArrayList<>();
        final List<String> messages = new ArrayList<>();
        long all;

        @Override
        public void onEpoch(EpochMetrics metrics) {
            epochs.add(metrics);
        }

        @Override
        public void onStep(long done, long of) {
            steps.add(done);
            all = of;
        }

        @Override
        public void onMessage(String line) {
            messages.add(line);
        }
    }

    @BeforeAll
    static void oneThread() {
        Engine.start(1);
    }

    private static PruningOutcome run(Graph graph, Recipe recipe, TrainingListener listener) {
        return new PruningRun(graph, Toy.digits(), recipe, Toy.SBP, listener).run();
    }

    @Test
    void run_convolutional_prunesAndMasksTheSame() {
        Recorder heard = new Recorder();
        PruningOutcome out = run(Toy.convolutional(), Toy.settings().recipe(), heard);

        long before = Cost.of(out.original()).macs();
        long after = Cost.of(out.pruned()).macs();
        assertThat(after).isLessThan(before * 3 / 4).isPositive();
        DataSet test = Toy.digits().test();
        assertThat(OnnxRuntime.relativeDifference(
                        OnnxRuntime.logits(out.masked(), test), OnnxRuntime.logits(out.pruned(), test)))
                .isLessThan(1e-4);
        assertThat(out.originalErrorPercent()).isBetween(35.0, 48.0);
        assertThat(out.errorPercent()).isBetween(22.0, 33.0);
        assertThat(Evaluator.errorPercent(out.masked(), test)).isEqualTo(out.errorPercent());
        assertThat(out.units().keySet()).isEqualTo(out.originalUnits().keySet());
        out.units().forEach((group, units) -> assertThat(units)
                .as(group)
                .isBetween(1, Objects.requireNonNull(out.originalUnits().get(group))));
        int trained = ChannelGroups.of(out.trained()).units();
        assertThat(Objects.requireNonNull(out.posterior()).mu()).hasSize(trained);
        assertThat(trained)
                .as("units left while training went on")
                .isLessThan(ChannelGroups.of(out.original()).units());
        assertThat(out.pruned().inputs()).isEqualTo(out.original().inputs());
        assertThat(out.pruned().outputs()).isEqualTo(out.original().outputs());
        assertThat(out.objective()).isEqualTo(heard.epochs.get(18).objective());
        checkHeard(heard);
    }

    @Test
    void run_libtorchFails_saysSoInOneLine() {
        TrainingListener failing = new TrainingListener() {
            @Override
            public void onStep(long done, long of) {
                try (PointerScope scope = new PointerScope()) {
                    torch.zeros(3).reshape(2, 2);
                }
            }
        };
        assertThatThrownBy(() -> run(Toy.dense(), Toy.settings().recipe(), failing))
                .isInstanceOf(TrainingException.class)
                .hasMessage("libtorch cannot go on: shape '[2, 2]' is invalid for input of size 3");
    }

    private static void checkHeard(Recorder heard) {
        // 500 examples are left for training: 10 steps in each of 4 + 15 + 2 epochs.
        assertThat(heard.steps).hasSize(210).first().isEqualTo(1L);
        assertThat(heard.steps).last().isEqualTo(heard.all).isEqualTo(210L);
        assertThat(heard.epochs).hasSize(21);
        assertThat(heard.epochs.stream().map(EpochMetrics::phase).distinct())
                .containsExactly(TrainingPhase.PRETRAIN, TrainingPhase.PRUNE, TrainingPhase.FINETUNE);
        for (EpochMetrics m : heard.epochs) {
            assertThat(m.loss()).isPositive().isFinite();
            assertThat(m.heldOutErrorPercent()).isBetween(0.0, 100.0);
            assertThat(m.dataWaitShare()).isBetween(0.0, 1.0);
            assertThat(m.macs()).isPositive();
            assertThat(m.penalty() > 0).isEqualTo(m.phase() == TrainingPhase.PRUNE);
            checkObjective(m);
        }
        EpochMetrics last = heard.epochs.get(20);
        assertThat(last.macs()).isLessThan(heard.epochs.get(4).macs());
        assertThat(last.loss()).isLessThan(heard.epochs.get(0).loss());
    }

    /** Without a teacher the data's part is the loss that was trained on, of 500 examples. */
    private static void checkObjective(EpochMetrics m) {
        VariationalObjective j = m.objective();
        if (m.phase() != TrainingPhase.PRUNE) {
            assertThat(j).isNull();
            return;
        }
        assertThat(Objects.requireNonNull(j).data()).isCloseTo(500 * m.loss(), within(1e-9 * j.data()));
        double kl = m.groups().values().stream().mapToDouble(g -> g.kl()).sum();
        assertThat(j.divergence()).isPositive().isCloseTo(kl, within(1e-9 * kl));
        assertThat(j.total()).isEqualTo(j.data() + j.divergence());
    }

    @Test
    void run_sameSeed_sameBits() {
        Toy.Settings s = Toy.settings();
        s.pruneEpochs = 6;
        s.pretrainDropout = Map.of("fc*", 0.3);
        PruningOutcome first = run(Toy.convolutional(), s.recipe(), TrainingListener.silent());
        PruningOutcome second = run(Toy.convolutional(), s.recipe(), TrainingListener.silent());
        assertSame(first, second);
        s.seed++;
        PruningOutcome other = run(Toy.convolutional(), s.recipe(), TrainingListener.silent());
        assertThat(other.pruned().initializers()).isNotEqualTo(first.pruned().initializers());
    }

    public static void assertSame(PruningOutcome a, PruningOutcome b) {
        assertThat(a.original().initializers()).isEqualTo(b.original().initializers());
        assertThat(a.trained().initializers()).isEqualTo(b.trained().initializers());
        assertThat(a.pruned().initializers()).isEqualTo(b.pruned().initializers());
        assertThat(a.pruned().nodes()).isEqualTo(b.pruned().nodes());
        assertThat(a.masked().initializers()).isEqualTo(b.masked().initializers());
        assertThat(a.units()).isEqualTo(b.units());
        assertThat(a.errorPercent()).isEqualTo(b.errorPercent());
    }

    @Test
    void run_dense_removesPixels() {
        PruningOutcome out = run(Toy.dense(), Toy.settings().recipe(), TrainingListener.silent());
        assertThat(out.units().get("fc1.in")).isLessThan(600);
        DataSet test = Toy.digits().test();
        assertThat(OnnxRuntime.relativeDifference(
                        OnnxRuntime.logits(out.masked(), test), OnnxRuntime.logits(out.pruned(), test)))
                .isLessThan(1e-4);
    }

    @Test
    void run_everyOption_staysFinite() {
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 2;
        s.pruneEpochs = 3;
        s.finetuneEpochs = 1;
        s.labelSmoothing = 0.1;
        s.distillation = 0.5;
        s.pretrainDropout = Map.of("fc1*", 0.2);
        s.pruneDropout = Map.of("*", 0.1);
        s.patienceEpochs = 1;
        Recorder heard = new Recorder();
        PruningOutcome out = run(Toy.convolutional(), s.recipe(), heard);
        assertThat(heard.epochs).allSatisfy(m -> assertThat(m.loss()).isBetween(0.1, 10.0));
        assertThat(out.pruned().nodes()).noneMatch(n -> n.opType().equals("Dropout"));
        assertThat(out.trained().nodes()).noneMatch(n -> n.opType().equals("Dropout"));
        assertThat(out.errorPercent()).isLessThan(85);
    }

    @Test
    void run_labelSmoothing_isNotForStepsWithNoise() {
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 0;
        s.pruneEpochs = 2;
        s.finetuneEpochs = 0;
        Graph plain = run(Toy.convolutional(), s.recipe(), new Recorder()).trained();
        s.labelSmoothing = 0.5;
        Graph smoothed = run(Toy.convolutional(), s.recipe(), new Recorder()).trained();
        assertThat(smoothed.initializers()).isEqualTo(plain.initializers());
        s.pruneEpochs = 0;
        s.finetuneEpochs = 1;
        Graph tuned = run(Toy.convolutional(), s.recipe(), new Recorder()).pruned();
        s.labelSmoothing = 0;
        Graph other = run(Toy.convolutional(), s.recipe(), new Recorder()).pruned();
        assertThat(tuned.initializers()).isNotEqualTo(other.initializers());
    }

    @Test
    void run_tolerance_saysHowMuchGoes() {
        Toy.Settings s = Toy.settings();
        s.pruneEpochs = 30;
        s.tolerance = 0.2;
        Recorder careful = new Recorder();
        PruningOutcome little = run(Toy.convolutional(), s.recipe(), careful);
        s.tolerance = 2;
        Recorder bold = new Recorder();
        PruningOutcome much = run(Toy.convolutional(), s.recipe(), bold);
        assertThat(Cost.of(much.pruned()).macs())
                .isLessThan(Cost.of(little.pruned()).macs());
        // Both start from the same network, and the last epochs with noise have found their bounds.
        assertThat(careful.epochs.get(33).loss()).isLessThan(bold.epochs.get(33).loss());
        assertThat(careful.epochs.subList(4, 34))
                .extracting(EpochMetrics::klShare)
                .doesNotHaveDuplicates()
                .allMatch(share -> share > 0);
        assertThat(careful.epochs.get(34).klShare()).isEqualTo(1);
    }

    @Test
    void run_noPruneEpochs_onlyFineTunes() {
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 0;
        s.pruneEpochs = 0;
        s.finetuneEpochs = 2;
        Recorder heard = new Recorder();
        PruningOutcome out = run(Toy.dense(), s.recipe(), heard);
        assertThat(heard.epochs).hasSize(2).allSatisfy(m -> assertThat(m.phase())
                .isEqualTo(TrainingPhase.FINETUNE));
        assertThat(out.units()).isEqualTo(out.originalUnits());
        assertThat(out.pruned().initializer("fc1.weight"))
                .isNotEqualTo(out.original().initializer("fc1.weight"));
    }

    /** The noise that a method begins with must not scale the weights of a network that only is trained on. */
    @Test
    void run_noPruneEpochs_leavesWeightsToFineTuning() {
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 0;
        s.pruneEpochs = 0;
        s.finetuneEpochs = 1;
        Recipe standing =
                s.recipe().withPruning(p -> p.withLearningRate(1e-30)).withFinetuning(p -> p.withLearningRate(1e-30));
        PruningOutcome out = run(Toy.dense(), standing, TrainingListener.silent());
        for (String weight : List.of("fc1.weight", "fc2.weight")) {
            assertThat(out.pruned().initializer(weight))
                    .isEqualTo(out.original().initializer(weight));
        }
        assertThat(out.posterior()).isNull();
    }

    /** What steers pruning by the original's loss learns without labels, but fine-tuning after it would not. */
    @Test
    void run_nothingToFineTuneFrom_isRefusedBeforeItBegins() {
        DataSet plain = DataSet.builder("plain")
                .floats("", new float[200][784], Normalization.identity(), 1, 28, 28)
                .build();
        Recipe recipe = Recipes.user(plain.size(), true, 100).withDistillation(d -> d.withShare(0));
        Recorder heard = new Recorder();
        assertThatThrownBy(() -> new PruningRun(Toy.dense(), new Splits(plain, plain), recipe, Toy.SBP, heard).run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no labels");
        assertThat(heard.steps).isEmpty();
    }

    @Test
    void run_noEpochsAfterTraining_returnsTheOriginal() {
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 1;
        s.pruneEpochs = 0;
        s.finetuneEpochs = 0;
        s.holdOut = 0;
        Recorder heard = new Recorder();
        PruningOutcome out = run(Toy.dense(), s.recipe(), heard);
        assertThat(out.pruned()).isSameAs(out.original());
        assertThat(out.posterior()).isNull();
        assertThat(heard.epochs).singleElement().satisfies(m -> assertThat(m.heldOutErrorPercent())
                .isNaN());
    }

    @Test
    void run_thresholdThatKeepsNothing_keepsTheBestAndSaysSo() {
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 0;
        s.pruneEpochs = 1;
        s.finetuneEpochs = 0;
        s.threshold = 1e9;
        s.patienceEpochs = 0;
        Recorder heard = new Recorder();
        PruningOutcome out = run(Toy.dense(), s.recipe(), heard);
        assertThat(out.units()).allSatisfy((group, units) -> assertThat(units).isEqualTo(1));
        assertThat(heard.messages).anyMatch(m -> m.contains("'fc1'"));
    }

    @Test
    void run_userModelWithConstantNodes_trains() {
        Graph g = Toy.dense();
        List<Node> nodes = new ArrayList<>(g.nodes());
        TensorData bias = Objects.requireNonNull(g.initializer("fc1.bias"));
        nodes.add(Node.of("bias", "Constant", List.of(), List.of("fc1.bias"), Map.of("value", Attribute.of(bias))));
        Map<String, TensorData> constants = new LinkedHashMap<>(g.initializers());
        constants.remove("fc1.bias");
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 1;
        s.pruneEpochs = 2;
        s.finetuneEpochs = 1;
        PruningOutcome out = run(g.with(nodes, constants), s.recipe(), TrainingListener.silent());
        assertThat(out.original().initializer("fc1.bias")).isNotEqualTo(bias);
    }

    /** The weight of an Einsum learns, and the layers before lose units. */
    @Test
    void run_einsum_learns_andWhatItReadsIsPruned() {
        GraphBuilder b = new GraphBuilder("einsum", 3);
        String x = b.relu("relu1", b.gemm("fc1", b.flatten("flatten", b.input("input", 1, 28, 28)), 784, 24));
        x = b.relu("relu2", b.gemm("fc2", x, 24, 20));
        String weight = b.constant("weight", b.uniform(20, 20, 10));
        Map<String, Attribute> equation = Map.of("equation", Attribute.of("ni,ij->nj"));
        b.output("logits", b.node("last", "Einsum", List.of(x, weight), equation), 10);
        Graph graph = b.build();
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 10;
        MethodFactory gentle = (groups, recipe) -> new StructuredBayes(
                groups,
                KlWeights.byName(Map.of("*", 0.5)),
                new SnrRule(recipe.rule().threshold()),
                7);
        PruningOutcome out = new PruningRun(graph, Toy.digits(), s.recipe(), gentle, TrainingListener.silent()).run();
        assertThat(out.trained().initializer("weight")).isNotEqualTo(graph.initializer("weight"));
        assertThat(out.units()).hasSize(3).allSatisfy((group, units) -> assertThat(units)
                .isPositive());
        assertThat(out.units().get("fc1")).isLessThan(24);
        assertThat(out.errorPercent()).isLessThan(50);
    }

    /** A residual stream under normalisations loses units, and the masked network counts what is left. */
    @Test
    void run_layerNormalization_widthIsPrunedAndMasksTheSame() {
        GraphBuilder b = new GraphBuilder("normalised", 3);
        String x = b.gemm("fc1", b.flatten("flatten", b.input("input", 1, 28, 28)), 784, 24);
        String h = b.relu("relu", b.gemm("fc2", normalised(b, "ln1", x), 24, 20));
        x = b.node("residual", "Add", List.of(x, b.gemm("fc3", h, 20, 24)), Map.of());
        b.output("logits", b.gemm("fc4", normalised(b, "ln2", x), 24, 10), 10);
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 10;
        MethodFactory gentle = (groups, recipe) -> new StructuredBayes(
                groups,
                KlWeights.byName(Map.of("*", 0.5, "fc1", 10.0)),
                new SnrRule(recipe.rule().threshold()),
                7);
        PruningOutcome out =
                new PruningRun(b.build(), Toy.digits(), s.recipe(), gentle, TrainingListener.silent()).run();
        assertThat(out.units().get("fc1")).isBetween(2, 23);
        assertThat(out.pruned().nodes())
                .noneMatch(n -> n.opType().equals("Gather") && n.name().contains("ln"));
        assertThat(out.masked().nodes()).anyMatch(n -> n.opType().equals("Gather"));
        DataSet test = Toy.digits().test();
        assertThat(OnnxRuntime.relativeDifference(
                        OnnxRuntime.logits(out.masked(), test), OnnxRuntime.logits(out.pruned(), test)))
                .isLessThan(1e-4);
        assertThat(out.errorPercent()).isLessThan(50);
    }

    private static String normalised(GraphBuilder b, String name, String x) {
        String scale = b.constant(name + ".scale", TensorData.full(1, 24));
        String bias = b.constant(name + ".bias", TensorData.full(0, 24));
        return b.node(name, "LayerNormalization", List.of(x, scale, bias), Map.of("axis", Attribute.of(-1L)));
    }

    @Test
    void run_dataOfAnotherShape_isRefused() {
        Splits digits = Toy.digits();
        GraphBuilder b = new GraphBuilder("other", 1);
        b.output("y", b.gemm("fc", b.flatten("f", b.input("x", 3, 32, 32)), 3072, 10), 10);
        assertThatThrownBy(() -> new PruningRun(
                                b.build(), digits, Toy.settings().recipe(), Toy.SBP, TrainingListener.silent())
                        .run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[N, 3, 32, 32]")
                .hasMessageContaining("[N, 1, 28, 28]");
    }

    @Test
    void run_noLayerOfTheNamesThatWereChosen_isRefused() {
        PruningRun run = new PruningRun(
                        Toy.dense(), Toy.digits(), Toy.settings().recipe(), Toy.SBP, TrainingListener.silent())
                .withTask(new PruningTask(null, false, new LayerChoice(List.of("typo"), List.of(), 1)));
        assertThatThrownBy(run::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing can be pruned");
    }

    /** libtorch's random numbers belong to the whole process. */
    @Test
    void run_twoAtOnce_eachIsAsItIsAlone() {
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 1;
        s.pruneEpochs = 1;
        s.finetuneEpochs = 0;
        Recipe recipe = s.recipe().withPretraining(p -> p.withDropout(Map.of("*", 0.5)));
        Map<String, TensorData> alone =
                run(Toy.dense(), recipe, TrainingListener.silent()).pruned().initializers();
        assertThat(IntStream.range(0, 2)
                        .parallel()
                        .mapToObj(i -> run(Toy.dense(), recipe, TrainingListener.silent())
                                .pruned()
                                .initializers())
                        .toList())
                .allSatisfy(weights -> assertThat(weights).isEqualTo(alone));
    }

    private static Map<String, TensorData> augmented(
            int pretrainEpochs, int finetuneEpochs, String before, String after) {
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = pretrainEpochs;
        s.pruneEpochs = 0;
        s.finetuneEpochs = finetuneEpochs;
        Recipe recipe = s.recipe()
                .withPretraining(p -> p.withAugmentation(before))
                .withPruning(p -> p.withAugmentation(after))
                .withFinetuning(p -> p.withAugmentation(after));
        return run(Toy.convolutional(), recipe, TrainingListener.silent())
                .pruned()
                .initializers();
    }

    private static Map<String, TensorData> decayed(@Nullable Double start, double decay) {
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 2;
        s.pruneEpochs = 0;
        s.finetuneEpochs = 0;
        s.weightDecayStart = start;
        s.weightDecay = decay;
        return run(Toy.convolutional(), s.recipe(), TrainingListener.silent())
                .pruned()
                .initializers();
    }

    @Test
    void weightDecayStart_ofTheDecayItself_changesNothing() {
        assertThat(decayed(0.5, 0.5)).isEqualTo(decayed(null, 0.5));
        assertThat(decayed(0.0, 0.5)).isNotEqualTo(decayed(null, 0.5)).isNotEqualTo(decayed(null, 0));
    }

    /** Means of the first layer's batch normalisation: before, after pre-training, after pruning, after fine-tuning. */
    private static List<TensorData> means(boolean before, boolean later) {
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 1;
        s.pruneEpochs = 1;
        s.finetuneEpochs = 1;
        s.threshold = 0;
        s.patienceEpochs = 0;
        s.frozenBefore = before;
        s.frozenStatistics = later;
        Graph graph = Toy.convolutional();
        PruningTask keepsBatchNormalization =
                new PruningTask(null, false, new LayerChoice(List.of(), List.of("fc2"), 1));
        PruningOutcome out = new PruningRun(graph, Toy.digits(), s.recipe(), Toy.SBP, TrainingListener.silent())
                .withTask(keepsBatchNormalization)
                .run();
        return Stream.of(graph, out.original(), out.trained(), out.pruned())
                .map(g -> Objects.requireNonNull(g.initializer("bn1.running_mean")))
                .toList();
    }

    @Test
    void frozenStatistics_stayFromTheirPhaseOn() {
        List<TensorData> never = means(false, false);
        assertThat(never).doesNotHaveDuplicates();
        List<TensorData> pruning = means(false, true);
        assertThat(pruning.subList(0, 2)).isEqualTo(never.subList(0, 2));
        assertThat(pruning.subList(2, 4)).containsOnly(pruning.get(1));
        List<TensorData> always = means(true, true);
        assertThat(always).containsOnly(always.get(0));
    }

    @Test
    void augmentation_belongsToItsPhase() {
        assertThat(augmented(1, 0, "crop4", "")).isEqualTo(augmented(1, 0, "crop4", "flip"));
        assertThat(augmented(1, 0, "crop4", "")).isNotEqualTo(augmented(1, 0, "", ""));
        assertThat(augmented(0, 1, "", "crop4")).isEqualTo(augmented(0, 1, "flip", "crop4"));
        assertThat(augmented(0, 1, "", "crop4")).isNotEqualTo(augmented(0, 1, "", ""));
    }
}
