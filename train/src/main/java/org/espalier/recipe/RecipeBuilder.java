package org.espalier.recipe;

import java.util.Map;
import org.espalier.bayes.PruneRules;
import org.espalier.torch.Optimizer;
import org.espalier.torch.Precision;
import org.jspecify.annotations.Nullable;

/** Sets values of a {@link Recipe} by name; what they mean and which are allowed is said there. */
public final class RecipeBuilder {
    private int pretrainEpochs = 8;
    private int pruneEpochs = 40;
    private int finetuneEpochs = 20;
    private int batchSize = 200;
    private Optimizer.Rule optimizer = Optimizer.Rule.ADAM;
    private double pretrainLearningRate = 1e-3;
    private double learningRate = 1e-3;
    private double noiseLearningRate = 1e-2;
    private double warmupEpochs;
    private double weightDecay;
    private @Nullable Double weightDecayStart;
    private double beta1 = 0.9;
    private double constantShare = 0.5;
    private double strength = 1;
    private double exponent = 1;
    private double klWarmupEpochs = 6;
    private double tolerance;
    private Map<String, Double> klWeights = Map.of();
    private Map<String, Double> pretrainDropout = Map.of();
    private Map<String, Double> pruneDropout = Map.of();
    private Map<String, Double> finetuneDropout = Map.of();
    private double averaging;
    private @Nullable String pretrainAugmentation;
    private String augmentation = "";
    private FrozenStatistics frozenStatistics = FrozenStatistics.NEVER;
    private double logSigmaFloor = -20;
    private int noiseDraws = 1;
    private double labelSmoothing;
    private double distillation;
    private double temperature = 2;
    private double threshold = 1;
    private String decide = PruneRules.SNR;
    private int patienceEpochs = 2;
    private int holdOut;
    private Precision precision = Precision.FLOAT32;
    private long seed;

    RecipeBuilder() {}

    /** Sets {@code pretrainEpochs}. */
    public RecipeBuilder pretrainEpochs(int value) {
        pretrainEpochs = value;
        return this;
    }

    /** Sets {@code pruneEpochs}. */
    public RecipeBuilder pruneEpochs(int value) {
        pruneEpochs = value;
        return this;
    }

    /** Sets {@code finetuneEpochs}. */
    public RecipeBuilder finetuneEpochs(int value) {
        finetuneEpochs = value;
        return this;
    }

    /** Sets {@code batchSize}. */
    public RecipeBuilder batchSize(int value) {
        batchSize = value;
        return this;
    }

    /** Sets {@code optimizer}. */
    public RecipeBuilder optimizer(Optimizer.Rule value) {
        optimizer = value;
        return this;
    }

    /** Sets {@code pretrainLearningRate}. */
    public RecipeBuilder pretrainLearningRate(double value) {
        pretrainLearningRate = value;
        return this;
    }

    /** Sets {@code learningRate}. */
    public RecipeBuilder learningRate(double value) {
        learningRate = value;
        return this;
    }

    /** Sets {@code noiseLearningRate}. */
    public RecipeBuilder noiseLearningRate(double value) {
        noiseLearningRate = value;
        return this;
    }

    /** Sets {@code warmupEpochs}. */
    public RecipeBuilder warmupEpochs(double value) {
        warmupEpochs = value;
        return this;
    }

    /** Sets {@code weightDecay}. */
    public RecipeBuilder weightDecay(double value) {
        weightDecay = value;
        return this;
    }

    /** Sets {@code weightDecayStart}. */
    public RecipeBuilder weightDecayStart(@Nullable Double value) {
        weightDecayStart = value;
        return this;
    }

    /** Sets {@code beta1}. */
    public RecipeBuilder beta1(double value) {
        beta1 = value;
        return this;
    }

    /** Sets {@code constantShare}. */
    public RecipeBuilder constantShare(double value) {
        constantShare = value;
        return this;
    }

    /** Sets {@code strength}. */
    public RecipeBuilder strength(double value) {
        strength = value;
        return this;
    }

    /** Sets {@code exponent}. */
    public RecipeBuilder exponent(double value) {
        exponent = value;
        return this;
    }

    /** Sets {@code klWarmupEpochs}. */
    public RecipeBuilder klWarmupEpochs(double value) {
        klWarmupEpochs = value;
        return this;
    }

    /** Sets {@code tolerance}. */
    public RecipeBuilder tolerance(double value) {
        tolerance = value;
        return this;
    }

    /** Sets {@code klWeights}. */
    public RecipeBuilder klWeights(Map<String, Double> value) {
        klWeights = value;
        return this;
    }

    /** Sets {@code pretrainDropout}. */
    public RecipeBuilder pretrainDropout(Map<String, Double> value) {
        pretrainDropout = value;
        return this;
    }

    /** Sets {@code pruneDropout}. */
    public RecipeBuilder pruneDropout(Map<String, Double> value) {
        pruneDropout = value;
        return this;
    }

    /** Sets {@code finetuneDropout}. */
    public RecipeBuilder finetuneDropout(Map<String, Double> value) {
        finetuneDropout = value;
        return this;
    }

    /** Sets {@code averaging}. */
    public RecipeBuilder averaging(double value) {
        averaging = value;
        return this;
    }

    /** Sets {@code pretrainAugmentation}; in a builder that was not made from a recipe it is else what {@code augmentation} is. */
    public RecipeBuilder pretrainAugmentation(String value) {
        pretrainAugmentation = value;
        return this;
    }

    /** Sets {@code augmentation}. */
    public RecipeBuilder augmentation(String value) {
        augmentation = value;
        return this;
    }

    /** Sets {@code frozenStatistics}. */
    public RecipeBuilder frozenStatistics(FrozenStatistics value) {
        frozenStatistics = value;
        return this;
    }

    /** Sets {@code logSigmaFloor}. */
    public RecipeBuilder logSigmaFloor(double value) {
        logSigmaFloor = value;
        return this;
    }

    /** Sets {@code noiseDraws}. */
    public RecipeBuilder noiseDraws(int value) {
        noiseDraws = value;
        return this;
    }

    /** Sets {@code labelSmoothing}. */
    public RecipeBuilder labelSmoothing(double value) {
        labelSmoothing = value;
        return this;
    }

    /** Sets {@code distillation}. */
    public RecipeBuilder distillation(double value) {
        distillation = value;
        return this;
    }

    /** Sets {@code temperature}. */
    public RecipeBuilder temperature(double value) {
        temperature = value;
        return this;
    }

    /** Sets {@code threshold}. */
    public RecipeBuilder threshold(double value) {
        threshold = value;
        return this;
    }

    /** Sets {@code decide}. */
    public RecipeBuilder decide(String value) {
        decide = value;
        return this;
    }

    /** Sets {@code patienceEpochs}. */
    public RecipeBuilder patienceEpochs(int value) {
        patienceEpochs = value;
        return this;
    }

    /** Sets {@code holdOut}. */
    public RecipeBuilder holdOut(int value) {
        holdOut = value;
        return this;
    }

    /** Sets {@code precision}. */
    public RecipeBuilder precision(Precision value) {
        precision = value;
        return this;
    }

    /** Sets {@code seed}. */
    public RecipeBuilder seed(long value) {
        seed = value;
        return this;
    }

    /**
     * The recipe.
     *
     * @throws IllegalArgumentException if a value is out of range; the message names it
     */
    public Recipe build() {
        return new Recipe(
                pretrainEpochs,
                pruneEpochs,
                finetuneEpochs,
                batchSize,
                optimizer,
                pretrainLearningRate,
                learningRate,
                noiseLearningRate,
                warmupEpochs,
                weightDecay,
                weightDecayStart,
                beta1,
                constantShare,
                strength,
                exponent,
                klWarmupEpochs,
                tolerance,
                klWeights,
                pretrainDropout,
                pruneDropout,
                finetuneDropout,
                averaging,
                pretrainAugmentation == null ? augmentation : pretrainAugmentation,
                augmentation,
                frozenStatistics,
                logSigmaFloor,
                noiseDraws,
                labelSmoothing,
                distillation,
                temperature,
                threshold,
                decide,
                patienceEpochs,
                holdOut,
                precision,
                seed);
    }
}
