package org.espalier.data.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.espalier.data.DataSet;
import org.espalier.data.SoftmaxRegression;
import org.espalier.data.Splits;
import org.junit.jupiter.api.Test;

class DigitGeneratorTest {
    @Test
    void digits_defaultSize_isBalancedAndHasZeroBackground() {
        Splits digits = DataSets.open("digits", (java.nio.file.Path) null);
        assertThat(digits.train().size()).isEqualTo(12_000);
        assertThat(digits.test().size()).isEqualTo(2_000);
        assertThat(digits.train().input().shape()).containsExactly(1, 28, 28);
        int[] counts = new int[10];
        long zeros = 0;
        for (int i = 0; i < 2_000; i++) {
            counts[digits.test().label(i)]++;
            for (float value : digits.test().example(i)) {
                zeros += value == 0 ? 1 : 0;
            }
        }
        assertThat(counts).containsOnly(200);
        assertThat(zeros / (2_000.0 * 784)).as("share of empty pixels").isBetween(0.6, 0.95);
    }

    /** Pins the very bytes: a change of the drawing changes every result that was measured on it. */
    @Test
    void digits_seed0_areTheSameBytesOnEveryMachine() throws IOException {
        Splits digits = DataSets.digits(100, 50, 0);
        byte[] all = new byte[150 * 784];
        for (int i = 0; i < 150; i++) {
            DataSet part = i < 100 ? digits.train() : digits.test();
            System.arraycopy(part.pixels(i < 100 ? i : i - 100), 0, all, i * 784, 784);
        }
        assertThat(Downloader.hash(new ByteArrayInputStream(all)))
                .isEqualTo("3cefa99a32bf38114b7a347f6ee96c616c82a4ba26fb014445cc772420eae1e2");
    }

    @Test
    void digits_moreExamples_keepTheFirst() {
        Splits few = DataSets.digits(20, 10, 7);
        Splits many = DataSets.digits(40, 30, 7);
        assertThat(many.train().pixels(19)).isEqualTo(few.train().pixels(19));
        assertThat(many.test().pixels(9)).isEqualTo(few.test().pixels(9));
        assertThat(few.test().pixels(9)).isNotEqualTo(few.train().pixels(9));
        assertThat(DataSets.digits(20, 10, 8).train().pixels(0))
                .isNotEqualTo(few.train().pixels(0));
    }

    /** Seed fixed; a linear classifier must do far better than chance and yet not well. */
    @Test
    void digits_linearClassifier_errsAboveFivePercent() {
        Splits digits = DataSets.digits(12_000, 2_000, 0);
        double error = SoftmaxRegression.train(digits.train(), 4, 0.02f, 1).errorPercent(digits.test());
        assertThat(error).isBetween(5.0, 25.0);
    }

    @Test
    void digits_noExamples_areRefused() {
        assertThatThrownBy(() -> DataSets.digits(0, 10, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected >= 1, found 0");
    }
}
