package org.espalier.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.espalier.cli.console.Console;
import org.espalier.cli.console.ConsoleListener;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.options.Checks;
import org.espalier.cli.options.TimingOptions;
import org.espalier.data.sources.DataSets;
import org.espalier.job.Format;
import org.espalier.job.PruningJob;
import org.espalier.job.PruningReport;
import org.espalier.job.RunConfiguration;
import org.espalier.job.RunFolder;
import org.espalier.job.RunPlace;
import org.espalier.method.PruningMethods;
import org.espalier.recipe.PruningTask;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;
import org.espalier.zoo.Zoo;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code espalier demo}: the main job on built-in data, in about a minute. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Draws a data set of digits, trains LeNet-5 on it, prunes it, checks and times the result.")
final class DemoCommand implements Callable<Integer> {
    private static final String NETWORK = "lenet5";
    private static final String DATA = "digits";

    @ParentCommand
    private EspalierCommand espalier;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the training (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--out", paramLabel = "RUN", description = "Where the networks go (default: a temporary folder).")
    private @Nullable Path out;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: all processors).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--examples", hidden = true, description = "Digits to train on; a sixth of that to test on.")
    private int examples = 12_000;

    @Option(names = "--epochs", hidden = true, description = "Epochs with the noise; the other phases in proportion.")
    private @Nullable Integer epochs;

    @Mixin
    private TimingOptions timing;

    @Override
    public Integer call() {
        Checks.threads("--threads", threads);
        Checks.atLeastOne("--examples", examples);
        Console console = espalier.console();
        Duration budget = timing.budget();
        Recipe recipe = recipe();
        if (out != null) {
            RunPlace.requireFree(out);
        }
        int test = Math.max(1, examples / 6);
        console.note("espalier: drawing " + Format.count((long) examples + test)
                + " digits, training and pruning LeNet-5 on them; about a minute on two cores");
        try (RunFolder folder = RunFolder.create(out == null ? temporary() : out)) {
            RunConfiguration c = new RunConfiguration(
                    NETWORK,
                    DATA,
                    null,
                    null,
                    PruningMethods.SBPA,
                    threads,
                    RunConfiguration.CPU,
                    PruningTask.DEFAULT,
                    recipe);
            PruningReport report = new PruningJob(c, folder, new ConsoleListener(console))
                    .timing(budget)
                    .run(Zoo.build(NETWORK, seed), DataSets.digits(examples, test, 0));
            console.result(report.data(), ReportTable.text(report));
            console.note("espalier: " + folder.original() + " and " + folder.pruned());
        }
        return ExitCode.DONE;
    }

    private Recipe recipe() {
        Recipe r = Recipes.demo(seed);
        if (epochs == null) {
            return r;
        }
        Checks.atLeastOne("--epochs", epochs);
        double share = (double) epochs / r.pruning().epochs();
        return r.withEpochs(Math.max(1, (int) (share * r.pretraining().epochs())), epochs, Math.max(1, (int)
                (share * r.finetuning().epochs())));
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("espalier-demo");
        } catch (IOException e) {
            throw new UncheckedIOException("the temporary folder cannot be written; choose one with --out", e);
        }
    }
}
