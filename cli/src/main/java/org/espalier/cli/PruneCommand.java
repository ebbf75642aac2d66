package org.espalier.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.espalier.cli.console.Console;
import org.espalier.cli.options.Checks;
import org.espalier.cli.options.DataChoice;
import org.espalier.cli.options.FixOption;
import org.espalier.cli.options.LayerOptions;
import org.espalier.cli.options.RecipeOptions;
import org.espalier.cli.options.RunOptions;
import org.espalier.cli.options.TimingOptions;
import org.espalier.data.Splits;
import org.espalier.job.Espalier;
import org.espalier.job.Format;
import org.espalier.job.InputException;
import org.espalier.job.ModelNames;
import org.espalier.job.PruneRequest;
import org.espalier.job.RunConfiguration;
import org.espalier.job.SourceModel;
import org.espalier.method.MethodSetting;
import org.espalier.method.PruningMethods;
import org.espalier.recipe.PruningTask;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code espalier prune}: the whole job on a network that is trained already. */
@Command(
        name = "prune",
        mixinStandardHelpOptions = true,
        description = "Prunes a trained network of any kind: noise, removal, fine-tuning, proof and report.")
final class PruneCommand implements Callable<Integer> {
    @ParentCommand
    private EspalierCommand espalier;

    @Parameters(arity = "0..1", paramLabel = "MODEL.onnx", description = "A trained network.")
    private @Nullable String model;

    @Mixin
    private DataChoice data;

    @Mixin
    private LayerOptions layers;

    @Mixin
    private FixOption fix;

    @Mixin
    private RecipeOptions options;

    @Mixin
    private RunOptions run;

    @Mixin
    private TimingOptions timing;

    @Option(names = "--method", paramLabel = "sbp|sbpa", description = "What prunes (default: sbpa).")
    private @Nullable PruningMethods method;

    @Option(
            names = "--teacher",
            negatable = true,
            fallbackValue = "true",
            description = "Learn from the original network's outputs, too: labels are optional (default: on).")
    private @Nullable Boolean teacher;

    @Option(
            names = "--batch-statistics",
            description = "Normalise by the statistics of each batch while training, and keep their mean, instead of by"
                    + " the network's own: for much data in large batches.")
    private boolean batchStatistics;

    @Option(
            names = "--output",
            paramLabel = "NAME",
            description = "The output that labels belong to (default: the first of floats).")
    private @Nullable String output;

    @Option(
            names = "--classifier",
            description =
                    "That output has a score for each class, which data without labels do not say: what it answers"
                            + " is kept, not each number.")
    private boolean classifier;

    @Override
    public Integer call() {
        int threads = run.threads();
        Console console = espalier.console();
        RunLauncher launcher = new RunLauncher("espalier prune", run, timing.budget(), console);
        if (method != null && !method.has(MethodSetting.RULE)) {
            throw new InputException("--method must prune a network of any kind, expected sbp or sbpa, found "
                    + Format.lower(method) + "; train has the others");
        }
        Path unfinished = run.resume();
        if (unfinished != null) {
            return launcher.resume(unfinished, new Again());
        }
        String file = Checks.given("MODEL.onnx", model);
        PruningMethods how = method == null ? PruningMethods.SBPA : method;
        options.requireFor(List.of(how));
        PruneRequest request = Espalier.prune(file, ModelNames.load(file, 0))
                .data(data.source(console))
                .method(how)
                .layers(layers::of)
                .fix(fix.values())
                .teacher(teacher == null || teacher)
                .output(output)
                .classifier(classifier)
                .batchSize(options.batchSize())
                .recipe(this::apply)
                .threads(threads)
                .device(run.device(RunConfiguration.CPU));
        return launcher.begin(
                request, file, how, apply(Recipes.user(1, true, 1)).batches().seed());
    }

    private Recipe apply(Recipe defaults) {
        Recipe r = options.apply(defaults);
        return batchStatistics ? r.withPhases(p -> p.withFrozenStatistics(false)) : r;
    }

    /** The same run again, with what the command line says of it. */
    private final class Again implements RunLauncher.Asked {
        @Override
        public RunConfiguration over(RunConfiguration begun, SourceModel start) {
            PruningTask task = begun.task();
            Recipe recipe = apply(begun.recipe());
            if (teacher != null && teacher != (recipe.distillation().share() > 0)) {
                double share = teacher ? Recipes.TEACHER_SHARE : 0;
                recipe = recipe.withDistillation(d -> d.withShare(share));
            }
            return new RunConfiguration(
                            model == null ? begun.network() : model,
                            data.nameOr(begun.data()),
                            begun.dataDir(),
                            data.imagesOr(begun.images(), start.prepared()),
                            method == null ? begun.method() : method,
                            begun.threads(),
                            run.device(begun.device()),
                            new PruningTask(
                                    output == null ? task.output() : output,
                                    classifier || task.classifier(),
                                    layers.over(task.layers(), start.prepared())),
                            recipe)
                    .withFixed(fix.over(begun.fixed()))
                    .withLabels(data.labelsOr(begun.labels()));
        }

        @Override
        public Splits data(RunConfiguration begun) {
            return data.open(begun, espalier.console());
        }
    }
}
