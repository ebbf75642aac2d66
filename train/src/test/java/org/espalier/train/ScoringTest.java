package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.espalier.data.DataSet;
import org.espalier.data.Normalization;
import org.junit.jupiter.api.Test;

class ScoringTest {
    private static DataSet.Builder inputs() {
        return DataSet.builder("d").floats("x", new float[3][1], Normalization.identity(), 1);
    }

    @Test
    void targetVariance_isTheMeanOverTheNumbersOfAnExample() {
        DataSet data =
                inputs().targets(new float[][] {{1, 10}, {2, 10}, {3, 10}}, 2).build();
        // 2/3 and 0
        assertThat(Scoring.targetVariance(data)).isCloseTo(1.0 / 3, within(1e-12));
        DataSet classes =
                inputs().classes(new int[] {0, 1, 0}, List.of("a", "b")).build();
        assertThatThrownBy(() -> Scoring.targetVariance(classes)).isInstanceOf(IllegalStateException.class);
    }
}
