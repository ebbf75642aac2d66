package org.espalier.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.espalier.recipe.Recipe;
import org.junit.jupiter.api.Test;

class MethodChoiceTest {
    private static final Recipe ALL = Recipe.builder()
            .strength(7)
            .exponent(0.3)
            .klWeights(Map.of("fc1", 2.0))
            .tolerance(0.5)
            .threshold(2)
            .logSigmaFloor(-1)
            .noiseDraws(4)
            .learningRate(0.5)
            .build();

    /** What a method has no use for must neither steer it nor tell its runs apart. */
    @Test
    void relevant_keepsWhatTheMethodReads() {
        Recipe other = ALL.toBuilder()
                .klWeights(Map.of("fc1", 3.0))
                .tolerance(0)
                .threshold(1)
                .noiseDraws(1)
                .build();
        assertThat(MethodChoice.SSL.relevant(ALL))
                .isEqualTo(MethodChoice.SSL.relevant(other))
                .isNotEqualTo(
                        MethodChoice.SSL.relevant(other.toBuilder().strength(8).build()));
        assertThat(MethodChoice.SPARSEVD.relevant(ALL).tolerance()).isZero();
        assertThat(MethodChoice.SPARSEVD.relevant(ALL))
                .isEqualTo(MethodChoice.SPARSEVD.relevant(
                        other.toBuilder().strength(8).build()))
                .isNotEqualTo(MethodChoice.SPARSEVD.relevant(
                        other.toBuilder().learningRate(0.1).build()));
        assertThat(MethodChoice.SBP.relevant(ALL).tolerance()).isEqualTo(0.5);
        assertThat(MethodChoice.SBP.relevant(ALL).klWeights()).isEmpty();
        assertThat(MethodChoice.SBPA.relevant(ALL)).isEqualTo(ALL);
    }
}
