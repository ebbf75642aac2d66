package org.espalier.objective;

import java.util.ArrayList;
import java.util.List;

/**
 * Adds up the share of each channel's variance that a network does not explain. Channel c's is Σ(y − t)² / Σ(t − t̄)² over the examples and
 * the channel's positions, t̄ being the mean over the examples at a position.
 */
final class ChannelErrors {
    /** A channel that varies less than this share of its numbers' squares is measured by these: it is a constant but for rounding. */
    private static final double CONSTANT = 1e-6;

    private final ChannelAxis axis;
    private final double[] sum;
    private final double[] sumOfSquares;
    private final double[] squares;
    private double allSquares;
    private int examples;

    /** Squared differences by example and channel. */
    private final List<float[]> byExample = new ArrayList<>();

    ChannelErrors(ChannelAxis axis) {
        this.axis = axis;
        this.sum = new double[axis.size()];
        this.sumOfSquares = new double[axis.size()];
        this.squares = new double[axis.channels()];
    }

    /** Adds one example: {@code output} from {@code offset} on, and what it should be. */
    void add(float[] output, int offset, float[] target, int targetOffset) {
        double[] here = new double[axis.channels()];
        for (int i = 0; i < sum.length; i++) {
            double t = target[targetOffset + i];
            double d = output[offset + i] - t;
            here[axis.channel(i)] += d * d;
            sum[i] += t;
            sumOfSquares[i] += t * t;
        }
        float[] kept = new float[here.length];
        for (int c = 0; c < here.length; c++) {
            squares[c] += here[c];
            allSquares += here[c];
            kept[c] = (float) here[c];
        }
        byExample.add(kept);
        examples++;
    }

    /** Σ(t − t̄)² of each channel. */
    private double[] variations() {
        double[] variation = new double[axis.channels()];
        double[] power = new double[axis.channels()];
        double[] mean = new double[axis.channels()];
        for (int i = 0; i < sum.length; i++) {
            int c = axis.channel(i);
            // Of a single example, what varies are its positions.
            variation[c] += examples == 1 ? sumOfSquares[i] : Math.max(0, sumOfSquares[i] - sum[i] * sum[i] / examples);
            power[c] += sumOfSquares[i];
            mean[c] += sum[i] / axis.positions();
        }
        for (int c = 0; c < variation.length; c++) {
            variation[c] -= examples == 1 && axis.positions() > 1 ? mean[c] * mean[c] * axis.positions() : 0;
            variation[c] = Math.max(variation[c], CONSTANT * power[c]);
        }
        return variation;
    }

    /** The variance of each channel's targets. */
    double[] variances() {
        double[] variance = variations();
        for (int c = 0; c < variance.length; c++) {
            variance[c] /= (double) examples * axis.positions();
        }
        return variance;
    }

    /** The share of each channel's variance that is not explained, in percent; infinite where there is none, 0 where nothing is wrong. */
    double[] percents() {
        double[] variation = variations();
        double[] percent = new double[squares.length];
        for (int c = 0; c < percent.length; c++) {
            percent[c] = squares[c] == 0 ? 0 : 100 * squares[c] / variation[c];
        }
        return percent;
    }

    /** What each example adds to the mean over examples of the mean over channels, in percent. */
    double[] byExample() {
        double[] variation = variations();
        double[] all = new double[examples];
        for (int e = 0; e < examples; e++) {
            float[] here = byExample.get(e);
            for (int c = 0; c < here.length; c++) {
                all[e] += here[c] == 0 ? 0 : 100.0 * examples * here[c] / variation[c] / here.length;
            }
        }
        return all;
    }

    /** Root of the mean squared difference, in the numbers' unit. */
    double rmse() {
        return Math.sqrt(allSquares / examples / axis.size());
    }
}
