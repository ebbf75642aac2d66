package org.espalier.method;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.espalier.recipe.Recipe;
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
}
