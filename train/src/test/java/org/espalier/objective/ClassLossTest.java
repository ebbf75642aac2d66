package org.espalier.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.Tensor;
import org.espalier.torch.Scope;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassLossTest {
    private static final float[] LOGITS = {1, -2, 0.5f, 3, 0, -1};
    private static final float[] TEACHER = {0.2f, 1, -0.5f, 2, 1.5f, -3};
    private static final int[] LABELS = {2, 0};

    private static double[] softmax(float[] z, int row, double temperature) {
        double[] p = new double[3];
        double sum = 0;
        for (int c = 0; c < 3; c++) {
            p[c] = Math.exp(z[3 * row + c] / temperature);
            sum += p[c];
        }
        for (int c = 0; c < 3; c++) {
            p[c] /= sum;
        }
        return p;
    }

    @ParameterizedTest
    @CsvSource({"0,0,1", "0.1,0,1", "0,0.5,1", "0.2,0.7,3", "0,1,2"})
    void loss_valueAndGradient_areTheFormulas(double smoothing, double share, double temperature) {
        try (Scope scope = Scope.open()) {
            Tensor z = TensorConversions.floats(LOGITS, 2, 3);
            z.set_requires_grad(true);
            Tensor loss = new ClassLoss(smoothing, temperature)
                    .loss(
                            z,
                            TensorConversions.longs(new long[] {2, 0}, 2),
                            TensorConversions.floats(TEACHER, 2, 3),
                            share);
            loss.backward();
            double[] gradient = TensorConversions.toGraph(z.grad()).toDoubles();
            double expected = 0;
            for (int row = 0; row < 2; row++) {
                double[] p = softmax(LOGITS, row, 1);
                double[] soft = softmax(LOGITS, row, temperature);
                double[] t = softmax(TEACHER, row, temperature);
                for (int c = 0; c < 3; c++) {
                    double y = (LABELS[row] == c ? 1 - smoothing : 0) + smoothing / 3;
                    expected -= (1 - share) * y * Math.log(p[c]) / 2;
                    expected -= share * temperature * temperature * t[c] * Math.log(soft[c]) / 2;
                    double g = (1 - share) * (p[c] - y) / 2 + share * temperature * (soft[c] - t[c]) / 2;
                    assertThat(gradient[3 * row + c]).isCloseTo(g, within(1e-6));
                }
            }
            assertThat(loss.item_double()).isCloseTo(expected, within(1e-5));
        }
    }
}
