package org.espalier.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.espalier.cli.options.Checks;
import org.espalier.cli.options.DataChoice;
import org.espalier.cli.options.FixOption;
import org.espalier.cli.options.RecipeOptions;
import org.espalier.cli.options.RunOptions;
import org.espalier.cli.options.TimingOptions;
import org.espalier.data.Splits;
import org.espalier.job.Espalier;
import org.espalier.job.RunConfiguration;
import org.espalier.job.SourceModel;
import org.espalier.job.TrainRequest;
import org.espalier.method.PruningMethods;
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
    private EspalierCommand espalier;

    @Parameters(
            arity = "0..1",
            paramLabel = "NETWORK|MODEL.onnx",
            description = "A built-in network, or a file to start from.")
    private @Nullable String network;

    @Mixin
    private DataChoice data;

    @Mixin
    private FixOption fix;

    @Mixin
    private RecipeOptions options;

    @Mixin
    private RunOptions run;

    @Mixin
    private TimingOptions timing;

    @Option(
            names = "--method",
            paramLabel = "original|sbp|sbpa|sparsevd|ssl",
            description = "What prunes (default: sbpa).")
    private @Nullable PruningMethods method;

    @Override
    public Integer call() {
        int threads = run.threads();
        RunLauncher launcher = new RunLauncher("espalier train", run, timing.budget(), espalier.console());
        Path unfinished = run.resume();
        if (unfinished != null) {
            return launcher.resume(unfinished, new Again());
        }
        String name = Checks.given("NETWORK|MODEL.onnx", network);
        PruningMethods how = method == null ? PruningMethods.SBPA : method;
        options.requireFor(List.of(how));
        TrainRequest request = Espalier.train(name)
                .data(data.source(espalier.console()))
                .method(how)
                .fix(fix.values())
                .recipe(options::apply)
                .threads(threads)
                .device(run.device(RunConfiguration.CPU));
        return launcher.begin(
                request, name, how, options.apply(how.defaults(name)).batches().seed());
    }

    /** The same run again, with what the command line says of it. */
    private final class Again implements RunLauncher.Asked {
        @Override
        public RunConfiguration over(RunConfiguration begun, SourceModel start) {
            return new RunConfiguration(
                            network == null ? begun.network() : network,
                            data.nameOr(begun.data()),
                            begun.dataDir(),
                            data.imagesOr(begun.images(), start.prepared()),
                            method == null ? begun.method() : method,
                            begun.threads(),
                            run.device(begun.device()),
                            begun.task(),
                            options.apply(begun.recipe()))
                    .withFixed(fix.over(begun.fixed()))
                    .withLabels(data.labelsOr(begun.labels()));
        }

        @Override
        public Splits data(RunConfiguration begun) {
            return data.open(begun, espalier.console());
        }
    }
}
