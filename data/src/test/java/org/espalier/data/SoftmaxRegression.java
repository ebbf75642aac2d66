package org.espalier.data;

/** A linear classifier in plain Java: how hard a data set is for a network without hidden layers. */
public final class SoftmaxRegression {
    private final float[] weights;
    private final int features;
    private final int classes;

    private SoftmaxRegression(int features, int classes) {
        this.features = features;
        this.classes = classes;
        this.weights = new float[(features + 1) * classes];
    }

    /** Trains by stochastic gradient descent, one example at a time, step size {@code rate} falling linearly to 0. */
    public static SoftmaxRegression train(DataSet data, int epochs, float rate, long seed) {
        SoftmaxRegression model = new SoftmaxRegression(data.input().elements(), data.classCount());
        float[] x = new float[model.features];
        double[] p = new double[model.classes];
        for (int epoch = 0, step = 0; epoch < epochs; epoch++) {
            for (int example : SeededRandom.permutation(data.size(), seed, epoch)) {
                data.readFloats(0, example, x, 0);
                model.probabilities(x, p);
                p[data.label(example)] -= 1;
                float now = rate * (1 - (float) step++ / ((float) epochs * data.size()));
                for (int k = 0; k < model.classes; k++) {
                    float scale = now * (float) p[k];
                    int row = k * (model.features + 1);
                    for (int i = 0; i < model.features; i++) {
                        model.weights[row + i] -= scale * x[i];
                    }
                    model.weights[row + model.features] -= scale;
                }
            }
        }
        return model;
    }

    private void probabilities(float[] x, double[] p) {
        double max = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < classes; k++) {
            int row = k * (features + 1);
            float sum = weights[row + features];
            for (int i = 0; i < features; i++) {
                sum += weights[row + i] * x[i];
            }
            p[k] = sum;
            max = Math.max(max, sum);
        }
        double total = 0;
        for (int k = 0; k < classes; k++) {
            p[k] = Math.exp(p[k] - max);
            total += p[k];
        }
        for (int k = 0; k < classes; k++) {
            p[k] /= total;
        }
    }

    /** Share of wrongly classified examples, in percent. */
    public double errorPercent(DataSet data) {
        float[] x = new float[features];
        double[] p = new double[classes];
        int wrong = 0;
        for (int example = 0; example < data.size(); example++) {
            data.readFloats(0, example, x, 0);
            probabilities(x, p);
            int best = 0;
            for (int k = 1; k < classes; k++) {
                best = p[k] > p[best] ? k : best;
            }
            wrong += best == data.label(example) ? 0 : 1;
        }
        return 100.0 * wrong / data.size();
    }
}
