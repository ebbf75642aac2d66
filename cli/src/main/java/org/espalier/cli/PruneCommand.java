package org.espalier.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.espalier.channels.ChannelGroups;
import org.espalier.data.LabelKind;
import org.espalier.data.Splits;
import org.espalier.runtime.Inputs;
import org.espalier.train.LayerChoice;
import org.espalier.train.Recipe;
import org.espalier.train.Recipes;
import org.espalier.train.Task;
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

    @Parameters(paramLabel = "MODEL.onnx", description = "A trained network.")
    private String model;

    @Mixin
    private DataChoice data;

    @Mixin
    private LayerOptions layers;

    @Mixin
    private RecipeOptions options;

    @Mixin
    private TimingOptions timing;

    @Option(names = "--method", paramLabel = "sbp|sbpa", description = "What prunes (default: sbpa).")
    private MethodChoice method = MethodChoice.SBPA;

    @Option(
            names = "--teacher",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Learn from the original network's outputs, too: labels are optional (default: on).")
    private boolean teacher;

    @Option(names = "--output", paramLabel = "NAME", description = "The output that labels belong to (default: first).")
    private @Nullable String output;

    @Option(names = "--out", paramLabel = "RUN", description = "The run's folder (default: runs/MODEL-METHOD-seedN).")
    private @Nullable Path out;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: all processors).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Override
    public Integer call() {
        Checks.atLeastOne("--threads", threads);
        Duration budget = timing.budget();
        if (method != MethodChoice.SBP && method != MethodChoice.SBPA) {
            throw new InputException("--method must prune a network of any kind, expected sbp or sbpa, found "
                    + Format.lower(method) + "; train has the others");
        }
        UserModel network = UserModel.of(model, Models.load(model, 0));
        network.requireTrainable();
        LayerChoice choice = layers.of(network.prepared());
        ChannelGroups groups = choice.groups(network.prepared());
        network.requirePrunable(groups);
        Splits splits = data.open(network.prepared());
        if (!teacher && splits.train().labelKind() == LabelKind.NONE) {
            throw new InputException("data set '" + data.name()
                    + "' must have labels with --no-teacher, expected an array y, found none");
        }
        Recipe recipe = recipe(network, splits);
        network.requireFit(splits, output, recipe);
        Console console = espalier.console();
        UserModel.reasons(groups).forEach(line -> console.note("espalier: " + line));
        RunConfiguration c = new RunConfiguration(
                model,
                data.name(),
                data.folder(),
                data.images(network.prepared()),
                method,
                threads,
                new Task(output, true, choice),
                recipe);
        PruneJob.execute(out, c, network, splits, budget, console);
        return Espalier.DONE;
    }

    private Recipe recipe(UserModel network, Splits splits) {
        int fixed = Inputs.fixedBatch(network.prepared().inputs());
        Recipe r = options.apply(Recipes.user(splits.train().size(), teacher, fixed));
        if (fixed > 0 && r.batchSize() != fixed) {
            throw new InputException(
                    "--batch-size must be what the network takes, expected " + fixed + ", found " + r.batchSize());
        }
        return r;
    }
}
