package org.espalier.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.espalier.data.DataSet;
import org.espalier.data.DataSetBuilder;
import org.espalier.data.Normalization;
import org.espalier.progress.TrainingException;
import org.junit.jupiter.api.Test;

class ErrorScoreTest {
    private static DataSetBuilder inputs() {
        return DataSet.builder("d").floats("x", new float[3][1], Normalization.identity(), 1);
    }

    private static ErrorScore score(LabelledOutput.Kind kind, DataSet data, float[] outputs) {
        ErrorScore s = new ErrorScore(new LabelledOutput("y", kind, 1, true), data);
        for (int i = 0; i < 3; i++) {
            s.add(i, outputs, i, 1, outputs);
        }
        return s;
    }

    @Test
    void errorPercent_oneScoreForTwoClasses() {
        DataSet data = inputs().classes(new int[] {0, 1, 1}, List.of("a", "b")).build();
        float[] outputs = {-0.1f, 0.4f, 0.6f};
        assertThat(score(LabelledOutput.Kind.SCORE, data, outputs).errors()).isZero();
        assertThat(score(LabelledOutput.Kind.PROBABILITY, data, outputs).errors())
                .isEqualTo(1);
        // Of a Sigmoid whose shape was not known before.
        assertThat(score(LabelledOutput.Kind.PROBABILITIES, data, outputs).errors())
                .isEqualTo(1);
        assertThatThrownBy(() -> score(LabelledOutput.Kind.SCORE, data, new float[] {0, Float.NaN, 0}))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("NaN")
                .hasMessageContaining("example 1");
    }

    @Test
    void errorPercent_classifierWithoutLabels_isTheShareThatChangesItsClass() {
        ErrorScore s = new ErrorScore(new LabelledOutput("y", LabelledOutput.Kind.SCORES, 2, false), inputs().build());
        float[] original = {1, 2, 5, 4, 0, 1};
        float[] output = {3, 4, 1, 2, -1, 0};
        for (int i = 0; i < 3; i++) {
            s.add(i, output, 2 * i, 2, original);
        }
        assertThat(s.errors()).isEqualTo(1);
        assertThat(s.errorPercent()).isCloseTo(100.0 / 3, within(1e-9));
    }

    @Test
    void errorPercent_numbers_isWhatTheMeanLeavesUnexplained() {
        DataSet data = inputs().targets(new float[][] {{1}, {2}, {3}}, 1).build();
        assertThat(score(LabelledOutput.Kind.NUMBERS, data, new float[] {1, 2, 3})
                        .errorPercent())
                .isZero();
        ErrorScore mean = score(LabelledOutput.Kind.NUMBERS, data, new float[] {2, 2, 2});
        assertThat(mean.errorPercent()).isCloseTo(100, within(1e-9));
        assertThat(mean.rmse()).isCloseTo(Math.sqrt(2.0 / 3), within(1e-9));
    }

    @Test
    void targetVariance_isTheMeanOverTheNumbersOfAnExample() {
        DataSet data =
                inputs().targets(new float[][] {{1, 10}, {2, 10}, {3, 10}}, 2).build();
        // 2/3 and 0
        assertThat(ErrorScore.targetVariance(data)).isCloseTo(1.0 / 3, within(1e-12));
        DataSet classes =
                inputs().classes(new int[] {0, 1, 0}, List.of("a", "b")).build();
        assertThatThrownBy(() -> ErrorScore.targetVariance(classes)).isInstanceOf(IllegalStateException.class);
    }
}
