package org.espalier.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.espalier.data.Splits;
import org.espalier.train.Recipe;
import org.espalier.train.Task;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code espalier train}: trains a network, prunes it, writes both. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Trains a network, prunes it with a method, and writes the original and the smaller one as ONNX.")
final class TrainCommand implements Callable<Integer> {
    @ParentCommand
    private Espalier espalier;

    @Parameters(paramLabel = "NETWORK|MODEL.onnx", description = "A built-in network, or a file to start from.")
    private String network;

    @Mixin
    private DataChoice data;

    @Mixin
    private RecipeOptions options;

    @Mixin
    private TimingOptions timing;

    @Option(
            names = "--method",
            paramLabel = "original|sbp|sbpa|sparsevd|ssl",
            description = "What prunes (default: sbpa).")
    private MethodChoice method = MethodChoice.SBPA;

    @Option(names = "--out", paramLabel = "RUN", description = "The run's folder (default: runs/NETWORK-METHOD-seedN).")
    private @Nullable Path out;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: all processors).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Override
    public Integer call() {
        Checks.atLeastOne("--threads", threads);
        Recipe recipe = options.apply(method.recipe(network));
        UserModel model = UserModel.of(network, Models.load(network, recipe.seed()));
        Splits splits = data.open(model.prepared());
        model.requireTrainable();
        model.requireFit(splits, null, recipe);
        Duration budget = timing.budget();
        RunConfiguration c = new RunConfiguration(
                network,
                data.name(),
                data.folder(),
                data.images(model.prepared()),
                method,
                threads,
                Task.DEFAULT,
                recipe);
        PruneJob.execute(out, c, model, splits, budget, espalier.console());
        return Espalier.DONE;
    }
}
