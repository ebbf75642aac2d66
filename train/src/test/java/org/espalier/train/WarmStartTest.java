package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.espalier.bayes.Posterior;
import org.espalier.channels.ChannelGroups;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.method.PruningMethods;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.TrainingListener;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;
import org.espalier.shapes.Cost;
import org.espalier.torch.Engine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The noise that training begins with. */
class WarmStartTest {
    private static Graph trained = Toy.convolutional();

    @BeforeAll
    static void train() {
        Engine.start(1);
        Recipe plain = Toy.settings().recipe().withEpochs(8, 0, 0);
        trained = new PruningRun(trained, Toy.digits(), plain, PruningMethods.ORIGINAL, new Heard())
                .run()
                .original();
    }

    private static final class Heard implements TrainingListener {
        final List<String> messages = new ArrayList<>();
        final List<EpochMetrics> epochs = new ArrayList<>();

        @Override
        public void onMessage(String line) {
            messages.add(line);
        }

        @Override
        public void onEpoch(EpochMetrics m) {
            epochs.add(m);
        }
    }

    private static PruningOutcome run(Graph graph, Recipe recipe, Heard heard) {
        Splits data = Toy.digits();
        return new PruningRun(graph, data, recipe, PruningMethods.SBPA, heard).run();
    }

    private static Recipe user(int epochs, int tuning) {
        return Recipes.user(600, true, 50)
                .withEpochs(0, epochs, tuning)
                .withPhases(p -> p.withLearningRate(3e-3))
                .withNoise(n -> n.withWarmStartBatches(96));
    }

    /** fc1's first 10 of 20 hidden units are read with zeros: the loss does not depend on them at all. */
    @Test
    void unitsThatNothingDependsOn_getMuchNoise_othersLittle() {
        String weight = trained.nodes().get(trained.nodes().size() - 1).input(1);
        TensorData w = Objects.requireNonNull(trained.initializer(weight));
        boolean rows = w.size(0) == 20;
        float[] values = w.toFloats();
        for (int i = 0; i < values.length; i++) {
            int unit = rows ? i / 10 : i % 20;
            values[i] = unit < 10 ? 0 : values[i];
        }
        Graph halved = trained.withInitializers(Map.of(weight, TensorData.ofFloats(values, w.shape())));
        Heard heard = new Heard();
        PruningOutcome out = run(halved, user(0, 0).withNoise(n -> n.withTolerance(0)), heard);
        Posterior p = Objects.requireNonNull(out.posterior());
        int offset = ChannelGroups.of(halved).groups().stream()
                .filter(g -> g.size() == 20)
                .findFirst()
                .orElseThrow()
                .offset();
        double[] snr = p.snr();
        for (int u = 0; u < 10; u++) {
            assertThat(snr[offset + u]).as("unread unit %s", u).isLessThan(0.6);
        }
        double most = 0;
        for (int u = 10; u < 20; u++) {
            most = Math.max(most, snr[offset + u]);
        }
        assertThat(most).isGreaterThan(2);
        assertThat(heard.messages).anyMatch(m -> m.startsWith("from 96 small batches: "));
    }

    @Test
    void warmPosteriorAlone_removesUnits_andTuningKeepsTheError() {
        PruningOutcome out = run(trained, user(0, 4), new Heard());
        double left = (double) Cost.macsPerExample(out.pruned()) / Cost.macsPerExample(out.original());
        assertThat(left).isBetween(0.05, 0.95);
        assertThat(out.errorPercent()).isLessThan(out.originalErrorPercent() + 6);
    }

    /** Noise that begins at almost none removes nothing in so few steps. */
    @Test
    void warmStart_removesSoonerThanNoiseThatGrows() {
        double warm = left(run(trained, user(3, 0), new Heard()));
        double cold = left(run(trained, user(3, 0).withNoise(n -> n.withWarmStartBatches(0)), new Heard()));
        assertThat(cold).isEqualTo(1.0);
        assertThat(warm).isLessThan(0.97);
    }

    private static double left(PruningOutcome out) {
        return (double) Cost.macsPerExample(out.pruned()) / Cost.macsPerExample(out.original());
    }

    @Test
    void sameRun_twice_isTheSame() {
        Posterior one =
                Objects.requireNonNull(run(trained, user(0, 0), new Heard()).posterior());
        Posterior other =
                Objects.requireNonNull(run(trained, user(0, 0), new Heard()).posterior());
        assertThat(one.mu()).containsExactly(other.mu(), within(0.0));
        assertThat(one.logSigma()).containsExactly(other.logSigma(), within(0.0));
    }

    @Test
    void fixedWeights_areWhatTheStartIsFittedTo() {
        Recipe weak = user(0, 0).withNoise(n -> n.withTolerance(0).withWeights(w -> w.withStrength(0.5)));
        Recipe strong = user(0, 0).withNoise(n -> n.withTolerance(0).withWeights(w -> w.withStrength(50)));
        double[] little = Objects.requireNonNull(run(trained, weak, new Heard()).posterior())
                .snr();
        double[] much = Objects.requireNonNull(run(trained, strong, new Heard()).posterior())
                .snr();
        for (int u = 0; u < little.length; u++) {
            assertThat(much[u]).isLessThanOrEqualTo(little[u] * (1 + 1e-6));
        }
    }
}
