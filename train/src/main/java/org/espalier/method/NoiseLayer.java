package org.espalier.method;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.VoidTensorHook;
import org.bytedeco.pytorch.global.torch;
import org.espalier.bayes.LogUniform;
import org.espalier.bayes.NoiseBatch;
import org.espalier.bayes.Posterior;
import org.espalier.bayes.PosteriorBatch;
import org.espalier.bayes.PruneRule;
import org.espalier.bayes.SnrRule;
import org.espalier.torch.Engine;
import org.espalier.torch.NativeHandles;
import org.espalier.torch.ops.TensorConversions;

/**
 * Log-normal multiplicative noise on a vector of units: a layer like dropout whose rates are learnt.
 *
 * <p>Unit i has a multiplier θᵢ in (0, 1] with log θᵢ ~ Normal(μᵢ, σᵢ²) truncated to [−20, 0] (Neklyudov, Molchanov,
 * Ashukha, Vetrov, "Structured Bayesian Pruning via Log-Normal Multiplicative Noise", NIPS 2017). In training the
 * layer multiplies by one draw of θ for the whole batch; otherwise by E[θᵢ] where unit i is kept and by 0 elsewhere.
 *
 * <p>The mathematics runs in double precision in Java ({@link PosteriorBatch}), apart from libtorch. To libtorch a
 * draw of θ is a leaf. Once a backward pass has its gradient, a hook adds what follows for μ and log σ to theirs, so
 * that any optimizer trains them like weights.
 *
 * <p>Not thread-safe. Tensors that methods return belong to the scope that is open; the parameters belong to the
 * layer: {@link #close}.
 */
public final class NoiseLayer implements AutoCloseable {
    /** Both parameters are kept in [−20, 5]. */
    public static final double LOWEST = -20;

    /** Both parameters are kept at or below this. */
    public static final double HIGHEST = 5;

    /** Less than this is done before another thread has woken up. */
    private static final int EVALUATIONS_PER_THREAD = 1000;

    private static final double INITIAL_MU = 0;
    private static final double INITIAL_LOG_SIGMA = -5;

    private final int units;
    private final long seed;
    private final Tensor mu;
    private final Tensor logSigma;
    private final PosteriorBatch posterior = new PosteriorBatch(LogUniform.DEFAULT);
    private NoiseBatch drawn;
    private double[] u;
    private final double[] muValues;
    private final double[] logSigmaValues;
    private long draws;
    private boolean sampled;
    private double logSigmaFloor = LOWEST;

    /**
     * A layer over {@code units} units, at μ = 0 and log σ = −5: almost no noise.
     *
     * @param units how many
     * @param seed of all random numbers
     * @throws IllegalArgumentException if there are less than one
     */
    public NoiseLayer(int units, long seed) {
        this(filled(units, INITIAL_MU), filled(units, INITIAL_LOG_SIGMA), seed, 0);
    }

    /**
     * A layer with given parameters.
     *
     * @param mu one per unit
     * @param logSigma one per unit
     * @param seed of all random numbers
     * @param draws how many draws were made from this seed before; the next draw is the one that would have come
     * @throws IllegalArgumentException if the parameters are not one pair per unit, or there is no unit
     * @throws NotFiniteException if one is NaN or infinite
     */
    public NoiseLayer(double[] mu, double[] logSigma, long seed, long draws) {
        requireUnits(mu.length);
        requireValues(mu, logSigma, mu.length);
        Engine.start();
        this.units = mu.length;
        this.seed = seed;
        this.draws = draws;
        this.mu = parameter(mu);
        this.logSigma = parameter(logSigma);
        this.drawn = new NoiseBatch(units, 1);
        this.u = new double[0];
        this.muValues = mu.clone();
        this.logSigmaValues = logSigma.clone();
    }

    private static int requireUnits(int units) {
        if (units < 1) {
            throw new IllegalArgumentException("noise: number of units must be 1 or more, found " + units);
        }
        return units;
    }

    private static void requireValues(double[] mu, double[] logSigma, int units) {
        if (mu.length != units || logSigma.length != units) {
            throw new IllegalArgumentException("noise: mu and log sigma must have one value per unit, expected " + units
                    + ", found " + mu.length + " and " + logSigma.length);
        }
        for (int i = 0; i < units; i++) {
            requireFinite("mu", i, mu[i]);
            requireFinite("log sigma", i, logSigma[i]);
        }
    }

    private static void requireFinite(String name, int unit, double value) {
        if (!Double.isFinite(value)) {
            throw new NotFiniteException(name, unit, value);
        }
    }

    private static double[] filled(int n, double value) {
        double[] v = new double[requireUnits(n)];
        Arrays.fill(v, value);
        return v;
    }

    private static Tensor parameter(double[] values) {
        Tensor t = torch.empty(new long[] {values.length}, new TensorOptions(torch.ScalarType.Double), null);
        pointer(t, values.length).put(values);
        NativeHandles.keep(t);
        t.set_requires_grad(true);
        return t;
    }

    private static DoublePointer pointer(Tensor t, int n) {
        return new DoublePointer(t.data_ptr()).capacity(n);
    }

    private static Tensor constant(double[] values) {
        Tensor t = torch.empty(new long[] {values.length}, new TensorOptions(torch.ScalarType.Double), null);
        pointer(t, values.length).put(values);
        return t;
    }

    /** Adds to the gradients of both parameters. */
    private void addGradients(double[] byMu, double[] byLogSigma) {
        addGradient(mu, byMu);
        addGradient(logSigma, byLogSigma);
    }

    private static void addGradient(Tensor parameter, double[] g) {
        Tensor before = parameter.grad();
        Tensor more = constant(g);
        parameter.mutable_grad().put(before.defined() ? before.add(more) : more);
    }

    /**
     * Number of units.
     *
     * @return 1 or more
     */
    public int units() {
        return units;
    }

    /**
     * The trained parameters: μ and log σ, float64 [units] each.
     *
     * @return two tensors of this layer
     */
    public List<Tensor> parameters() {
        return List.of(mu, logSigma);
    }

    /**
     * Keeps log σ at or above a value from now on, so that every unit keeps some noise; {@link #LOWEST} for none.
     *
     * @param floor in [-20, 5]
     */
    public void setLogSigmaFloor(double floor) {
        if (!(floor >= LOWEST && floor <= HIGHEST)) {
            throw new IllegalArgumentException("noise: floor of log sigma must lie in [-20, 5], found " + floor);
        }
        logSigmaFloor = floor;
    }

    double logSigmaFloor() {
        return logSigmaFloor;
    }

    /**
     * The seed of all draws.
     *
     * @return the seed
     */
    public long seed() {
        return seed;
    }

    /**
     * How many draws were made since the seed.
     *
     * @return the number
     */
    public long draws() {
        return draws;
    }

    /** Mixes the bits of a number: Stafford's variant 13 of MurmurHash3's finalizer. */
    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /**
     * Draws θ: float32 [units]. The parameters are brought back into their box before; a backward pass adds to their
     * gradients.
     *
     * @return a tensor of the open scope
     * @throws NotFiniteException if a parameter is NaN or infinite
     */
    public Tensor sample() {
        return sample(1).view(units);
    }

    /**
     * Draws θ several times: float32 [count, units], the same numbers as {@link #sample()} called {@code count} times.
     *
     * @param count how many draws
     * @return a tensor of the open scope
     * @throws NotFiniteException if a parameter is NaN or infinite
     */
    public Tensor sample(int count) {
        // A draw's derivatives are needed until its backward pass, before which there may be another draw.
        drawn = new NoiseBatch(units, count);
        if (u.length != count * units) {
            u = new double[count * units];
        }
        readParameters();
        for (int d = 0; d < count; d++) {
            // A generator's states are a sequence with a fixed stride: the first one must not lie on another draw's.
            SplittableRandom random = new SplittableRandom(new SplittableRandom(seed).nextLong() ^ mix(draws));
            for (int i = 0; i < units; i++) {
                u[d * units + i] = ((random.nextLong() >>> 11) + 0.5) * 0x1p-53;
            }
            draws++;
        }
        evaluate();
        sampled = true;
        float[] theta = new float[count * units];
        for (int k = 0; k < theta.length; k++) {
            theta[k] = (float) drawn.theta()[k];
        }
        NoiseBatch by = drawn;
        return leaf(TensorConversions.floats(theta, count, units), gradient -> addGradients(by, gradient));
    }

    /** A tensor that requires a gradient, which is handed over when a backward pass has it. */
    private static Tensor leaf(Tensor t, Consumer<Tensor> gradient) {
        t.set_requires_grad(true);
        t.register_hook(new VoidTensorHook() {
            @Override
            public void call(TensorBase g) {
                try (PointerScope temporaries = new PointerScope()) {
                    gradient.accept(new Tensor(g));
                }
            }
        });
        return t;
    }

    private void addGradients(NoiseBatch by, Tensor gradient) {
        float[] g = new float[by.draws() * units];
        gradient.contiguous().data_ptr_float().get(g);
        double[] byMu = new double[units];
        double[] byLogSigma = new double[units];
        double[] thetaMu = by.thetaMu();
        double[] thetaLogSigma = by.thetaLogSigma();
        for (int k = 0; k < g.length; k += units) {
            for (int i = 0; i < units; i++) {
                byMu[i] += g[k + i] * thetaMu[k + i];
                byLogSigma[i] += g[k + i] * thetaLogSigma[k + i];
            }
        }
        addGradients(byMu, byLogSigma);
    }

    /**
     * Shared among as many threads as libtorch's operations have, where there is enough to do; the result does not
     * depend on it.
     */
    private void evaluate() {
        int parts = Math.max(1, Math.min(Engine.threads(), u.length / EVALUATIONS_PER_THREAD));
        if (parts == 1) {
            posterior.evaluate(muValues, logSigmaValues, u, drawn);
            return;
        }
        IntStream.range(0, parts).parallel().forEach(p -> (p == 0 ? posterior : new PosteriorBatch(LogUniform.DEFAULT))
                .evaluate(muValues, logSigmaValues, u, drawn, (int) ((long) units * p / parts), (int)
                        ((long) units * (p + 1) / parts)));
    }

    /**
     * Multiplies axis {@code axis} of a tensor, whose length there is the number of units: by a draw in training;
     * otherwise by E[θᵢ] where unit i has a signal-to-noise ratio of at least 1, and by 0 elsewhere.
     *
     * @param x any tensor
     * @param axis counted from the end where negative
     * @param training whether to draw
     * @return a tensor of the same shape, element type and device
     */
    public Tensor forward(Tensor x, int axis, boolean training) {
        int rank = (int) x.dim();
        int at = axis < 0 ? axis + rank : axis;
        if (at < 0 || at >= rank) {
            throw new IllegalArgumentException("noise: axis must lie in the tensor's rank, expected " + -rank + " to "
                    + (rank - 1) + ", found " + axis);
        }
        if (x.size(at) != units) {
            throw new IllegalArgumentException("noise: axis " + axis + " must have one index per unit, expected "
                    + units + ", found " + x.size(at));
        }
        long[] shape = new long[rank];
        Arrays.fill(shape, 1);
        shape[at] = units;
        Tensor theta = training ? sample() : constant(keptMeans());
        return x.mul(theta.view(shape).to(x));
    }

    private double[] keptMeans() {
        readParameters();
        double[] mean = new double[units];
        double[] snr = new double[units];
        posterior.moments(muValues, logSigmaValues, mean, snr);
        for (int i = 0; i < units; i++) {
            mean[i] = snr[i] >= SnrRule.DEFAULT_THRESHOLD ? mean[i] : 0;
        }
        return mean;
    }

    /**
     * Σᵢ wᵢ·KL(q(θᵢ) ‖ p(θᵢ)) in nats at the parameters of the last {@link #sample}: a float64 scalar. Divide it by
     * the number of training examples and add it to the mean loss; a backward pass adds to the parameters' gradients.
     *
     * @param weights one per unit
     * @return nats, a scalar of the open scope
     * @throws IllegalArgumentException if there are more or less
     * @throws IllegalStateException before the first {@link #sample}
     */
    public Tensor kl(double[] weights) {
        if (weights.length != units) {
            throw new IllegalArgumentException(
                    "noise: KL must have one weight per unit, expected " + units + ", found " + weights.length);
        }
        if (!sampled) {
            throw new IllegalStateException("noise: KL belongs to a draw, expected a forward pass in training before");
        }
        NoiseBatch by = drawn;
        double[] w = weights.clone();
        double sum =
                IntStream.range(0, units).mapToDouble(i -> w[i] * by.kl()[i]).sum();
        return leaf(constant(new double[] {sum}).squeeze(), gradient -> {
            double g = gradient.item_double();
            addGradients(
                    IntStream.range(0, units)
                            .mapToDouble(i -> g * w[i] * by.klMu()[i])
                            .toArray(),
                    IntStream.range(0, units)
                            .mapToDouble(i -> g * w[i] * by.klLogSigma()[i])
                            .toArray());
        });
    }

    /**
     * Σᵢ KL(q(θᵢ) ‖ p(θᵢ)), as {@link #kl(double[])} with weights 1.
     *
     * @return nats, a scalar of the open scope
     */
    public Tensor kl() {
        return kl(filled(units, 1));
    }

    /**
     * The KL divergence of each unit at the last draw; 0 before the first.
     *
     * @return nats, one per unit
     */
    public double[] lastKl() {
        return drawn.kl().clone();
    }

    /**
     * A copy of the posterior as it is now.
     *
     * @return one pair per unit
     */
    public Posterior posterior() {
        readParameters();
        return new Posterior(muValues.clone(), logSigmaValues.clone());
    }

    /**
     * Signal-to-noise ratio of each unit.
     *
     * @return one per unit
     */
    public double[] snr() {
        return posterior().snr();
    }

    /**
     * Which units a rule keeps.
     *
     * @param rule the rule
     * @return one per unit
     */
    public boolean[] kept(PruneRule rule) {
        return posterior().kept(rule);
    }

    private void readParameters() {
        read(mu, muValues, LOWEST, "mu");
        read(logSigma, logSigmaValues, logSigmaFloor, "log sigma");
    }

    private void read(Tensor t, double[] into, double lowest, String name) {
        DoublePointer p = pointer(t, units);
        p.get(into);
        boolean moved = false;
        for (int i = 0; i < units; i++) {
            double v = into[i];
            if (!(v >= lowest && v <= HIGHEST)) {
                requireFinite(name, i, v);
                into[i] = Math.max(lowest, Math.min(HIGHEST, v));
                moved = true;
            }
        }
        if (moved) {
            p.put(into);
        }
    }

    /**
     * Goes on from another layer's parameters and number of draws.
     *
     * @param newMu one per unit
     * @param newLogSigma one per unit
     * @param newDraws draws that were made from the seed
     * @throws IllegalArgumentException if the parameters are not one pair per unit; nothing changes then, nor in the
     *     next case
     * @throws NotFiniteException if one is NaN or infinite
     */
    public void load(double[] newMu, double[] newLogSigma, long newDraws) {
        requireValues(newMu, newLogSigma, units);
        pointer(mu, units).put(newMu);
        pointer(logSigma, units).put(newLogSigma);
        draws = newDraws;
        sampled = false;
        readParameters();
    }

    /** Frees the parameters. */
    @Override
    public void close() {
        NativeHandles.release(mu);
        NativeHandles.release(logSigma);
    }
}
