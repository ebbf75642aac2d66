package org.espalier.cli.options;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.espalier.bayes.PruneRules;
import org.espalier.job.InputException;
import org.espalier.job.Nearest;
import org.espalier.job.RecipeFile;
import org.espalier.method.MethodSetting;
import org.espalier.method.PruningMethods;
import org.espalier.recipe.BatchSettings;
import org.espalier.recipe.LassoSettings;
import org.espalier.recipe.NoiseSettings;
import org.espalier.recipe.PhaseSettings;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.RuleSettings;
import org.espalier.torch.Precision;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that change a network's default recipe; what is not given stays. */
public final class RecipeOptions {
    private static final String ORDINARY = "; --pretrain-epochs says how long ordinary training takes";

    /** The option that sets what a recipe has at a path, for messages about what was typed. */
    private static final Map<String, String> OPTIONS = Map.ofEntries(
            Map.entry("pruning.epochs", "--epochs"),
            Map.entry("pretraining.epochs", "--pretrain-epochs"),
            Map.entry("finetuning.epochs", "--finetune-epochs"),
            Map.entry("batches.size", "--batch-size"),
            Map.entry("pretraining.learningRate", "--learning-rate"),
            Map.entry("noise.learningRate", "--noise-learning-rate"),
            Map.entry("noise.weights.strength", "--strength"),
            Map.entry("lasso.strength", "--lasso"),
            Map.entry("noise.tolerance", "--tolerance"),
            Map.entry("noise.weights.groups", "--kl-weights"),
            Map.entry("rule.threshold", "--threshold"),
            Map.entry("rule.patienceEpochs", "--patience"),
            Map.entry("budget.targets", "--target"),
            Map.entry("budget.maxError", "--max-error"),
            Map.entry("budget.latencyThreads", "--latency-threads"),
            Map.entry("budget.latencyBatch", "--latency-batch"),
            Map.entry("noise.warmStartBatches", "--warm-start-batches"),
            Map.entry("batches.holdOut", "--hold-out"),
            Map.entry("pretraining.augmentation", "--augment"));

    private static final Pattern ABOUT = Pattern.compile("recipe '([\\w.]+)':");

    @Option(names = "--config", paramLabel = "FILE.yaml", description = "Settings of the recipe; a run.yaml will do.")
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
            description = "How hard sbpa pushes: factor of the divergence's weights (replaces weights by group).")
    private @Nullable Double strength;

    @Option(names = "--lasso", paramLabel = "X", description = "How hard ssl pushes: factor of the lasso's weights.")
    private @Nullable Double lasso;

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

    @Mixin
    private BudgetOptions budget = new BudgetOptions();

    @Option(
            names = "--warm-start-batches",
            paramLabel = "N",
            description = "Batches of 16 examples from which the first noise is estimated; 0, the default, begins"
                    + " with almost none.")
    private @Nullable Integer warmStartBatches;

    @Option(names = "--hold-out", paramLabel = "N", description = "Training examples to measure on, not to train on.")
    private @Nullable Integer holdOut;

    @Option(
            names = "--augment",
            paramLabel = "CHANGES",
            description =
                    "Random changes of training pictures, joined by +: cropN, flip, cutoutN, brightnessX, contrastX; none for none.")
    private @Nullable String augment;

    @Option(
            names = "--precision",
            paramLabel = "auto|float32|mixed",
            description = "Of products while training; auto: mixed (bfloat16) where that is faster.")
    private @Nullable Precision precision;

    /** {@return the seed that was asked for; null for none} */
    @Nullable
    public Long seed() {
        return seed;
    }

    /**
     * Makes the recipe. A value comes from the command line, else from the file, else from the defaults.
     *
     * @param defaults the method's defaults
     * @return the recipe
     * @throws InputException if a value is wrong
     */
    public Recipe apply(Recipe defaults) {
        Recipe base = config == null ? defaults : RecipeFile.read(config, defaults);
        Set<String> inFile = inFile();
        try {
            return push(lengths(common(base), inFile, defaults), inFile);
        } catch (IllegalArgumentException e) {
            // Paths are those of a file; whoever typed an option may never have seen one.
            throw new InputException(
                    ABOUT.matcher(String.valueOf(e.getMessage())).replaceFirst(m -> option(m.group(1)) + ":"), e);
        }
    }

    /** The option that sets a path, or the map at its beginning. */
    private static String option(String path) {
        return OPTIONS.entrySet().stream()
                .filter(e -> path.equals(e.getKey()) || path.startsWith(e.getKey() + "."))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(path);
    }

    /** With what means the same in any phase. */
    private Recipe common(Recipe base) {
        String changes = "none".equals(augment) ? "" : augment;
        return base.withBudget(budget::apply)
                .withPhases(p -> set(
                        set(p, learningRate, PhaseSettings::withLearningRate),
                        changes,
                        PhaseSettings::withAugmentation))
                .withNoise(n -> set(
                        set(n, noiseLearningRate, NoiseSettings::withLearningRate),
                        warmStartBatches,
                        NoiseSettings::withWarmStartBatches))
                .withRule(r -> set(
                        set(
                                set(r, threshold, RuleSettings::withThreshold),
                                decide == null ? null : rule(decide),
                                RuleSettings::withDecide),
                        patience,
                        RuleSettings::withPatienceEpochs))
                .withBatches(b -> set(
                        set(
                                set(set(b, seed, BatchSettings::withSeed), batchSize, BatchSettings::withSize),
                                holdOut,
                                BatchSettings::withHoldOut),
                        precision,
                        BatchSettings::withPrecision));
    }

    private static <T, V> T set(T settings, @Nullable V value, BiFunction<T, V, T> change) {
        return value == null ? settings : change.apply(settings, value);
    }

    /** With other numbers of epochs, and what grows over them. */
    private Recipe lengths(Recipe base, Set<String> inFile, Recipe defaults) {
        PhaseSettings pre = base.pretraining();
        int training = pretrainEpochs == null ? pre.epochs() : pretrainEpochs;
        int pruning = epochs == null ? base.pruning().epochs() : epochs;
        int tuning = finetuneEpochs == null ? base.finetuning().epochs() : finetuneEpochs;
        boolean rise = isForOthers(
                inFile,
                "pretraining.warmupEpochs",
                "pretraining.epochs",
                training,
                pre.epochs(),
                defaults.pretraining().epochs());
        boolean growth = isForOthers(
                inFile,
                "noise.epochsUntilFull",
                "pruning.epochs",
                pruning,
                base.pruning().epochs(),
                defaults.pruning().epochs());
        return base.withPretraining(p -> p.withEpochs(training)
                        .withWarmupEpochs(rise ? Recipe.warmup(p.warmupEpochs(), training) : p.warmupEpochs()))
                .withPruning(p -> p.withEpochs(pruning))
                .withFinetuning(p -> p.withEpochs(tuning))
                .withNoise(n -> growth ? n.withEpochsUntilFull(Recipe.warmup(n.epochsUntilFull(), pruning)) : n);
    }

    /** With how hard units are pushed. Whoever fixes weights does not want them steered. */
    private Recipe push(Recipe base, Set<String> inFile) {
        boolean fixedInFile = inFile.stream().anyMatch(path -> path.startsWith("noise.weights."));
        boolean fixed = strength != null || klWeights != null || (fixedInFile && !inFile.contains("noise.tolerance"));
        return base.withLasso(l -> set(l, lasso, LassoSettings::withStrength))
                .withNoise(n -> set(
                        set(
                                set(
                                        set(n, strength, RecipeOptions::byCompute),
                                        klWeights,
                                        (m, w) -> m.withWeights(x -> x.withGroups(w))),
                                fixed ? 0.0 : null,
                                NoiseSettings::withTolerance),
                        tolerance,
                        NoiseSettings::withTolerance));
    }

    private static NoiseSettings byCompute(NoiseSettings n, double strength) {
        return n.withWeights(w -> w.withStrength(strength).withGroups(Map.of()));
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
     * Checks that each option means something to at least one of the methods.
     *
     * @param methods the methods that will run
     * @throws InputException if an option would do nothing, or two options contradict each other
     */
    public void requireFor(Collection<PruningMethods> methods) {
        requireTaker("--strength", strength, MethodSetting.DIVERGENCE_WEIGHTS, methods);
        requireTaker("--kl-weights", klWeights, MethodSetting.DIVERGENCE_WEIGHTS, methods);
        if (klWeights != null && strength != null) {
            throw new InputException("--strength and --kl-weights both say how hard sbpa pushes; choose one of them");
        }
        requireTaker("--lasso", lasso, MethodSetting.LASSO, methods);
        if (pretrainEpochs == null) {
            // Beside epochs of ordinary training these are accepted, so that one line does for all methods.
            requireTaker("--epochs", epochs, MethodSetting.PRUNING_PHASE, methods, ORDINARY);
            requireTaker("--finetune-epochs", finetuneEpochs, MethodSetting.PRUNING_PHASE, methods, ORDINARY);
            requireTaker("--patience", patience, MethodSetting.PRUNING_PHASE, methods);
        }
        requireTaker("--threshold", threshold, MethodSetting.RULE, methods);
        requireTaker("--decide", decide, MethodSetting.RULE, methods);
        requireTaker("--tolerance", tolerance, MethodSetting.TOLERANCE, methods);
        requireTaker(budget.given(), budget.given(), MethodSetting.BUDGET, methods);
        if (tolerance != null && budget.hasTargets()) {
            throw new InputException(
                    "--tolerance does nothing with --target, which says how hard to push; leave one away");
        }
        requireTaker("--warm-start-batches", warmStartBatches, MethodSetting.UNIT_NOISE, methods);
        requireTaker("--noise-learning-rate", noiseLearningRate, MethodSetting.NOISE_RATE, methods);
        requireThreshold(threshold, decide);
    }

    private static void requireTaker(
            @Nullable String option,
            @Nullable Object given,
            MethodSetting setting,
            Collection<PruningMethods> methods) {
        requireTaker(option, given, setting, methods, "");
    }

    private static void requireTaker(
            @Nullable String option,
            @Nullable Object given,
            MethodSetting setting,
            Collection<PruningMethods> methods,
            String otherwise) {
        if (given != null && methods.stream().noneMatch(m -> m.has(setting))) {
            throw new InputException(option + " does nothing with --method " + names(methods) + ", expected one of "
                    + names(Arrays.stream(PruningMethods.values())
                            .filter(m -> m.has(setting))
                            .toList())
                    + otherwise);
        }
    }

    private static String names(Collection<PruningMethods> methods) {
        return methods.stream().map(PruningMethods::toString).collect(Collectors.joining(","));
    }

    /**
     * Checks that a threshold is asked for only where the rule has one.
     *
     * @param threshold the threshold; null for none
     * @param decide the rule's name; null for the default
     * @throws InputException if it would do nothing
     */
    public static void requireThreshold(@Nullable Double threshold, @Nullable String decide) {
        if (threshold != null && decide != null && !rule(decide).equals(PruneRules.SNR)) {
            throw new InputException("--threshold does nothing with --decide " + decide + ", expected snr");
        }
    }

    /** The paths that the file names; none without a file. */
    private Set<String> inFile() {
        return config == null ? Set.of() : RecipeFile.named(config);
    }

    /** {@return the batch size from the command line or the file; 0 for none} */
    public int batchSize() {
        if (batchSize != null || config == null || !inFile().contains("batches.size")) {
            return batchSize == null ? 0 : batchSize;
        }
        return RecipeFile.read(config, Recipe.DEFAULT).batches().size();
    }

    /**
     * Checks the name of a rule.
     *
     * @param name the name
     * @return the same name
     * @throws InputException if no rule has it
     */
    public static String rule(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!PruneRules.names().contains(lower)) {
            throw new InputException("--decide '" + name + "' is unknown, " + Nearest.of(name, PruneRules.names()));
        }
        return lower;
    }
}
