package org.espalier.benchmarks;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.bayes.LogUniform;
import org.espalier.bayes.NoiseBatch;
import org.espalier.bayes.PosteriorBatch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the noise of 5,000 units, about as many as a VGG-like network has, costs per training step: samples, divergences
 * and all gradients, and, once per epoch or so, the moments. The budget is 2 ms per step on one core.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class NoiseBenchmark {
    /** The number of units. */
    private static final int UNITS = 5_000;

    /** Which units: as initialised, anywhere in the box, half alive and half dead, far in the tail, or all dead. */
    @Param({"initial", "box", "training", "tail", "dead"})
    public String units = "initial";

    private final PosteriorBatch batch = new PosteriorBatch(LogUniform.DEFAULT);
    private final NoiseBatch out = new NoiseBatch(UNITS);
    private final double[] mu = new double[UNITS];
    private final double[] logSigma = new double[UNITS];
    private final double[] u = new double[UNITS];
    private final double[] mean = new double[UNITS];
    private final double[] snr = new double[UNITS];

    /** Makes the units. */
    @Setup
    public void fill() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < UNITS; i++) {
            u[i] = random.nextDouble(1e-12, 1);
            String kind = units.equals("training") ? (i % 2 == 0 ? "dead" : "alive") : units;
            switch (kind) {
                case "initial" -> set(i, 0, -5);
                case "alive" -> set(i, random.nextDouble(-1, 0.2), random.nextDouble(-5, -1));
                case "tail" -> set(i, Math.exp(-3) * random.nextDouble(2, 8), -3);
                case "dead" -> set(i, random.nextDouble(-12, 0), random.nextDouble(2, 4));
                default -> set(i, random.nextDouble(-20, 5), random.nextDouble(-20, 5));
            }
        }
    }

    /**
     * One training step's noise.
     *
     * @return the results
     */
    @Benchmark
    public NoiseBatch evaluate() {
        batch.evaluate(mu, logSigma, u, out);
        return out;
    }

    /**
     * Means and signal-to-noise ratios.
     *
     * @return the ratios
     */
    @Benchmark
    public double[] moments() {
        batch.moments(mu, logSigma, mean, snr);
        return snr;
    }

    private void set(int i, double unitMu, double unitLogSigma) {
        mu[i] = unitMu;
        logSigma[i] = unitLogSigma;
    }
}
