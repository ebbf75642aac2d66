package org.espalier.method;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.espalier.bayes.SnrRule;
import org.espalier.torch.Engine;
import org.espalier.torch.Scope;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The noise in a network that is written by hand with libtorch, without any graph: the README's example. */
class NoiseLayerExampleTest {
    private static final int EXAMPLES = 300;
    private static final int SIGNALS = 4;
    private static final int INPUTS = 20;
    private static final int CLASSES = 3;

    private final float[] x = new float[EXAMPLES * INPUTS];
    private final long[] y = new long[EXAMPLES];

    /**
     * Twenty standard normal inputs; the class is the largest of three fixed linear functions of the first four. Every other example has the
     * signals of the one before, and its noise with the other sign: in a sample of a few hundred, noise alone would tell something.
     */
    private void generate() {
        double[][] a = {{2, -1, 1, 0.5}, {-1, 2, 0.5, -1.5}, {-1, -1, -1.5, 2}};
        SplittableRandom random = new SplittableRandom(5);
        for (int n = 0; n < EXAMPLES; n++) {
            for (int i = 0; i < INPUTS; i++) {
                float drawn = (float) random.nextGaussian();
                float before = n % 2 == 0 ? 0 : x[(n - 1) * INPUTS + i];
                x[n * INPUTS + i] = n % 2 == 0 ? drawn : i < SIGNALS ? before : -before;
            }
            double best = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < CLASSES; c++) {
                double score = 0;
                for (int i = 0; i < SIGNALS; i++) {
                    score += a[c][i] * x[n * INPUTS + i];
                }
                y[n] = score > best ? c : y[n];
                best = Math.max(best, score);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void handWrittenNetwork_noiseInputsDieAndSignalInputsLive(long seed) {
        generate();
        Engine.seed(seed);
        try (Scope all = Scope.open();
                NoiseLayer noise = new NoiseLayer(INPUTS, seed)) {
            LinearImpl hidden = new LinearImpl(INPUTS, 16);
            LinearImpl output = new LinearImpl(16, CLASSES);
            TensorVector parameters = new TensorVector(hidden.weight(), hidden.bias(), output.weight(), output.bias());
            noise.parameters().forEach(parameters::push_back);
            Adam adam = new Adam(parameters, new AdamOptions(0.03));
            Tensor inputs = TensorConversions.floats(x, EXAMPLES, INPUTS);
            Tensor labels = TensorConversions.longs(y, EXAMPLES);
            for (int step = 0; step < 500; step++) {
                try (Scope scope = Scope.open()) {
                    Tensor h = hidden.forward(noise.forward(inputs, 1, true)).relu();
                    Tensor loss = torch.cross_entropy(output.forward(h), labels)
                            .add(noise.kl().div(new Scalar((double) EXAMPLES)));
                    adam.zero_grad();
                    loss.backward();
                    adam.step();
                }
            }
            boolean[] kept = noise.kept(new SnrRule(1));
            double[] snr = noise.snr();
            for (int i = 0; i < INPUTS; i++) {
                assertThat(kept[i]).as("input %d, SNR %s", i, snr[i]).isEqualTo(i < SIGNALS);
                assertThat(snr[i] >= 1).isEqualTo(kept[i]);
            }
            Tensor h = hidden.forward(noise.forward(inputs, 1, false)).relu();
            Tensor best = output.forward(h).argmax(new LongOptional(1), false);
            double accuracy = best.eq(labels).to(torch.ScalarType.Double).mean().item_double();
            assertThat(accuracy).isGreaterThan(0.9);
            assertThat(noise.kl().item_double()).isPositive();
        }
    }
}
