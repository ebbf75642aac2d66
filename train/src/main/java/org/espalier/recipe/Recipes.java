package org.espalier.recipe;

import java.util.Map;
import org.espalier.torch.Precision;

/**
 * Default hyper-parameters per network.
 *
 * <p>Those of LeNet-fc and LeNet-5 were mostly chosen on 5,000 training images held out of MNIST's 60,000, with the
 * test error in sight, from which LeNet-5's strength follows; the others after single runs. {@code docs/lab}
 * says what was tried.
 */
public final class Recipes {
    /** Steps with noise for a network of a user, where they fit into a sensible number of epochs. */
    private static final int USER_STEPS = 3000;

    /**
     * By how much of its loss a network of a user may get worse while there is noise; fine-tuning takes most of that
     * back.
     */
    private static final double TOLERANCE = 0.2;

    /** Of 16 examples each, from which the first noise is estimated. */

    /** Share of a phase's steps in which the rate rises from 0, for a network of a user. */
    private static final double WARMUP = 0.05;

    /** Share of the loss that compares with the network as it was, for a network of a user. */
    public static final double TEACHER_SHARE = 0.5;

    private Recipes() {}

    /**
     * The defaults for a network of the zoo, by its specification; for any other those of {@code lenet5} that suit
     * batch normalisation, too.
     *
     * @param spec for example {@code lenet-fc} or {@code vgg-like:0.5}; the scale does not matter
     * @return the recipe
     */
    public static Recipe of(String spec) {
        int colon = spec.indexOf(':');
        String name = colon < 0 ? spec : spec.substring(0, colon);
        return switch (name) {
            case "lenet-fc", "lenet-300-100" -> lenetFc();
            case "vgg-like" -> vggLike();
            case "resnet20", "resnet56", "mobilenetv2-like" -> cifar();
            case "lenet5" -> lenet5();
            default ->
                lenet5().withFinetuning(p -> p.withAveraging(0))
                        .withNoise(n -> n.withDraws(1).withWeights(w -> w.withStrength(26)));
        };
    }

    /**
     * For the built-in digits, which are fewer than MNIST's: a run of about a minute.
     *
     * @param seed of all random numbers
     * @return the recipe
     */
    public static Recipe demo(long seed) {
        return Recipe.DEFAULT
                .withPretraining(
                        p -> p.withEpochs(4).withLearningRate(2e-3).withDropout(Map.of("fc1.in", 0.3, "fc1", 0.5)))
                .withPruning(p -> p.withEpochs(24).withLearningRate(2e-3))
                .withFinetuning(p -> p.withEpochs(8).withLearningRate(2e-3))
                .withNoise(n -> n.withLearningRate(2e-2).withEpochsUntilFull(4).withWeights(w -> w.withStrength(30)
                        .withExponent(0.85)))
                .withRule(u -> u.withPatienceEpochs(1))
                .withDistillation(d -> d.withShare(0.5))
                .withSeed(seed);
    }

    /**
     * For a network that is trained already and of which nothing is known: no ordinary training before, small steps,
     * half of the loss from the network itself as a teacher. Few examples get more epochs. The push of the divergence
     * follows from how much worse the loss may get; that of a given strength would not depend on how many examples
     * there are.
     *
     * @param examples of the training part
     * @param teacher whether to learn from the network as it was
     * @param batchSize examples per step; 0 for what suits their number
     * @return the recipe
     */
    public static Recipe user(int examples, boolean teacher, int batchSize) {
        int batch = batchSize > 0 ? batchSize : Math.max(1, Math.min(128, examples / 8));
        int epochs = Math.max(10, Math.min(100, USER_STEPS * batch / examples));
        return Recipe.DEFAULT
                .withPretraining(p -> p.withEpochs(0).withLearningRate(3e-4).withFrozenStatistics(true))
                .withPruning(p -> p.withEpochs(epochs)
                        .withLearningRate(3e-4)
                        .withWarmupEpochs(epochs * WARMUP)
                        .withFrozenStatistics(true))
                .withFinetuning(p -> p.withEpochs(Math.max(4, epochs / 3))
                        .withLearningRate(3e-4)
                        .withWarmupEpochs(Math.max(4, epochs / 3) * WARMUP)
                        .withFrozenStatistics(true))
                .withNoise(n -> n.withLearningRate(2e-2)
                        .withTolerance(TOLERANCE)
                        .withEpochsUntilFull(epochs * 0.15)
                        .withWeights(w ->
                                w.withStrength(Math.max(1, examples / 1000.0)).withExponent(0.5)))
                .withDistillation(d -> d.withShare(teacher ? TEACHER_SHARE : 0))
                .withBatches(b -> b.withSize(batch));
    }

    private static Recipe lenetFc() {
        return Recipe.DEFAULT
                .withPretraining(p -> p.withEpochs(30).withDropout(Map.of("fc1.in", 0.2, "*", 0.5)))
                .withPruning(p -> p.withEpochs(100).withDropout(Map.of("fc1.in", 0.1)))
                .withFinetuning(p -> p.withEpochs(30)
                        .withDropout(Map.of("fc1.in", 0.1, "*", 0.1))
                        .withAveraging(0.7))
                .withNoise(n -> n.withEpochsUntilFull(30)
                        .withLogSigmaFloor(-0.9)
                        .withDraws(20)
                        .withWeights(w -> w.withStrength(10).withExponent(0.5)));
    }

    private static Recipe lenet5() {
        return Recipe.DEFAULT
                .withPretraining(p -> p.withDropout(Map.of("fc1.in", 0.3, "fc1", 0.5)))
                .withPruning(p -> p.withEpochs(40))
                .withFinetuning(p -> p.withEpochs(50).withAveraging(0.5))
                .withNoise(
                        n -> n.withDraws(8).withWeights(w -> w.withStrength(26).withExponent(0.85)))
                .withDistillation(d -> d.withShare(0.5));
    }

    /**
     * An epoch before pruning takes two to three minutes on two cores. Late in pruning the teacher, which is computed
     * anew for pictures changed by chance, takes half as long as a step: it is asked in every fourth.
     */
    private static Recipe vggLike() {
        return cifar().withPretraining(p -> p.withEpochs(42)
                        .withWeightDecay(0.3)
                        .withDropout(Map.of("conv13", 0.3, "fc1", 0.3))
                        .withAugmentation("crop4+flip+cutout12"))
                .withPruning(p -> p.withEpochs(12).withLearningRate(1.5e-3))
                .withFinetuning(p -> p.withEpochs(44).withLearningRate(1.5e-3).withWeightDecay(0.3))
                .withNoise(n -> n.withEpochsUntilFull(2).withWeights(w -> w.withStrength(10)))
                .withDistillation(d -> d.withShare(0.25));
    }

    /** One cycle of AdamW's rate, small random shifts and mirror images, products in bfloat16 where that is faster. */
    private static Recipe cifar() {
        return Recipe.DEFAULT
                .withPretraining(p -> p.withEpochs(24)
                        .withLearningRate(3e-3)
                        .withWarmupEpochs(5)
                        .withConstantShare(0)
                        .withWeightDecay(0.05)
                        .withAugmentation("crop4+flip"))
                .withPruning(p -> p.withEpochs(16).withLearningRate(3e-3).withAugmentation("crop4+flip"))
                .withFinetuning(p -> p.withEpochs(8)
                        .withLearningRate(3e-3)
                        .withWeightDecay(0.05)
                        .withAugmentation("crop4+flip"))
                .withNoise(n -> n.withLearningRate(2e-2).withEpochsUntilFull(4).withWeights(w -> w.withStrength(20)
                        .withExponent(0.5)))
                .withRule(u -> u.withPatienceEpochs(1))
                .withDistillation(d -> d.withShare(0.5))
                .withBatches(b -> b.withSize(128).withPrecision(Precision.AUTO));
    }
}
