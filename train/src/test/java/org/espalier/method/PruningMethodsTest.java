package org.espalier.method;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.recipe.Recipe;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;

class PruningMethodsTest {
    private static final Recipe ALL = Recipe.DEFAULT
            .withPruning(p -> p.withLearningRate(0.5))
            .withFinetuning(p -> p.withLearningRate(0.5))
            .withNoise(
                    n -> n.withTolerance(0.5).withLogSigmaFloor(-1).withDraws(4).withWeights(w -> w.withStrength(7)
                            .withExponent(0.3)
                            .withGroups(Map.of("fc1", 2.0))))
            .withRule(u -> u.withThreshold(2));

    /** What a method has no use for must neither steer it nor tell its runs apart. */
    @Test
    void relevant_keepsWhatTheMethodReads() {
        Recipe other = ALL.withNoise(
                        n -> n.withTolerance(0).withDraws(1).withWeights(w -> w.withGroups(Map.of("fc1", 3.0))))
                .withRule(u -> u.withThreshold(1));
        assertThat(PruningMethods.SSL.relevant(ALL))
                .isEqualTo(PruningMethods.SSL.relevant(other))
                .isNotEqualTo(PruningMethods.SSL.relevant(other.withLasso(l -> l.withStrength(8))));
        assertThat(PruningMethods.SPARSEVD.relevant(ALL).noise().tolerance()).isZero();
        assertThat(PruningMethods.SPARSEVD.relevant(ALL))
                .isEqualTo(
                        PruningMethods.SPARSEVD.relevant(other.withNoise(n -> n.withWeights(w -> w.withStrength(8)))))
                .isNotEqualTo(PruningMethods.SPARSEVD.relevant(
                        other.withPruning(p -> p.withLearningRate(0.1)).withFinetuning(p -> p.withLearningRate(0.1))));
        assertThat(PruningMethods.SBP.relevant(ALL).noise().tolerance()).isEqualTo(0.5);
        assertThat(PruningMethods.SBP.relevant(ALL).noise().weights().groups()).isEmpty();
        assertThat(PruningMethods.ORIGINAL.relevant(ALL)).isEqualTo(ALL.onlyPretraining());
        assertThat(PruningMethods.SBPA.relevant(ALL)).isEqualTo(ALL);
    }

    /** Weights are exactly 1 in the last phase, and nothing but noise and data is in it. */
    @Test
    void structuredBp_startsHard_andEndsAtOne() {
        Recipe r = PruningMethods.SBP.defaults("lenet5");
        ChannelGroups groups = ChannelGroups.of(Zoo.build("lenet5", 1));
        double[] start = KlWeights.of(r.noise().startWeights()).of(groups);
        for (ChannelGroup g : groups.groups()) {
            double expected = g.name().equals("conv1") ? 250 : g.name().equals("conv2") ? 60 : 1;
            assertThat(Arrays.copyOfRange(start, g.offset(), g.offset() + g.size()))
                    .containsOnly(expected);
        }
        DivergenceSchedule s = new DivergenceSchedule(
                KlWeights.one().of(groups), start, r.noise().epochsUntilFull());
        assertThat(s.at(4.99, 1)).containsExactly(start);
        assertThat(s.at(5, 1)).containsOnly(1);
        assertThat(PruningMethods.SBP.defaults("lenet-fc").noise().epochsUntilFull())
                .isEqualTo(10);
        for (String network : List.of("lenet5", "lenet-fc", "vgg-like", "resnet20", "models/own.onnx")) {
            Recipe own = PruningMethods.SBP.defaults(network);
            assertThat(PruningMethods.SBP.relevant(own).pruning()).isEqualTo(own.pruning());
            assertThat(own.finetuning().epochs()).isZero();
            assertThat(own.distillation().share()).isZero();
            assertThat(own.pruning().dropout()).isEmpty();
            assertThat(own.noise().logSigmaFloor()).isEqualTo(-20);
            assertThat(own.noise().tolerance()).isZero();
            assertThat(own.noise().epochsUntilFull())
                    .isPositive()
                    .isLessThan(own.pruning().epochs() / 3.0);
        }
    }
}
