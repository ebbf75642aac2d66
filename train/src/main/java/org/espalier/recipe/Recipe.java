package org.espalier.recipe;

import java.util.Map;
import org.espalier.bayes.PruneRule;
import org.espalier.bayes.PruneRules;
import org.espalier.torch.Optimizer;
import org.espalier.torch.Precision;
import org.jspecify.annotations.Nullable;

/**
 * All hyper-parameters of a run.
 *
 * @param pretrainEpochs epochs of ordinary training; 0 where the network is trained already
 * @param pruneEpochs epochs with the pruning method attached
 * @param finetuneEpochs epochs of ordinary training of what is left
 * @param batchSize examples per step
 * @param optimizer what updates weights; what the method adds (μ and log σ) is always Adam's
 * @param pretrainLearningRate its rate in pre-training
 * @param learningRate its rate in pruning and fine-tuning
 * @param noiseLearningRate Adam's rate for what the method adds (μ and log σ)
 * @param warmupEpochs epochs over which pre-training's rate rises linearly from 0, to fall linearly from then on
 * @param weightDecay decay of the weights in pre-training and fine-tuning, as the optimizer has it: {@link Optimizer.Group}
 * @param weightDecayStart decay at the first step of pre-training, from where it grows linearly to {@code weightDecay} at the last; null for
 *     one that is constant
 * @param beta1 the optimizers' first decay rate, or momentum, while pruning
 * @param constantShare share of the pruning phase in which rates are constant, before they fall linearly to 0; in the other phases rates
 *     fall over the second half of pre-training and over all of fine-tuning
 * @param strength how hard StructuredBPa pushes: see {@code KlWeights.byCompute}
 * @param exponent how much it tells cheap units from dear ones: 1 proportional to compute, 0 not at all
 * @param klWarmupEpochs epochs over which the divergence grows from 0 to its full weight; without use where there is a tolerance
 * @param tolerance by how much of the original network's loss, and of 0.2 more, the loss may be above it while there is noise: the weights of the
 *     divergence, whose proportions stay, are steered by it; 0 for weights that are just as given
 * @param klWeights weights of the divergence by group name or pattern, in place of those by compute; empty for those
 * @param pretrainDropout rates of ordinary dropout on the inputs of layers, by the group that they read, in pre-training
 * @param pruneDropout the same while pruning
 * @param finetuneDropout the same in fine-tuning
 * @param averaging share of fine-tuning's steps, its last, whose weights are averaged for the result; for networks without batch
 *     normalisation, whose statistics belong to the last weights; 0 for none
 * @param pretrainAugmentation random changes of training pictures in pre-training, joined by {@code +}, such as {@code crop4+flip}: see
 *     {@link Augmentations#of}; empty for none, null for what the other phases have
 * @param augmentation the same in pruning and fine-tuning
 * @param frozenStatistics when batch normalisation keeps its running statistics
 * @param logSigmaFloor least log σ after the first epoch: noise that stays on units with signal keeps the network from over-fitting, as
 *     dropout does; −20 for none
 * @param noiseDraws draws of the noise per step, each for its part of the batch, which must divide into that many equal parts or there are
 *     fewer: more of them make the gradient less noisy, and cost time
 *     where networks are small; 1 where batch normalisation uses the batch's statistics
 * @param labelSmoothing share of the target spread over all classes, before pruning and in fine-tuning
 * @param distillation share of the loss that compares with the pre-trained network's outputs, in pruning and fine-tuning
 * @param temperature by which logits are divided there
 * @param threshold signal-to-noise ratio below which a unit goes
 * @param decide the rule that decides which units go, by its name in {@link PruneRules}; {@code threshold} counts for {@code snr} alone
 * @param patienceEpochs epochs for which a unit stays below the threshold before it leaves while training goes on; 0 keeps all to the end
 * @param holdOut examples of the training set that are not trained on, but measured after each epoch
 * @param precision format of products while training
 * @param seed of all random numbers
 */
public record Recipe(
        int pretrainEpochs,
        int pruneEpochs,
        int finetuneEpochs,
        int batchSize,
        Optimizer.Rule optimizer,
        double pretrainLearningRate,
        double learningRate,
        double noiseLearningRate,
        double warmupEpochs,
        double weightDecay,
        @Nullable Double weightDecayStart,
        double beta1,
        double constantShare,
        double strength,
        double exponent,
        double klWarmupEpochs,
        double tolerance,
        Map<String, Double> klWeights,
        Map<String, Double> pretrainDropout,
        Map<String, Double> pruneDropout,
        Map<String, Double> finetuneDropout,
        double averaging,
        String pretrainAugmentation,
        String augmentation,
        FrozenStatistics frozenStatistics,
        double logSigmaFloor,
        int noiseDraws,
        double labelSmoothing,
        double distillation,
        double temperature,
        double threshold,
        String decide,
        int patienceEpochs,
        int holdOut,
        Precision precision,
        long seed) {
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    @SuppressWarnings("ConstantValue") // what an older file does not have arrives as null
    public Recipe {
        optimizer = optimizer == null ? Optimizer.Rule.ADAM : optimizer;
        decide = decide == null ? PruneRules.SNR : decide;
        frozenStatistics = frozenStatistics == null ? FrozenStatistics.NEVER : frozenStatistics;
        require(pretrainEpochs >= 0, "pretrainEpochs", "0 or more", pretrainEpochs);
        require(pruneEpochs >= 0, "pruneEpochs", "0 or more", pruneEpochs);
        require(finetuneEpochs >= 0, "finetuneEpochs", "0 or more", finetuneEpochs);
        require(batchSize >= 1, "batchSize", "1 or more", batchSize);
        requireRate("pretrainLearningRate", pretrainLearningRate);
        requireRate("learningRate", learningRate);
        requireRate("noiseLearningRate", noiseLearningRate);
        require(warmupEpochs >= 0 && warmupEpochs < INFINITY, "warmupEpochs", "0 or more", warmupEpochs);
        require(weightDecay >= 0 && weightDecay < INFINITY, "weightDecay", "0 or more", weightDecay);
        if (weightDecayStart != null) {
            boolean ok = weightDecayStart >= 0 && weightDecayStart < INFINITY;
            require(ok, "weightDecayStart", "0 or more", weightDecayStart);
        }
        require(beta1 >= 0 && beta1 < 1, "beta1", "a number in [0, 1)", beta1);
        require(constantShare >= 0 && constantShare <= 1, "constantShare", "a number in [0, 1]", constantShare);
        require(strength >= 0 && strength < INFINITY, "strength", "0 or more", strength);
        require(exponent >= 0 && exponent < INFINITY, "exponent", "0 or more", exponent);
        require(klWarmupEpochs >= 0 && klWarmupEpochs < INFINITY, "klWarmupEpochs", "0 or more", klWarmupEpochs);
        require(tolerance >= 0 && tolerance < INFINITY, "tolerance", "0 or more", tolerance);
        klWeights = GroupPatterns.ordered(klWeights);
        klWeights.values().forEach(w -> require(w >= 0 && w < INFINITY, "klWeights", "0 or more", w));
        pretrainDropout = rates("pretrainDropout", pretrainDropout);
        pruneDropout = rates("pruneDropout", pruneDropout);
        finetuneDropout = rates("finetuneDropout", finetuneDropout);
        require(averaging >= 0 && averaging <= 1, "averaging", "a number in [0, 1]", averaging);
        Augmentations.of("augmentation", augmentation);
        pretrainAugmentation = pretrainAugmentation == null ? augmentation : pretrainAugmentation;
        Augmentations.of("pretrainAugmentation", pretrainAugmentation);
        require(logSigmaFloor >= -20 && logSigmaFloor <= 5, "logSigmaFloor", "a number in [-20, 5]", logSigmaFloor);
        require(noiseDraws >= 1, "noiseDraws", "1 or more", noiseDraws);
        require(labelSmoothing >= 0 && labelSmoothing < 1, "labelSmoothing", "a number in [0, 1)", labelSmoothing);
        require(distillation >= 0 && distillation <= 1, "distillation", "a number in [0, 1]", distillation);
        require(temperature > 0 && temperature < INFINITY, "temperature", "a positive number", temperature);
        require(threshold >= 0 && threshold < INFINITY, "threshold", "0 or more", threshold);
        require(PruneRules.names().contains(decide), "decide", "one of " + PruneRules.names(), decide);
        require(patienceEpochs >= 0, "patienceEpochs", "0 or more", patienceEpochs);
        require(holdOut >= 0, "holdOut", "0 or more", holdOut);
    }

    /** A builder with every value that {@link RecipeBuilder} names as its default. */
    public static RecipeBuilder builder() {
        return new RecipeBuilder();
    }

    /** A builder that begins with this recipe's values. */
    public RecipeBuilder toBuilder() {
        return new RecipeBuilder()
                .pretrainEpochs(pretrainEpochs)
                .pruneEpochs(pruneEpochs)
                .finetuneEpochs(finetuneEpochs)
                .batchSize(batchSize)
                .optimizer(optimizer)
                .pretrainLearningRate(pretrainLearningRate)
                .learningRate(learningRate)
                .noiseLearningRate(noiseLearningRate)
                .warmupEpochs(warmupEpochs)
                .weightDecay(weightDecay)
                .weightDecayStart(weightDecayStart)
                .beta1(beta1)
                .constantShare(constantShare)
                .strength(strength)
                .exponent(exponent)
                .klWarmupEpochs(klWarmupEpochs)
                .tolerance(tolerance)
                .klWeights(klWeights)
                .pretrainDropout(pretrainDropout)
                .pruneDropout(pruneDropout)
                .finetuneDropout(finetuneDropout)
                .averaging(averaging)
                .pretrainAugmentation(pretrainAugmentation)
                .augmentation(augmentation)
                .frozenStatistics(frozenStatistics)
                .logSigmaFloor(logSigmaFloor)
                .noiseDraws(noiseDraws)
                .labelSmoothing(labelSmoothing)
                .distillation(distillation)
                .temperature(temperature)
                .threshold(threshold)
                .decide(decide)
                .patienceEpochs(patienceEpochs)
                .holdOut(holdOut)
                .precision(precision)
                .seed(seed);
    }

    /**
     * Decay of the weights at a step of pre-training.
     *
     * @param step from 0
     * @param steps of all pre-training
     */
    public double pretrainWeightDecay(long step, long steps) {
        if (weightDecayStart == null || steps < 2) {
            return weightDecay;
        }
        return weightDecayStart + (weightDecay - weightDecayStart) * step / (steps - 1);
    }

    /** The rule that decides which units go. */
    public PruneRule rule() {
        return PruneRules.of(decide, threshold);
    }

    /** This recipe with other lengths of the three phases. */
    public Recipe withEpochs(int pretrain, int prune, int finetune) {
        return toBuilder()
                .warmupEpochs(pretrain == pretrainEpochs ? warmupEpochs : warmup(warmupEpochs, pretrain))
                .klWarmupEpochs(prune == pruneEpochs ? klWarmupEpochs : warmup(klWarmupEpochs, prune))
                .pretrainEpochs(pretrain)
                .pruneEpochs(prune)
                .finetuneEpochs(finetune)
                .build();
    }

    /**
     * Epochs in which a rate or the penalty grows, at most a third of those that a phase has: it must have its full value for most of them.
     *
     * @param wanted in a phase that is long enough
     * @param epochs of the phase; where it has none, what is wanted stays
     */
    public static double warmup(double wanted, int epochs) {
        return epochs == 0 ? wanted : Math.min(wanted, epochs / 3.0);
    }

    /** Draws of the noise in a step: as many as wanted, or fewer so that the batch divides into equal parts. */
    public int drawsPerStep(int examples) {
        int draws = Math.min(noiseDraws, examples);
        while (examples % draws != 0) {
            draws--;
        }
        return draws;
    }

    /** What matters of this recipe where there is nothing but pre-training; all else is as {@link RecipeBuilder} has it. */
    public Recipe pretraining() {
        return builder()
                .pretrainEpochs(pretrainEpochs)
                .pruneEpochs(0)
                .finetuneEpochs(0)
                .batchSize(batchSize)
                .optimizer(optimizer)
                .pretrainLearningRate(pretrainLearningRate)
                .warmupEpochs(warmupEpochs)
                .weightDecay(weightDecay)
                .weightDecayStart(weightDecayStart)
                .pretrainDropout(pretrainDropout)
                .pretrainAugmentation(pretrainAugmentation)
                .augmentation(pretrainAugmentation)
                .frozenStatistics(
                        frozenStatistics == FrozenStatistics.ALWAYS ? frozenStatistics : FrozenStatistics.NEVER)
                .labelSmoothing(labelSmoothing)
                .holdOut(holdOut)
                .precision(precision)
                .seed(seed)
                .build();
    }

    /** This recipe with its precision decided for a device: see {@link Precision#on}. */
    public Recipe on(String device) {
        return withPrecision(precision.on(device));
    }

    /** This recipe with another precision. */
    public Recipe withPrecision(Precision other) {
        return other == precision ? this : toBuilder().precision(other).build();
    }

    /** This recipe with another seed. */
    public Recipe withSeed(long newSeed) {
        return toBuilder().seed(newSeed).build();
    }

    private static Map<String, Double> rates(String name, Map<String, Double> rates) {
        rates.values().forEach(r -> require(r >= 0 && r < 1, name, "rates in [0, 1)", r));
        return GroupPatterns.ordered(rates);
    }

    private static void requireRate(String name, double rate) {
        require(rate > 0 && rate < INFINITY, name, "a positive number", rate);
    }

    private static void require(boolean ok, String name, String expected, Object found) {
        if (!ok) {
            throw new IllegalArgumentException(
                    "recipe '" + name + "': out of range, expected " + expected + ", found " + found);
        }
    }
}
