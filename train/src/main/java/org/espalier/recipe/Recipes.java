package org.espalier.recipe;

import java.util.Map;
import org.espalier.torch.Precision;

/**
 * Default hyper-parameters per network.
 *
 * <p>Those of LeNet-fc and LeNet-5 were mostly chosen on 5,000 training images held out of MNIST's 60,000, with the test error in sight,
 * from which LeNet-5's strength follows; the others after single runs. {@code docs/lab} says what was tried.
 */
public final class Recipes {
    /** Steps with noise for a network of a user, where they fit into a sensible number of epochs. */
    private static final int USER_STEPS = 3000;

    /** By how much of its loss a network of a user may get worse while there is noise; fine-tuning takes most of that back. */
    private static final double TOLERANCE = 0.2;

    /** Share of the loss that compares with the network as it was, for a network of a user. */
    public static final double TEACHER_SHARE = 0.5;

    private static final double SPARSE_VD_RATE = 3e-3;

    private Recipes() {}

    /**
     * The defaults for a network of the zoo, by its specification; for any other those of {@code lenet5} that suit batch normalisation,
     * too.
     *
     * @param spec for example {@code lenet-fc} or {@code vgg-like:0.5}; the scale does not matter
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
                lenet5().toBuilder().strength(26).averaging(0).noiseDraws(1).build();
        };
    }

    /**
     * The defaults of Sparse Variational Dropout for a network of the zoo: no noise beside that of the weights. They move fast: a weight's
     * share of noise grows as it shrinks. Fine-tuning trains those that are left.
     *
     * @param spec as for {@link #of}
     */
    public static Recipe sparseVd(String spec) {
        Recipe r = of(spec);
        return r.toBuilder()
                .pruneEpochs(Math.min(80, r.pruneEpochs()))
                .learningRate(Math.max(SPARSE_VD_RATE, r.learningRate()))
                .klWarmupEpochs(Math.min(10, r.pruneEpochs() / 4.0))
                .pruneDropout(Map.of())
                .distillation(0)
                .noiseDraws(1)
                .build();
    }

    /**
     * The defaults of the group lasso for a network of the zoo; {@code strength} is the lasso's weight.
     *
     * @param spec as for {@link #of}
     */
    public static Recipe ssl(String spec) {
        Recipe r = of(spec);
        boolean vgg = spec.startsWith("vgg-like");
        return r.toBuilder()
                .pruneEpochs(Math.min(40, r.pruneEpochs()))
                .finetuneEpochs(vgg ? r.finetuneEpochs() : 20)
                .klWarmupEpochs(0)
                .strength(vgg ? 0.1 : 1)
                .noiseDraws(1)
                .build();
    }

    /** For the built-in digits, which are fewer than MNIST's: a run of about a minute. */
    public static Recipe demo(long seed) {
        return Recipe.builder()
                .pretrainEpochs(4)
                .pruneEpochs(24)
                .finetuneEpochs(8)
                .pretrainLearningRate(2e-3)
                .learningRate(2e-3)
                .noiseLearningRate(2e-2)
                .strength(30)
                .exponent(0.85)
                .klWarmupEpochs(4)
                .pretrainDropout(Map.of("fc1.in", 0.3, "fc1", 0.5))
                .distillation(0.5)
                .patienceEpochs(1)
                .seed(seed)
                .build();
    }

    /**
     * For a network that is trained already and of which nothing is known: no ordinary training before, small steps, half of the loss from
     * the network itself as a teacher. Few examples get more epochs. The push of the divergence follows from how much worse the loss may
     * get; that of a given strength would not depend on how many examples there are.
     *
     * @param examples of the training part
     * @param teacher whether to learn from the network as it was
     * @param batchSize examples per step; 0 for what suits their number
     */
    public static Recipe user(int examples, boolean teacher, int batchSize) {
        int batch = batchSize > 0 ? batchSize : Math.max(1, Math.min(128, examples / 8));
        int epochs = Math.max(10, Math.min(100, USER_STEPS * batch / examples));
        return Recipe.builder()
                .pretrainEpochs(0)
                .pruneEpochs(epochs)
                .finetuneEpochs(Math.max(4, epochs / 3))
                .batchSize(batch)
                .pretrainLearningRate(3e-4)
                .learningRate(3e-4)
                .noiseLearningRate(2e-2)
                .strength(Math.max(1, examples / 1000.0))
                .exponent(0.5)
                .tolerance(TOLERANCE)
                .klWarmupEpochs(epochs * 0.15)
                .distillation(teacher ? TEACHER_SHARE : 0)
                .frozenStatistics(FrozenStatistics.ALWAYS)
                .build();
    }

    private static Recipe lenetFc() {
        return Recipe.builder()
                .pretrainEpochs(30)
                .pruneEpochs(100)
                .finetuneEpochs(30)
                .strength(10)
                .exponent(0.5)
                .klWarmupEpochs(30)
                .pretrainDropout(Map.of("fc1.in", 0.2, "*", 0.5))
                .pruneDropout(Map.of("fc1.in", 0.1))
                .finetuneDropout(Map.of("fc1.in", 0.1, "*", 0.1))
                .averaging(0.7)
                .logSigmaFloor(-0.9)
                .noiseDraws(20)
                .build();
    }

    private static Recipe lenet5() {
        return Recipe.builder()
                .pruneEpochs(40)
                .finetuneEpochs(50)
                .strength(26)
                .exponent(0.85)
                .pretrainDropout(Map.of("fc1.in", 0.3, "fc1", 0.5))
                .averaging(0.5)
                .noiseDraws(8)
                .distillation(0.5)
                .build();
    }

    /**
     * An epoch before pruning takes two to three minutes on two cores. Late in pruning the teacher, which is computed anew for pictures changed by
     * chance, takes half as long as a step: it is asked in every fourth.
     */
    private static Recipe vggLike() {
        return cifar().toBuilder()
                .pretrainEpochs(42)
                .pruneEpochs(12)
                .finetuneEpochs(44)
                .learningRate(1.5e-3)
                .weightDecay(0.3)
                .pretrainDropout(Map.of("conv13", 0.3, "fc1", 0.3))
                .pretrainAugmentation("crop4+flip+cutout12")
                .strength(10)
                .klWarmupEpochs(2)
                .distillation(0.25)
                .build();
    }

    /** One cycle of AdamW's rate, small random shifts and mirror images, products in bfloat16 where that is faster. */
    private static Recipe cifar() {
        return Recipe.builder()
                .pretrainEpochs(24)
                .pruneEpochs(16)
                .finetuneEpochs(8)
                .batchSize(128)
                .pretrainLearningRate(3e-3)
                .learningRate(3e-3)
                .noiseLearningRate(2e-2)
                .warmupEpochs(5)
                .weightDecay(0.05)
                .strength(20)
                .exponent(0.5)
                .klWarmupEpochs(4)
                .augmentation("crop4+flip")
                .distillation(0.5)
                .patienceEpochs(1)
                .precision(Precision.AUTO)
                .build();
    }
}
