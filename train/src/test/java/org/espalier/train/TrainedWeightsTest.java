package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.TensorData;
import org.espalier.recipe.LayerChoice;
import org.junit.jupiter.api.Test;

class TrainedWeightsTest {
    private static final int LENGTH = 64;
    private static final int BINS = 33;

    /** cos(2πkn/N) and −sin(2πkn/N) times a Hann window, as rows [2·33, 1, 64] of a convolution. */
    private static float[] fourier(boolean window) {
        float[] w = new float[2 * BINS * LENGTH];
        for (int k = 0; k < BINS; k++) {
            for (int n = 0; n < LENGTH; n++) {
                double hann = window ? 0.5 - 0.5 * Math.cos(2 * Math.PI * n / LENGTH) : 1;
                w[k * LENGTH + n] = (float) (hann * Math.cos(2 * Math.PI * k * n / LENGTH));
                w[(BINS + k) * LENGTH + n] = (float) (-hann * Math.sin(2 * Math.PI * k * n / LENGTH));
            }
        }
        return w;
    }

    /** Triangles whose widths grow, as columns [33, 10] of a product. */
    private static float[] mel() {
        float[] w = new float[BINS * 10];
        for (int f = 0; f < 10; f++) {
            double centre = 1 + f * (f + 8) / 5.5;
            double width = 1 + f / 2.0;
            for (int i = 0; i < BINS; i++) {
                w[i * 10 + f] = (float) Math.max(0, 1 - Math.abs(i - centre) / width);
            }
        }
        return w;
    }

    /** Sinusoids of octave-spaced frequencies under windows that get shorter, zeros around: [24, 1, 256]. */
    private static float[] constantQ() {
        int length = 256;
        float[] w = new float[24 * length];
        for (int f = 0; f < 24; f++) {
            double period = 64 * Math.pow(2, -f / 6.0);
            int support = (int) Math.min(length, Math.max(16, 6 * period));
            for (int i = 0; i < support; i++) {
                double hann = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / support);
                w[f * length + (length - support) / 2 + i] = (float) (hann * Math.cos(2 * Math.PI * i / period));
            }
        }
        return w;
    }

    private static float[] random(int count) {
        SplittableRandom r = new SplittableRandom(count);
        float[] w = new float[count];
        for (int i = 0; i < count; i++) {
            w[i] = (float) r.nextDouble(-1, 1);
        }
        return w;
    }

    private static String what(float[] w, long... shape) {
        GraphBuilder b = new GraphBuilder("one", 1);
        boolean product = shape.length == 2;
        String weight = b.constant("w", TensorData.ofFloats(w, shape));
        String x = b.input("input", product ? new long[] {shape[0]} : new long[] {1, 512});
        String y = b.node("layer", product ? "MatMul" : "Conv", List.of(x, weight), Map.of());
        b.declareOutput(y, -1);
        Graph graph = b.build();
        return TransformFilters.of(graph.nodes().get(0), weight, TensorData.ofFloats(w, shape));
    }

    @Test
    void filtersOfTransforms_areTold_ordinaryWeightsAreNot() {
        assertThat(what(fourier(true), 2 * BINS, 1, LENGTH)).contains("Fourier");
        assertThat(what(fourier(false), 2 * BINS, 1, LENGTH)).contains("Fourier");
        assertThat(what(constantQ(), 24, 1, 256)).contains("constant-Q");
        assertThat(what(mel(), BINS, 10)).contains("mel");
        assertThat(what(random(2 * BINS * LENGTH), 2 * BINS, 1, LENGTH)).isEmpty();
        assertThat(what(random(BINS * 10), BINS, 10)).isEmpty();
        float[] smooth = new float[32 * 64];
        SplittableRandom r = new SplittableRandom(1);
        for (int f = 0; f < 32; f++) {
            double at = r.nextDouble(64);
            double sign = r.nextBoolean() ? 1 : -1;
            for (int i = 0; i < 64; i++) {
                smooth[f * 64 + i] = (float) (sign * Math.exp(-(i - at) * (i - at) / 200));
            }
        }
        assertThat(what(smooth, 32, 1, 64))
                .as("smooth filters of one frequency")
                .isEmpty();
    }

    @Test
    void constantsOfAFixedTransformAndBeforeIt_areNotTrained_othersAre() {
        GraphBuilder b = new GraphBuilder("audio", 1);
        String x = b.input("input", 1, 256);
        String gain = b.constant("gain", TensorData.ofFloats(random(256), 1, 1, 256));
        x = b.node("weigh", "Mul", List.of(x, gain), Map.of());
        String filters = b.constant("filters", TensorData.ofFloats(fourier(true), 2 * BINS, 1, LENGTH));
        x = b.node("stft", "Conv", List.of(x, filters), Map.of());
        String weight = b.constant("weight", TensorData.ofFloats(random(8 * 2 * BINS), 8, 2 * BINS, 1));
        x = b.node("conv", "Conv", List.of(x, weight), Map.of());
        String last = b.constant("last", TensorData.ofFloats(random(4 * 8), 4, 8, 1));
        b.declareOutput(
                b.node("end", "Conv", List.of(b.node("relu", "Relu", List.of(x), Map.of()), last), Map.of()), 4, 193);
        Graph graph = b.build();
        LayerChoice choice = new LayerChoice(List.of(), List.of("end"), 1);
        assertThat(TrainedWeights.of(graph, choice))
                .extracting(TrainedWeights.Weight::name, TrainedWeights.Weight::trained)
                .containsExactlyInAnyOrder(
                        org.assertj.core.api.Assertions.tuple(gain, false),
                        org.assertj.core.api.Assertions.tuple(filters, false),
                        org.assertj.core.api.Assertions.tuple(weight, true),
                        org.assertj.core.api.Assertions.tuple(last, false));
    }
}
