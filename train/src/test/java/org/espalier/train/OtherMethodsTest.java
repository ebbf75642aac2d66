package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.espalier.checkpoint.CheckpointPolicy;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.method.KlWeights;
import org.espalier.method.MethodFactory;
import org.espalier.method.PruningMethods;
import org.espalier.method.Ssl;
import org.espalier.method.StructuredBayes;
import org.espalier.objective.Evaluator;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.StoppedException;
import org.espalier.progress.TrainingException;
import org.espalier.progress.TrainingListener;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.TrainingPhase;
import org.espalier.shapes.Cost;
import org.espalier.torch.Engine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole runs with the methods beside Structured Bayesian Pruning. */
class OtherMethodsTest {
    /** A method with settings that suit a few hundred examples. */
    enum Kind {
        SPARSE_VD,
        SSL;

        MethodFactory factory() {
            return this == SPARSE_VD
                    ? PruningMethods.SPARSEVD
                    : (groups, r) -> new Ssl(groups, KlWeights.inProportion(2, 0.5));
        }

        Recipe recipe() {
            Toy.Settings s = Toy.settings();
            s.pretrainEpochs = 3;
            s.pruneEpochs = this == SSL ? 14 : 10;
            s.finetuneEpochs = 1;
            s.noiseLearningRate = 0.2;
            s.klWarmupEpochs = 0;
            s.patienceEpochs = 1;
            return s.recipe();
        }
    }

    @TempDir
    private Path folder;

    @BeforeAll
    static void oneThread() {
        Engine.start(1);
    }

    private static PruningRun run(Kind kind, TrainingListener listener) {
        return new PruningRun(Toy.convolutional(), Toy.digits(), kind.recipe(), kind.factory(), listener);
    }

    @ParameterizedTest
    @EnumSource
    void run_prunes_andMaskedEqualsShrunkInOnnxRuntime(Kind kind) {
        List<EpochMetrics> heard = new ArrayList<>();
        PruningOutcome out = run(kind, new TrainingListener() {
                    @Override
                    public void onEpoch(EpochMetrics m) {
                        heard.add(m);
                    }
                })
                .run();
        long before = Cost.of(out.original()).macs();
        assertThat(Cost.of(out.pruned()).macs()).isLessThan(kind == Kind.SSL ? before * 9 / 10 : before);
        assertThat(out.posterior()).isNull();
        assertThat(out.errorPercent()).isLessThan(75);
        DataSet test = Toy.digits().test();
        assertThat(OnnxRuntime.relativeDifference(
                        OnnxRuntime.logits(out.masked(), test), OnnxRuntime.logits(out.pruned(), test)))
                .isLessThan(1e-4);
        assertThat(Evaluator.errorPercent(out.masked(), test)).isEqualTo(out.errorPercent());
        for (EpochMetrics m : heard) {
            assertThat(m.penalty() > 0).isEqualTo(m.phase() == TrainingPhase.PRUNE);
        }
        if (kind == Kind.SPARSE_VD) {
            // Fine-tuning left them so.
            assertThat(zeros(out.pruned().initializers())).isGreaterThan(0.1);
        }
    }

    private static double zeros(Map<String, TensorData> constants) {
        long zero = 0;
        long all = 0;
        for (Map.Entry<String, TensorData> e : constants.entrySet()) {
            if (e.getKey().endsWith(".weight")) {
                for (float v : e.getValue().toFloats()) {
                    zero += v == 0 ? 1 : 0;
                    all++;
                }
            }
        }
        return (double) zero / all;
    }

    @ParameterizedTest
    @EnumSource
    void run_stoppedWhilePruning_goesOnToTheSameBits(Kind kind) {
        assertGoesOn(kind, 67);
    }

    @ParameterizedTest
    @EnumSource
    void run_stoppedWhileFineTuning_goesOnToTheSameBits(Kind kind) {
        assertGoesOn(kind, -2);
    }

    /** Stops after that step, or so many before the last. */
    private void assertGoesOn(Kind kind, int step) {
        PruningOutcome whole = run(kind, TrainingListener.silent()).run();
        CheckpointPolicy everyStep = new CheckpointPolicy(folder, Duration.ofHours(1), 0);
        boolean[] stop = new boolean[1];
        try {
            run(kind, new TrainingListener() {
                        @Override
                        public void onStep(long done, long all) {
                            stop[0] = done == (step < 0 ? all + step : step);
                        }

                        @Override
                        public boolean shouldStop() {
                            return stop[0];
                        }
                    })
                    .withCheckpoints(everyStep)
                    .run();
        } catch (StoppedException e) {
            assertThat(e).hasMessageContaining(step < 0 ? "step " : "step " + step);
        }
        assertThat(stop[0]).isTrue();
        PruningOutcome resumed =
                run(kind, TrainingListener.silent()).withCheckpoints(everyStep).resume();
        PruningRunTest.assertSame(whole, resumed);
    }

    @Test
    void sparseVd_logVarianceNotFinite_namesWeightAndGroup() {
        Recipe recipe = Kind.SPARSE_VD.recipe().withNoise(n -> n.withLearningRate(1e300));
        PruningRun run = new PruningRun(
                Toy.convolutional(), Toy.digits(), recipe, Kind.SPARSE_VD.factory(), TrainingListener.silent());
        assertThatThrownBy(run::run)
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("prune: noise: log sigma^2 of weight 'conv2.weight' must be finite, found ")
                .hasMessageContaining("(group 'conv2') at step 32 ")
                .hasMessageContaining("the method's (now 1.0E300)");
    }

    @Test
    void nothingWorthKeeping_predictsAConstant() {
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 0;
        s.pruneEpochs = 1;
        s.finetuneEpochs = 0;
        s.threshold = 1e9;
        s.patienceEpochs = 0;
        List<String> messages = new ArrayList<>();
        MethodFactory sbp = (groups, r) ->
                new StructuredBayes(groups, KlWeights.one(), r.rule().rule(), 1);
        PruningOutcome out = new PruningRun(Toy.dense(), Toy.digits(), s.recipe(), sbp, new TrainingListener() {
                    @Override
                    public void onMessage(String line) {
                        messages.add(line);
                    }
                })
                .run();
        assertThat(messages).anyMatch(m -> m.contains("predicts a constant"));
        assertConstant(out.pruned());
        assertConstant(out.masked());
    }

    private static void assertConstant(Graph net) {
        float[] logits = OnnxRuntime.logits(net, Toy.digits().test());
        for (int i = 0; i < logits.length; i++) {
            assertThat(logits[i]).isEqualTo(logits[i % 10]);
        }
    }
}
