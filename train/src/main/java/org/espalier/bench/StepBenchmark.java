package org.espalier.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.data.Normalization;
import org.espalier.data.Splits;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;
import org.espalier.method.MethodFactory;
import org.espalier.method.NoPruning;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.StoppedException;
import org.espalier.progress.TrainingListener;
import org.espalier.recipe.Augmentations;
import org.espalier.recipe.Recipe;
import org.espalier.shapes.Cost;
import org.espalier.train.PruningRun;

/**
 * How long a training step of a classifier takes: the real loop with data loading, augmentation and optimizer, on
 * pictures drawn by chance. With the method and without it take turns, and so do plain matrix products, so that what
 * slows the machine down for a while slows all of them; each is judged by its fastest.
 *
 * @param bfloat16Rate GFLOP/s of a plain bfloat16 product
 * @param float32Rate GFLOP/s of a plain float32 product
 * @param plainMillis the fastest step without the method
 * @param methodMillis the fastest step with it
 * @param plainMedian the median step without the method
 * @param methodMedian the median step with it
 * @param dataMillis what loading one batch takes when nothing else is done, per loading thread
 * @param dataWaitShare share of the time in which training waited for data
 * @param stepGigaFlop floating-point operations of a step: three passes (forward, gradients of inputs, gradients of
 *     weights) of two operations per multiply-accumulate, in 1e9
 * @param steps measured
 */
public record StepBenchmark(
        double bfloat16Rate,
        double float32Rate,
        double plainMillis,
        double methodMillis,
        double plainMedian,
        double methodMedian,
        double dataMillis,
        double dataWaitShare,
        double stepGigaFlop,
        int steps) {
    private static final int ROUNDS = 4;
    /** Rounds are split into products, steps without and steps with the method. */
    private static final double STEPS_SHARE = 0.42;

    private static final double LARGE_STEP = 10;
    private static final int FOREVER = 100_000;

    /**
     * GFLOP/s of a step with the method.
     *
     * @return GFLOP/s
     */
    public double rate() {
        return 1000 * stepGigaFlop / methodMillis;
    }

    /**
     * GFLOP/s of a step without it.
     *
     * @return GFLOP/s
     */
    public double plainRate() {
        return 1000 * stepGigaFlop / plainMillis;
    }

    /**
     * What the method adds to the fastest step, as a share.
     *
     * @return 0.1 for ten percent
     */
    public double overhead() {
        return methodMillis / plainMillis - 1;
    }

    /**
     * Measures.
     *
     * @param graph takes one input of pictures, [N, C, H, W], and gives one score per class
     * @param recipe says batch size, precision and augmentation
     * @param method what is attached
     * @param budget for all of it
     * @return what was measured
     * @throws IllegalArgumentException if the network's input is another one
     */
    public static StepBenchmark measure(Graph graph, Recipe recipe, MethodFactory method, Duration budget) {
        double gigaFlop = 6e-9 * Cost.macsPerExample(graph) * recipe.batches().size();
        int batches = gigaFlop > LARGE_STEP ? 5 : 50;
        Splits data = new Splits(pictures(graph, batches * recipe.batches().size()), pictures(graph, 10));
        Recipe endless = recipe.withPretraining(p -> p.withEpochs(0))
                .withPruning(p -> p.withEpochs(FOREVER))
                .withRule(u -> u.withPatienceEpochs(0))
                .withDistillation(d -> d.withShare(0))
                .withBatches(b -> b.withHoldOut(0));
        Duration product = budget.dividedBy(20 * ROUNDS);
        Duration turn = Duration.ofNanos((long) (STEPS_SHARE * budget.toNanos() / ROUNDS));
        Clock plain = new Clock();
        Clock noisy = new Clock();
        double bf16 = 0;
        double float32 = 0;
        for (int round = 0; round < ROUNDS; round++) {
            bf16 = Math.max(bf16, ProductRate.bfloat16(product));
            float32 = Math.max(float32, ProductRate.float32(product));
            plain.run(graph, data, endless, (groups, r) -> new NoPruning(groups), turn);
            noisy.run(graph, data, endless, method, turn);
        }
        return new StepBenchmark(
                bf16,
                float32,
                plain.quantile(0),
                noisy.quantile(0),
                plain.quantile(0.5),
                noisy.quantile(0.5),
                load(data.train(), endless),
                noisy.waitShare(),
                gigaFlop,
                plain.millis.size() + noisy.millis.size());
    }

    /** Times steps; the first of an epoch, before which other things happen, and the first of all are left out. */
    private static final class Clock implements TrainingListener {
        private final List<Double> millis = new ArrayList<>();
        private long end;
        private long last;
        private boolean first;
        private double seconds;
        private double waited;
        private boolean epochOver;

        void run(Graph graph, Splits data, Recipe recipe, MethodFactory method, Duration turn) {
            first = true;
            epochOver = false;
            end = System.nanoTime() + turn.toNanos();
            try {
                new PruningRun(graph, data, recipe, method, this).run();
            } catch (StoppedException e) {
                // Its time is over.
            }
        }

        @Override
        public void onStep(long done, long all) {
            long now = System.nanoTime();
            if (!first) {
                millis.add((now - last) * 1e-6);
            }
            first = false;
            last = now;
        }

        @Override
        public void onEpoch(EpochMetrics m) {
            first = true;
            epochOver = true;
            seconds += m.seconds();
            waited += m.seconds() * m.dataWaitShare();
        }

        @Override
        public boolean shouldStop() {
            return epochOver && System.nanoTime() > end;
        }

        double waitShare() {
            return waited / seconds;
        }

        double quantile(double share) {
            double[] sorted =
                    millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            return sorted[(int) Math.round(share * (sorted.length - 1))];
        }
    }

    /** Milliseconds that one batch takes to load. */
    private static double load(DataSet data, Recipe recipe) {
        BatchLoader.Builder builder =
                BatchLoader.of(data).batchSize(recipe.batches().size()).dropLast(true);
        Augmentations.of(recipe.pruning().augmentation()).ifPresent(builder::augmentation);
        try (BatchLoader loader = builder.build()) {
            int batches = 4 * loader.batchesPerEpoch();
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 5; i++) {
                long start = System.nanoTime();
                for (int k = 0; k < batches; k++) {
                    loader.next();
                }
                best = Math.min(best, System.nanoTime() - start);
            }
            return 1e-6 * best / batches;
        }
    }

    private static DataSet pictures(Graph graph, int count) {
        Value input = graph.inputs().get(0);
        List<Dimension> shape = input.shape();
        boolean fits = graph.inputs().size() == 1 && shape != null && shape.size() == 4;
        if (!fits || shape == null || shape.subList(1, 4).stream().anyMatch(d -> !d.isKnown())) {
            throw new IllegalArgumentException("graph '" + graph.name()
                    + "': must take pictures, expected one input [N, C, H, W], found " + graph.inputs());
        }
        int[] size = shape.subList(1, 4).stream()
                .mapToInt(d -> Math.toIntExact(d.size()))
                .toArray();
        SplittableRandom random = new SplittableRandom(1);
        byte[][] rows = new byte[count][size[0] * size[1] * size[2]];
        Arrays.stream(rows).forEach(random::nextBytes);
        List<String> names =
                IntStream.range(0, classes(graph)).mapToObj(Integer::toString).toList();
        int[] labels = IntStream.range(0, count).map(i -> i % names.size()).toArray();
        return DataSet.builder("random")
                .bytes("", rows, Normalization.pixels(List.of(0.5), List.of(0.5)), size)
                .classes(labels, names)
                .build();
    }

    private static int classes(Graph graph) {
        List<Dimension> shape = graph.outputs().get(0).shape();
        if (shape == null || shape.size() != 2 || !shape.get(1).isKnown()) {
            throw new IllegalArgumentException("graph '" + graph.name()
                    + "': must give one score per class, expected an output [N, classes], found " + graph.outputs());
        }
        return Math.toIntExact(shape.get(1).size());
    }
}
