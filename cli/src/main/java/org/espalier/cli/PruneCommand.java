package org.espalier.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.espalier.channels.ChannelGroups;
import org.espalier.cli.console.Console;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.options.Checks;
import org.espalier.cli.options.DataChoice;
import org.espalier.cli.options.LayerOptions;
import org.espalier.cli.options.RecipeOptions;
import org.espalier.cli.options.RunOptions;
import org.espalier.cli.options.TimingOptions;
import org.espalier.data.LabelKind;
import org.espalier.data.Splits;
import org.espalier.graph.Value;
import org.espalier.job.ExportCheck;
import org.espalier.job.Format;
import org.espalier.job.InputException;
import org.espalier.job.MemoryEstimate;
import org.espalier.job.ModelNames;
import org.espalier.job.RunConfiguration;
import org.espalier.job.SourceModel;
import org.espalier.method.MethodSetting;
import org.espalier.method.PruningMethods;
import org.espalier.recipe.LayerChoice;
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
    private Espalier espalier;

    @Parameters(arity = "0..1", paramLabel = "MODEL.onnx", description = "A trained network.")
    private @Nullable String model;

    @Mixin
    private DataChoice data;

    @Mixin
    private LayerOptions layers;

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
        RunLauncher runs = new RunLauncher("espalier prune", run, timing.budget(), console);
        if (method != null && !method.has(MethodSetting.RULE)) {
            throw new InputException("--method must prune a network of any kind, expected sbp or sbpa, found "
                    + Format.lower(method) + "; train has the others");
        }
        Path unfinished = run.resume();
        if (unfinished != null) {
            runs.resume(unfinished, new Again());
            return ExitCode.DONE;
        }
        String file = Checks.given("MODEL.onnx", model);
        data.name();
        PruningMethods how = method == null ? PruningMethods.SBPA : method;
        options.requireFor(List.of(how));
        SourceModel network = SourceModel.of(file, ModelNames.load(file, 0));
        network.requireTrainable();
        LayerChoice choice = layers.of(network.prepared());
        boolean learn = teacher == null || teacher;
        Recipe asked = apply(Recipes.user(1, learn, 1));
        if (!asked.pruning().frozenStatistics() && !choice.leavesNothingAlone()) {
            throw new InputException(
                    "--batch-statistics (frozenStatistics: false in a file) would change layers that --only and"
                            + " --except leave alone; choose one of them");
        }
        ChannelGroups groups = choice.groups(network.prepared());
        network.requirePrunable(groups);
        network.requireGroups(asked);
        runs.requireNone(file, how, asked, data.name());
        SourceModel.requireClasses(file, network.prepared(), output, data.name(), data.folderClasses());
        Splits splits = data.open(network.prepared(), console);
        if (!learn && splits.train().labelKind() == LabelKind.NONE) {
            throw new InputException("data set '" + data.name()
                    + "' must have labels with --no-teacher, expected an array y, or one folder per class, found none");
        }
        Recipe recipe = recipe(network, splits, learn);
        PruningTask task = new PruningTask(output, classifier, choice);
        network.requireFit(splits, recipe, task);
        ExportCheck.requireRunnable(network, splits.test());
        SourceModel.reasons(groups).forEach(line -> console.note("espalier: " + line));
        RunConfiguration c = new RunConfiguration(
                file,
                data.name(),
                data.folder(),
                data.images(network.prepared()),
                how,
                threads,
                run.device(RunConfiguration.CPU),
                task,
                recipe);
        runs.begin(c, network, splits);
        return ExitCode.DONE;
    }

    private Recipe apply(Recipe defaults) {
        Recipe r = options.apply(defaults);
        return batchStatistics ? r.withPhases(p -> p.withFrozenStatistics(false)) : r;
    }

    private Recipe recipe(SourceModel network, Splits splits, boolean learn) {
        int fixed = Value.fixedBatch(network.prepared().inputs());
        int batch = fixed > 0 ? fixed : options.batchSize();
        Recipe defaults = Recipes.user(splits.train().size(), learn, batch);
        int room = MemoryEstimate.training(
                network.prepared(), splits.train(), defaults.batches().size());
        if (batch == 0 && room < defaults.batches().size()) {
            espalier.console()
                    .note("espalier: batches of " + room + " instead of "
                            + defaults.batches().size() + ", for which memory may not do; --batch-size chooses others");
            defaults = Recipes.user(splits.train().size(), learn, room);
        }
        Recipe r = apply(defaults);
        if (fixed > 0 && r.batches().size() != fixed) {
            throw new InputException("--batch-size must be what the network takes, expected " + fixed + ", found "
                    + r.batches().size());
        }
        return r;
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
                    recipe);
        }

        @Override
        public Splits data(RunConfiguration begun) {
            return data.open(begun, espalier.console());
        }
    }
}
