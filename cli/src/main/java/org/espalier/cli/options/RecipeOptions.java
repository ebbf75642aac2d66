package org.espalier.cli.options;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.espalier.bayes.PruneRules;
import org.espalier.job.Format;
import org.espalier.job.InputException;
import org.espalier.job.MethodChoice;
import org.espalier.job.Nearest;
import org.espalier.job.RecipeFile;
import org.espalier.recipe.Recipe;
import org.espalier.torch.Precision;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that change a network's default recipe; what is not given stays. */
public final class RecipeOptions {
    /** The option that sets a hyper-parameter, for messages about what was typed. */
    private static final Map<String, String> OPTIONS = Map.ofEntries(
            Map.entry("pruneEpochs", "--epochs"),
            Map.entry("pretrainEpochs", "--pretrain-epochs"),
            Map.entry("finetuneEpochs", "--finetune-epochs"),
            Map.entry("batchSize", "--batch-size"),
            Map.entry("pretrainLearningRate", "--learning-rate"),
            Map.entry("noiseLearningRate", "--noise-learning-rate"),
            Map.entry("strength", "--strength"),
            Map.entry("tolerance", "--tolerance"),
            Map.entry("klWeights", "--kl-weights"),
            Map.entry("threshold", "--threshold"),
            Map.entry("patienceEpochs", "--patience"),
            Map.entry("holdOut", "--hold-out"),
            Map.entry("augmentation", "--augment"));

    private static final Pattern ABOUT = Pattern.compile("recipe '(\\w+)':");

    @Option(names = "--config", paramLabel = "FILE.yaml", description = "Hyper-parameters by name; a run.yaml will do.")
    private @Nullable Path config;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of all random numbers (default: 0; of reproduce: 1).")
    private @Nullable Long seed;

    @Option(names = "--epochs", paramLabel = "N", description = "Epochs with the pruning method attached.")
    private @Nullable Integer epochs;

    @Option(names = "--pretrain-epochs", paramLabel = "N", description = "Epochs of ordinary training before.")
    private @Nullable Integer pretrainEpochs;

    @Option(names = "--finetune-epochs", paramLabel = "N", description = "Epochs of ordinary training after.")
    private @Nullable Integer finetuneEpochs;

    @Option(names = "--batch-size", paramLabel = "N", description = "Examples per step.")
    private @Nullable Integer batchSize;

    @Option(names = "--learning-rate", paramLabel = "R", description = "Of weights, in all phases.")
    private @Nullable Double learningRate;

    @Option(names = "--noise-learning-rate", paramLabel = "R", description = "Of the noise's mu and log sigma.")
    private @Nullable Double noiseLearningRate;

    @Option(
            names = "--strength",
            paramLabel = "X",
            description = "How hard sbpa or ssl pushes (replaces weights by group).")
    private @Nullable Double strength;

    @Option(
            names = "--tolerance",
            paramLabel = "T",
            description = {
                "The loss with noise may be above the original's by this share of it, and of 0.2 more; sbp and sbpa",
                "push as hard as that allows (default of prune: 0.2). 0: as --strength or --kl-weights say."
            })
    private @Nullable Double tolerance;

    @Option(
            names = "--kl-weights",
            split = ",",
            paramLabel = "GROUP=W",
            description = {
                "sbpa's weights by group name, * for any, 1 elsewhere; 'inspect' lists the names.",
                "As published for vgg-like: conv1=10,conv2=10,conv3=5,conv4=5."
            })
    private @Nullable Map<String, Double> klWeights;

    @Option(names = "--threshold", paramLabel = "T", description = "Signal-to-noise ratio below which a unit goes.")
    private @Nullable Double threshold;

    @Option(
            names = "--decide",
            paramLabel = "snr|bmrs-n|bmrs-n-published|bmrs-u8|bmrs-u4",
            description = "Rule by which sbp and sbpa drop units (default: snr, with --threshold).")
    private @Nullable String decide;

    @Option(
            names = "--patience",
            paramLabel = "N",
            description = "Epochs below the threshold after which units leave the training; 0 keeps all to its end.")
    private @Nullable Integer patience;

    @Option(names = "--hold-out", paramLabel = "N", description = "Training examples to measure on, not to train on.")
    private @Nullable Integer holdOut;

    @Option(
            names = "--augment",
            paramLabel = "CHANGES",
            description =
                    "Random changes of training pictures, joined by +: cropN, flip, cutoutN, brightnessX, contrastX; none for none.")
    private @Nullable String augment;

    @Option(names = "--precision", paramLabel = "float32|mixed", description = "Of products while training.")
    private @Nullable Precision precision;

    /** The seed that was asked for, on the command line or in the file; {@code otherwise} for none. */
    public long seed(long otherwise) {
        if (seed == null && inFile().get("seed") instanceof Number n) {
            return n.longValue();
        }
        return seed == null ? otherwise : seed;
    }

    /** The seed that was asked for; null for none. */
    @Nullable
    public Long seed() {
        return seed;
    }

    /**
     * The recipe with what was asked for: on the command line, else in the file, else the defaults.
     *
     * @throws InputException if a value is wrong
     */
    public Recipe apply(Recipe defaults) {
        Recipe base = config == null ? defaults : RecipeFile.read(config, defaults);
        Set<?> inFile = inFile().keySet();
        Map<String, @Nullable Object> values = RecipeFile.values(base);
        put(values, "seed", seed);
        put(values, "pruneEpochs", epochs);
        int pruning = epochs == null ? base.pruneEpochs() : epochs;
        if (isForOthers(inFile, "klWarmupEpochs", "pruneEpochs", pruning, base.pruneEpochs(), defaults.pruneEpochs())) {
            values.put("klWarmupEpochs", Recipe.warmup(base.klWarmupEpochs(), pruning));
        }
        put(values, "pretrainEpochs", pretrainEpochs);
        int training = pretrainEpochs == null ? base.pretrainEpochs() : pretrainEpochs;
        if (isForOthers(
                inFile, "warmupEpochs", "pretrainEpochs", training, base.pretrainEpochs(), defaults.pretrainEpochs())) {
            values.put("warmupEpochs", Recipe.warmup(base.warmupEpochs(), training));
        }
        put(values, "finetuneEpochs", finetuneEpochs);
        put(values, "batchSize", batchSize);
        put(values, "pretrainLearningRate", learningRate);
        put(values, "learningRate", learningRate);
        put(values, "noiseLearningRate", noiseLearningRate);
        put(values, "threshold", threshold);
        put(values, "decide", decide == null ? null : rule(decide));
        put(values, "patienceEpochs", patience);
        put(values, "holdOut", holdOut);
        put(values, "precision", precision);
        String changes = "none".equals(augment) ? "" : augment;
        put(values, "pretrainAugmentation", changes);
        put(values, "augmentation", changes);
        if (strength != null) {
            values.put("strength", strength);
            values.put("klWeights", Map.of());
        }
        put(values, "klWeights", klWeights);
        boolean fixedInFile = inFile.contains("strength") || inFile.contains("klWeights");
        if (strength != null || klWeights != null || (fixedInFile && !inFile.contains("tolerance"))) {
            values.put("tolerance", 0);
        }
        put(values, "tolerance", tolerance);
        try {
            return RecipeFile.recipe(values, "");
        } catch (InputException e) {
            // Names of hyper-parameters are those of a file; whoever typed an option may never have seen one.
            String message = String.valueOf(e.getMessage());
            throw new InputException(
                    ABOUT.matcher(message).replaceFirst(m -> OPTIONS.getOrDefault(m.group(1), m.group(1)) + ":"), e);
        }
    }

    /**
     * Whether epochs of growth were chosen for another number of epochs: by a file that names both, or by the defaults. A file that names
     * the growth alone means it for any number.
     */
    private static boolean isForOthers(
            Set<?> inFile, String growth, String epochs, int asked, int ofFile, int ofDefaults) {
        return inFile.contains(growth) ? inFile.contains(epochs) && asked != ofFile : asked != ofDefaults;
    }

    /**
     * Checks that what was asked for means something to one of the methods, and the same thing to all of them.
     *
     * @throws InputException if an option would do nothing, or two things
     */
    public void requireFor(Collection<MethodChoice> methods) {
        Set<MethodChoice> pushed = among(methods, MethodChoice.SBPA, MethodChoice.SSL);
        if (strength != null) {
            requireTaker("--strength", pushed, methods, "sbpa or ssl");
        }
        if (pushed.size() > 1 && (strength != null || inFile().containsKey("strength"))) {
            throw new InputException((strength != null ? "--strength" : config + ": strength")
                    + " is measured otherwise by sbpa than by ssl; choose one of them with --methods");
        }
        if (klWeights != null) {
            requireTaker("--kl-weights", among(methods, MethodChoice.SBPA), methods, "sbpa");
        }
        if (klWeights != null && strength != null) {
            throw new InputException("--strength and --kl-weights both say how hard sbpa pushes; choose one of them");
        }
        requirePruning(methods);
        Set<MethodChoice> noisy = among(methods, MethodChoice.SBP, MethodChoice.SBPA);
        if (threshold != null || decide != null) {
            requireTaker(threshold == null ? "--decide" : "--threshold", noisy, methods, "sbp or sbpa");
        }
        if (tolerance != null) {
            requireTaker("--tolerance", noisy, methods, "sbp or sbpa");
        }
        if (noiseLearningRate != null) {
            Set<MethodChoice> all = among(methods, MethodChoice.SBP, MethodChoice.SBPA, MethodChoice.SPARSEVD);
            requireTaker("--noise-learning-rate", all, methods, "sbp, sbpa or sparsevd");
        }
        requireThreshold(threshold, decide);
    }

    /** What is said of a pruning phase; beside epochs of ordinary training it is accepted, so that one line does for all methods. */
    private void requirePruning(Collection<MethodChoice> methods) {
        if (pretrainEpochs != null) {
            return;
        }
        Set<MethodChoice> pruning = new HashSet<>(methods);
        pruning.remove(MethodChoice.ORIGINAL);
        if (epochs != null) {
            requireTaker("--epochs", pruning, methods, "--pretrain-epochs");
        }
        if (finetuneEpochs != null) {
            requireTaker("--finetune-epochs", pruning, methods, "--pretrain-epochs");
        }
        if (patience != null) {
            requireTaker("--patience", pruning, methods, "a method that prunes");
        }
    }

    private static Set<MethodChoice> among(Collection<MethodChoice> methods, MethodChoice... takers) {
        return methods.stream().filter(List.of(takers)::contains).collect(Collectors.toSet());
    }

    private static void requireTaker(
            String option, Set<MethodChoice> takers, Collection<MethodChoice> methods, String expected) {
        if (takers.isEmpty()) {
            throw new InputException(option + " does nothing with --method "
                    + methods.stream().map(Format::lower).collect(Collectors.joining(",")) + ", expected " + expected);
        }
    }

    /**
     * Checks that a threshold is asked for only where the rule has one.
     *
     * @throws InputException if it would do nothing
     */
    public static void requireThreshold(@Nullable Double threshold, @Nullable String decide) {
        if (threshold != null && decide != null && !rule(decide).equals(PruneRules.SNR)) {
            throw new InputException("--threshold does nothing with --decide " + decide + ", expected snr");
        }
    }

    /** What the file names, as it stands there; nothing without a file. */
    private Map<?, ?> inFile() {
        return config == null ? Map.of() : RecipeFile.given(config);
    }

    /** The batch size that was asked for, on the command line or in the file; 0 for none. */
    public int batchSize() {
        if (batchSize == null && inFile().get("batchSize") instanceof Integer n) {
            return n;
        }
        return batchSize == null ? 0 : batchSize;
    }

    /**
     * The name of a rule.
     *
     * @throws InputException if there is none of that name
     */
    public static String rule(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!PruneRules.names().contains(lower)) {
            throw new InputException("--decide '" + name + "' is unknown, " + Nearest.of(name, PruneRules.names()));
        }
        return lower;
    }

    private static void put(Map<String, @Nullable Object> values, String key, @Nullable Object value) {
        if (value != null) {
            values.put(key, value);
        }
    }
}
