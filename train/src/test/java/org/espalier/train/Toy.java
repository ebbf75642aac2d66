package org.espalier.train;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.bayes.SnrRule;
import org.espalier.channels.ChannelGroups;
import org.espalier.data.Splits;
import org.espalier.data.sources.DataSets;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.method.KlWeights;
import org.espalier.method.MethodFactory;
import org.espalier.method.NoiseLayer;
import org.espalier.method.StructuredBayes;
import org.espalier.recipe.Recipe;
import org.espalier.torch.Optimizer;
import org.jspecify.annotations.Nullable;

/** Networks, data and settings that are small enough for tests. */
public final class Toy {
    /** Few examples and epochs: the divergence must push harder than usual. */
    private static final KlWeights STRONG = KlWeights.byName(Map.of("*", 4.0));

    public static final MethodFactory SBP = (groups, recipe) ->
            new StructuredBayes(groups, STRONG, new SnrRule(recipe.rule().threshold()), 7);

    private Toy() {}

    /** 600 generated digits for training, 200 for testing. */
    public static Splits digits() {
        return Digits.ALL;
    }

    private static final class Digits {
        static final Splits ALL = DataSets.digits(600, 200, 1);
    }

    /** Two convolutions, the first with batch normalisation, and two dense layers. */
    public static Graph convolutional() {
        GraphBuilder b = new GraphBuilder("small", 3);
        String x = b.conv("conv1", b.input("input", 1, 28, 28), 1, 4, 5, 2, 0, 1, false);
        x = b.relu("relu1", b.batchNorm("bn1", x, 4));
        x = b.conv("conv2", x, 4, 6, 3, 1, 0, 1, true);
        x = b.relu("relu2", b.maxPool("pool2", x, 2));
        x = b.relu("relu3", b.gemm("fc1", b.flatten("flatten", x), 6 * 5 * 5, 20));
        b.output("logits", b.gemm("fc2", x, 20, 10), 10);
        return b.build();
    }

    /** 784 inputs, 24 hidden units. */
    public static Graph dense() {
        GraphBuilder b = new GraphBuilder("dense", 5);
        String x = b.flatten("flatten", b.input("input", 1, 28, 28));
        x = b.relu("relu1", b.gemm("fc1", x, 784, 24));
        b.output("logits", b.gemm("fc2", x, 24, 10), 10);
        return b.build();
    }

    /** Noise of all strengths: some units below the threshold, some above. */
    static StructuredBayes noisy(ChannelGroups groups) {
        double[] mu = new double[groups.units()];
        double[] logSigma = new double[groups.units()];
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < mu.length; i++) {
            mu[i] = random.nextDouble(-6, 0);
            logSigma[i] = random.nextDouble(-3, 2);
        }
        double[] weights = new double[groups.units()];
        Arrays.fill(weights, 1);
        return new StructuredBayes(groups, new NoiseLayer(mu, logSigma, 5, 0), weights, new SnrRule(1));
    }

    public static Settings settings() {
        return new Settings();
    }

    /** A recipe whose parts can be changed. */
    public static final class Settings {
        public int pretrainEpochs = 4;
        public int pruneEpochs = 15;
        public int finetuneEpochs = 2;
        public int batchSize = 50;
        public Optimizer.Rule optimizer = Optimizer.Rule.ADAM;
        public double pretrainLearningRate = 1e-2;
        public double weightDecay;

        @Nullable
        public Double weightDecayStart;

        public boolean frozenBefore;
        public boolean frozenStatistics;
        public double averaging;
        public double learningRate = 1e-2;
        public double noiseLearningRate = 0.15;
        public double beta1 = 0.9;
        public double klWarmupEpochs = 2;
        public double tolerance;
        public double exponent = 1;
        public Map<String, Double> pretrainDropout = new LinkedHashMap<>();
        public Map<String, Double> pruneDropout = new LinkedHashMap<>();
        public Map<String, Double> finetuneDropout = new LinkedHashMap<>();
        public double logSigmaFloor = -20;
        public double labelSmoothing;
        public double distillation;
        public double temperature = 2;
        public double threshold = 1;
        public int patienceEpochs = 2;
        public int holdOut = 100;
        long seed = 11;

        public Recipe recipe() {
            return Recipe.DEFAULT
                    .withPretraining(p -> p.withEpochs(pretrainEpochs)
                            .withLearningRate(pretrainLearningRate)
                            .withWeightDecay(weightDecay)
                            .withWeightDecayStart(weightDecayStart)
                            .withDropout(pretrainDropout)
                            .withLabelSmoothing(labelSmoothing))
                    .withPruning(p -> p.withEpochs(pruneEpochs)
                            .withLearningRate(learningRate)
                            .withMomentum(beta1)
                            .withDropout(pruneDropout))
                    .withFinetuning(p -> p.withEpochs(finetuneEpochs)
                            .withWeightDecay(weightDecay)
                            .withAveraging(averaging)
                            .withLearningRate(learningRate)
                            .withDropout(finetuneDropout)
                            .withLabelSmoothing(labelSmoothing))
                    .withPhases(p -> p.withOptimizer(optimizer).withFrozenStatistics(frozenStatistics))
                    .withPretraining(p -> p.withFrozenStatistics(frozenBefore))
                    .withNoise(n -> n.withLearningRate(noiseLearningRate)
                            .withEpochsUntilFull(klWarmupEpochs)
                            .withTolerance(tolerance)
                            .withLogSigmaFloor(logSigmaFloor)
                            .withWeights(w -> w.withExponent(exponent)))
                    .withRule(u -> u.withThreshold(threshold).withPatienceEpochs(patienceEpochs))
                    .withDistillation(d -> d.withShare(distillation).withTemperature(temperature))
                    .withBatches(b -> b.withSize(batchSize).withHoldOut(holdOut).withSeed(seed));
        }
    }
}
