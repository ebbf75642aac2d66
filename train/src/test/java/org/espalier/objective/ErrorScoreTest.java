package org.espalier.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
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
            s.add(i, outputs, i, new long[] {1}, outputs);
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
            s.add(i, output, 2 * i, new long[] {2}, original);
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
    void targetVariances_areThoseOfEachNumber() {
        DataSet data =
                inputs().targets(new float[][] {{1, 10}, {2, 10}, {3, 10}}, 2).build();
        assertThat(ErrorScore.targetVariances(data)[0]).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(ErrorScore.targetVariances(data)[1]).isZero();
        DataSet classes =
                inputs().classes(new int[] {0, 1, 0}, List.of("a", "b")).build();
        assertThatThrownBy(() -> ErrorScore.targetVariances(classes)).isInstanceOf(IllegalStateException.class);
    }

    /** Boxes in pixels and a score: the score's loss counts as much as that of the boxes. */
    @Test
    void errorPercent_channelsOfDifferentScale_countAlike() {
        DataSet data = inputs().targets(new float[][] {{100, 0.1f}, {200, 0.2f}, {300, 0.3f}}, 2)
                .build();
        ErrorScore s = new ErrorScore(new LabelledOutput("y", LabelledOutput.Kind.NUMBERS, 2, true), data);
        float[] outputs = {100, 0.2f, 200, 0.2f, 300, 0.2f};
        for (int i = 0; i < 3; i++) {
            s.add(i, outputs, 2 * i, new long[] {2}, null);
        }
        assertThat(s.channelPercents()[0]).isZero();
        assertThat(s.channelPercents()[1]).isCloseTo(100, within(1e-4));
        assertThat(s.errorPercent()).isCloseTo(50, within(1e-4));
        assertThat(Arrays.stream(s.byExample()).average().orElseThrow()).isCloseTo(s.errorPercent(), within(1e-4));
    }

    @Test
    void errorPercent_classesByPosition_isTheShareOfPositions() {
        LabelledOutput steps = new LabelledOutput("y", LabelledOutput.Kind.POSITIONS, 6, false, 2);
        ErrorScore s = new ErrorScore(steps, inputs().build());
        float[] original = {1, 0, 0, 1, 1, 0};
        float[] output = {1, 0, 1, 0, 0, 1};
        s.add(0, output, 0, new long[] {3, 2}, original);
        assertThat(s.errorPercent()).isCloseTo(200.0 / 3, within(1e-9));
        LabelledOutput pixels = new LabelledOutput("y", LabelledOutput.Kind.POSITIONS, 6, false, 1);
        ErrorScore p = new ErrorScore(pixels, inputs().build());
        // Classes first: scores (1,1), (0,1), (0,0) against (1,0), (0,0), (1,1); among equals the first class.
        p.add(0, output, 0, new long[] {2, 3}, original);
        assertThat(p.errorPercent()).isCloseTo(100.0 / 3, within(1e-9));
        assertThat(p.byExample()).containsExactly(p.errorPercent());
    }
}
