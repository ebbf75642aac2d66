package org.espalier.data;

import org.apache.commons.rng.UniformRandomProvider;

/**
 * SplitMix64 that can be seeded again without garbage, so that every example of every epoch has a stream of its own.
 *
 * <p>All arithmetic is on integers or exact in double, hence the same numbers on every JVM. Source: Steele, Lea, Flood,
 * "Fast splittable pseudorandom number generators", OOPSLA 2014.
 */
public final class SeededRandom implements UniformRandomProvider {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private long state;

    /**
     * Random numbers of their own for each path.
     *
     * @param seed of the random numbers
     * @param path numbers that tell this sequence from others of the same seed
     */
    public SeededRandom(long seed, long... path) {
        reset(seed, path);
    }

    /**
     * Starts the stream that belongs to a seed and a path of numbers below it.
     *
     * @param seed of the random numbers
     * @param path numbers that tell this sequence from others of the same seed
     */
    public void reset(long seed, long... path) {
        long mixed = mix(seed + GOLDEN);
        for (long step : path) {
            mixed = mix(mixed + GOLDEN * (step + 1));
        }
        state = mixed;
    }

    /**
     * The same as {@code reset(seed, first, second)} without the array.
     *
     * @param seed of the random numbers
     * @param first the first number of the path
     * @param second the second number of the path
     */
    public void reset(long seed, long first, long second) {
        state = mix(mix(mix(seed + GOLDEN) + GOLDEN * (first + 1)) + GOLDEN * (second + 1));
    }

    private static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    @Override
    public long nextLong() {
        state += GOLDEN;
        return mix(state);
    }

    /** Uniform on 0 … bound − 1; the bias is below bound · 2⁻³². */
    @Override
    public int nextInt(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("random 'bound': bound must be positive, expected >= 1, found " + bound);
        }
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    @Override
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /** {@return standard normal, by the polar method with {@link StrictMath}} */
    public double nextGaussian() {
        while (true) {
            double u = 2 * nextDouble() - 1;
            double v = 2 * nextDouble() - 1;
            double s = u * u + v * v;
            if (s > 0 && s < 1) {
                return u * Math.sqrt(-2 * StrictMath.log(s) / s);
            }
        }
    }

    /** A permutation of 0 … n − 1 (Fisher and Yates). */
    static int[] permutation(int n, long seed, long... path) {
        SeededRandom random = new SeededRandom(seed, path);
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        for (int i = n - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        return order;
    }
}
