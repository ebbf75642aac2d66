package org.espalier.train;

import java.util.HashSet;
import java.util.Set;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/**
 * Tells the filters of a transform, which nobody trained, from weights: windowed sinusoids of many frequencies, as of
 * Fourier and constant-Q transforms, and overlapping bumps that are never negative, as of mel and other filter banks.
 */
final class TransformFilters {
    private static final String SINUSOIDS = "the sinusoids of a Fourier or constant-Q transform";
    private static final String BUMPS = "a bank of mel or similar filters";

    private static final int LEAST_FILTERS = 8;
    private static final int LEAST_LENGTH = 16;

    /** Share of the filters that must look so: those of frequency 0 may be all zeros or all alike. */
    private static final double MOST = 0.85;

    /** What may be left of a sinusoid's energy once its neighbours are subtracted; of random numbers twice it is left. */
    private static final double RESIDUE = 0.12;

    private TransformFilters() {}

    /**
     * What a weight looks like.
     *
     * @param n a node that reads it
     * @param name of the weight
     * @param w its values
     * @return a phrase; empty for an ordinary weight
     */
    static String of(Node n, String name, TensorData w) {
        boolean product = n.opType().equals("MatMul") || n.opType().equals("Gemm");
        boolean convolution = n.opType().equals("Conv") && n.input(1).equals(name);
        if (!w.type().isFloating() || !((product && w.rank() == 2) || (convolution && w.rank() >= 3))) {
            return "";
        }
        int rows = (int) w.size(0);
        int length = (int) (w.elements() / Math.max(1, rows));
        float[] v = w.toFloats();
        String byRows = of(v, rows, length, length, 1);
        return byRows.isEmpty() && product ? of(v, length, rows, 1, length) : byRows;
    }

    private static String of(float[] v, int filters, int length, int filterStep, int step) {
        if (filters < LEAST_FILTERS || length < LEAST_LENGTH) {
            return "";
        }
        double[][] rows = new double[filters][length];
        for (int f = 0; f < filters; f++) {
            for (int i = 0; i < length; i++) {
                rows[f][i] = v[f * filterStep + i * step];
            }
        }
        return areSinusoids(rows) ? SINUSOIDS : areBumps(rows) ? BUMPS : "";
    }

    /** A sampled sinusoid has x[i + 1] + x[i − 1] = 2 cos(ω)·x[i]; a window that changes slowly hardly changes that. */
    private static boolean areSinusoids(double[][] rows) {
        Set<Long> frequencies = new HashSet<>();
        int found = 0;
        for (double[] x : rows) {
            double square = 0;
            double product = 0;
            double neighbours = 0;
            int support = 0;
            for (int i = 1; i + 1 < x.length; i++) {
                double sum = x[i + 1] + x[i - 1];
                square += x[i] * x[i];
                product += sum * x[i];
                neighbours += sum * sum;
                support += x[i] == 0 ? 0 : 1;
            }
            double c = square > 0 ? product / square : 0;
            boolean fits = support >= LEAST_LENGTH / 2 && neighbours - c * product <= RESIDUE * square;
            if (fits) {
                found++;
                frequencies.add(Math.round(Math.acos(Math.max(-1, Math.min(1, c / 2))) / Math.PI * 4 * rows.length));
            }
        }
        return found >= MOST * rows.length && frequencies.size() >= rows.length / 4;
    }

    /** Never negative, mostly 0, each filter up and then down again, one peak after the other. */
    private static boolean areBumps(double[][] rows) {
        long zeros = 0;
        int before = -1;
        int bumps = 0;
        for (double[] x : rows) {
            int peak = 0;
            for (int i = 0; i < x.length; i++) {
                if (x[i] < 0) {
                    return false;
                }
                zeros += x[i] == 0 ? 1 : 0;
                peak = x[i] > x[peak] ? i : peak;
            }
            if (x[peak] > 0) {
                if (peak < before || !isBump(x, peak)) {
                    return false;
                }
                before = peak;
                bumps++;
            }
        }
        return bumps >= rows.length / 2 && zeros >= (long) rows.length * rows[0].length / 2;
    }

    private static boolean isBump(double[] x, int peak) {
        double slack = 1e-6 * x[peak];
        for (int i = 1; i < x.length; i++) {
            double rise = x[i] - x[i - 1];
            if (i <= peak ? rise < -slack : rise > slack) {
                return false;
            }
        }
        return true;
    }
}
