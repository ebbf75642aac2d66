package org.espalier.train;

import java.util.Map;
import org.espalier.torch.Precision;

/**
 * Default hyper-parameters per network.
 *
 * <p>They were chosen on 5,000 training images held out of MNIST's 60,000, not on the test set; {@code docs/recipes.md} says what was
 * tried.
 */
public final class Recipes {
    /** Steps with noise for a network of a user, where they fit into a sensible number of epochs. */
    private static final int USER_STEPS = 3000;

    private Recipes() {}

    /**
     * The defaults for a network of the zoo, by its specification; those of {@code lenet5} for any other.
     *
     * @param spec for example {@code lenet-fc} or {@code vgg-like:0.5}; the scale does not matter
     */
    public static Recipe of(String spec) {
        int colon = spec.indexOf(':');
        String name = colon < 0 ? spec : spec.substring(0, colon);
        return switch (name) {
            case "lenet-fc", "lenet-300-100" -> lenetFc();
            default -> lenet5();
        };
    }

    /** For the built-in digits, which are fewer than MNIST's: a run of about a minute. */
    public static Recipe demo(long seed) {
        return new Recipe(
                4,
                24,
                8,
                200,
                2e-3,
                2e-2,
                1e-3,
                0.9,
                0.5,
                30,
                0.85,
                4,
                Map.of(),
                Map.of("fc1.in", 0.3, "fc1", 0.5),
                Map.of(),
                Map.of(),
                -20,
                0,
                0.5,
                2,
                1,
                1,
                0,
                Precision.FLOAT32,
                seed);
    }

    /**
     * For a network that is trained already and of which nothing is known: no ordinary training before, small steps, half of the loss from
     * the network itself as a teacher. Few examples get more epochs, and the push of the divergence does not depend on how many there are.
     *
     * @param examples of the training part
     * @param teacher whether to learn from the network as it was
     * @param fixedBatch the one batch size that the network takes, or 0
     */
    public static Recipe user(int examples, boolean teacher, int fixedBatch) {
        int batch = fixedBatch > 0 ? fixedBatch : Math.max(1, Math.min(128, examples / 8));
        int epochs = Math.max(10, Math.min(100, USER_STEPS * batch / examples));
        return new Recipe(
                0,
                epochs,
                Math.max(4, epochs / 3),
                batch,
                3e-4,
                2e-2,
                3e-4,
                0.9,
                0.5,
                Math.max(1, examples / 1000.0),
                0.5,
                epochs * 0.15,
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                -20,
                0,
                teacher ? 0.5 : 0,
                2,
                1,
                2,
                0,
                Precision.FLOAT32,
                0);
    }

    private static Recipe lenetFc() {
        return new Recipe(
                30,
                240,
                30,
                200,
                1e-3,
                1e-2,
                1e-3,
                0.9,
                0.5,
                8.5,
                0.5,
                30,
                Map.of(),
                Map.of("fc1.in", 0.2, "*", 0.5),
                Map.of("fc1.in", 0.05),
                Map.of("fc1.in", 0.05, "*", 0.1),
                -0.9,
                0,
                0,
                2,
                1,
                2,
                0,
                Precision.FLOAT32,
                0);
    }

    private static Recipe lenet5() {
        return new Recipe(
                8,
                60,
                40,
                200,
                1e-3,
                1e-2,
                1e-3,
                0.9,
                0.5,
                26,
                0.85,
                6,
                Map.of(),
                Map.of("fc1.in", 0.3, "fc1", 0.5),
                Map.of(),
                Map.of(),
                -20,
                0,
                0.5,
                2,
                1,
                2,
                0,
                Precision.FLOAT32,
                0);
    }
}
