package org.espalier.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.espalier.torch.Precision;

/**
 * All hyper-parameters of a run.
 *
 * @param pretrainEpochs epochs of ordinary training; 0 where the network is trained already
 * @param pruneEpochs epochs with the pruning method attached
 * @param finetuneEpochs epochs of ordinary training of what is left
 * @param batchSize examples per step
 * @param learningRate Adam's rate for weights in pre-training and pruning
 * @param noiseLearningRate Adam's rate for what the method adds (μ and log σ)
 * @param finetuneLearningRate Adam's rate in fine-tuning
 * @param beta1 Adam's first decay rate while pruning
 * @param constantShare share of the pruning phase in which rates are constant, before they fall linearly to 0; in the other phases rates
 *     fall over the second half of pre-training and over all of fine-tuning
 * @param strength how hard StructuredBPa pushes: see {@code KlWeights.byCompute}
 * @param exponent how much it tells cheap units from dear ones: 1 proportional to compute, 0 not at all
 * @param klWarmupEpochs epochs over which the divergence grows from 0 to its full weight
 * @param klWeights weights of the divergence by group name or pattern, in place of those by compute; empty for those
 * @param pretrainDropout rates of ordinary dropout on the inputs of layers, by the group that they read, in pre-training
 * @param pruneDropout the same while pruning
 * @param finetuneDropout the same in fine-tuning
 * @param logSigmaFloor least log σ after the first epoch: noise that stays on units with signal keeps the network from over-fitting, as
 *     dropout does; −20 for none
 * @param labelSmoothing share of the target spread over all classes
 * @param distillation share of the loss that compares with the pre-trained network's outputs, in pruning and fine-tuning
 * @param temperature by which logits are divided there
 * @param threshold signal-to-noise ratio below which a unit goes
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
        double learningRate,
        double noiseLearningRate,
        double finetuneLearningRate,
        double beta1,
        double constantShare,
        double strength,
        double exponent,
        double klWarmupEpochs,
        Map<String, Double> klWeights,
        Map<String, Double> pretrainDropout,
        Map<String, Double> pruneDropout,
        Map<String, Double> finetuneDropout,
        double logSigmaFloor,
        double labelSmoothing,
        double distillation,
        double temperature,
        double threshold,
        int patienceEpochs,
        int holdOut,
        Precision precision,
        long seed) {
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    public Recipe {
        require(pretrainEpochs >= 0, "pretrainEpochs", "0 or more", pretrainEpochs);
        require(pruneEpochs >= 0, "pruneEpochs", "0 or more", pruneEpochs);
        require(finetuneEpochs >= 0, "finetuneEpochs", "0 or more", finetuneEpochs);
        require(batchSize >= 1, "batchSize", "1 or more", batchSize);
        require(learningRate > 0 && learningRate < INFINITY, "learningRate", "a positive number", learningRate);
        require(
                noiseLearningRate > 0 && noiseLearningRate < INFINITY,
                "noiseLearningRate",
                "a positive number",
                noiseLearningRate);
        require(
                finetuneLearningRate > 0 && finetuneLearningRate < INFINITY,
                "finetuneLearningRate",
                "a positive number",
                finetuneLearningRate);
        require(beta1 >= 0 && beta1 < 1, "beta1", "a number in [0, 1)", beta1);
        require(constantShare >= 0 && constantShare <= 1, "constantShare", "a number in [0, 1]", constantShare);
        require(strength >= 0 && strength < INFINITY, "strength", "0 or more", strength);
        require(exponent >= 0 && exponent < INFINITY, "exponent", "0 or more", exponent);
        require(klWarmupEpochs >= 0 && klWarmupEpochs < INFINITY, "klWarmupEpochs", "0 or more", klWarmupEpochs);
        klWeights = Collections.unmodifiableMap(new LinkedHashMap<>(klWeights));
        klWeights.values().forEach(w -> require(w >= 0 && w < INFINITY, "klWeights", "0 or more", w));
        pretrainDropout = rates("pretrainDropout", pretrainDropout);
        pruneDropout = rates("pruneDropout", pruneDropout);
        finetuneDropout = rates("finetuneDropout", finetuneDropout);
        require(logSigmaFloor >= -20 && logSigmaFloor <= 5, "logSigmaFloor", "a number in [-20, 5]", logSigmaFloor);
        require(labelSmoothing >= 0 && labelSmoothing < 1, "labelSmoothing", "a number in [0, 1)", labelSmoothing);
        require(distillation >= 0 && distillation <= 1, "distillation", "a number in [0, 1]", distillation);
        require(temperature > 0 && temperature < INFINITY, "temperature", "a positive number", temperature);
        require(threshold >= 0 && threshold < INFINITY, "threshold", "0 or more", threshold);
        require(patienceEpochs >= 0, "patienceEpochs", "0 or more", patienceEpochs);
        require(holdOut >= 0, "holdOut", "0 or more", holdOut);
    }

    /** This recipe with other lengths of the three phases. */
    public Recipe withEpochs(int pretrain, int prune, int finetune) {
        return with(pretrain, prune, finetune, seed);
    }

    /** This recipe with another seed. */
    public Recipe withSeed(long newSeed) {
        return with(pretrainEpochs, pruneEpochs, finetuneEpochs, newSeed);
    }

    private Recipe with(int pretrain, int prune, int finetune, long newSeed) {
        return new Recipe(
                pretrain,
                prune,
                finetune,
                batchSize,
                learningRate,
                noiseLearningRate,
                finetuneLearningRate,
                beta1,
                constantShare,
                strength,
                exponent,
                klWarmupEpochs,
                klWeights,
                pretrainDropout,
                pruneDropout,
                finetuneDropout,
                logSigmaFloor,
                labelSmoothing,
                distillation,
                temperature,
                threshold,
                patienceEpochs,
                holdOut,
                precision,
                newSeed);
    }

    private static Map<String, Double> rates(String name, Map<String, Double> rates) {
        rates.values().forEach(r -> require(r >= 0 && r < 1, name, "rates in [0, 1)", r));
        return Collections.unmodifiableMap(new LinkedHashMap<>(rates));
    }

    private static void require(boolean ok, String name, String expected, Object found) {
        if (!ok) {
            throw new IllegalArgumentException(
                    "recipe '" + name + "': out of range, expected " + expected + ", found " + found);
        }
    }
}
