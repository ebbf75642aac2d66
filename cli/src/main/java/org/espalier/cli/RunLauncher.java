package org.espalier.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.espalier.cli.console.Console;
import org.espalier.cli.console.ConsoleListener;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.options.RunOptions;
import org.espalier.data.Splits;
import org.espalier.job.Format;
import org.espalier.job.InputException;
import org.espalier.job.Json;
import org.espalier.job.PruningJob;
import org.espalier.job.PruningReport;
import org.espalier.job.PruningResult;
import org.espalier.job.RecipeFile;
import org.espalier.job.RunConfiguration;
import org.espalier.job.RunFolder;
import org.espalier.job.RunRequest;
import org.espalier.job.Setting;
import org.espalier.job.SourceModel;
import org.espalier.method.PruningMethods;
import org.espalier.onnx.OnnxReader;
import org.espalier.zoo.Zoo;
import org.jspecify.annotations.Nullable;

/**
 * Begins runs and goes on with them.
 *
 * @param command what to type to go on, such as {@code espalier train}
 */
record RunLauncher(String command, RunOptions options, Duration timing, Console console) {
    RunLauncher {
        options.interval();
    }

    /** What the command line says about a run that is there already. */
    interface Asked {
        /** The run's configuration with everything that the command line gives in the place of what the run was begun with. */
        RunConfiguration over(RunConfiguration begun, SourceModel start);

        /** Opens the run's data. */
        Splits data(RunConfiguration begun);
    }

    /**
     * Makes a folder and does everything in there.
     *
     * @param name of the network or file, of which the default folder's name is made
     * @return the exit code
     */
    int begin(RunRequest<?> request, String name, PruningMethods method, long seed) {
        Path folder = folder(name, method, seed);
        ConsoleListener listener = new ConsoleListener(console);
        request.timing(timing)
                .checkpointInterval(options.interval())
                .goOn(goOn(folder))
                .listener(listener);
        try {
            PruningResult result = listener.stoppable(() -> request.into(folder));
            return print(result.report(), result.pruned());
        } catch (InputException e) {
            boolean goesOn = e.setting().equals(Optional.of(Setting.FOLDER)) && RunFolder.holdsRun(folder);
            throw goesOn ? new InputException(e.getMessage() + " (--resume " + folder + ", --out)", e) : e;
        }
    }

    /**
     * Goes on where a run was interrupted. A run that is finished stays as it is.
     *
     * @return the exit code
     * @throws InputException if there is no such run, or the command line asks for another one
     */
    int resume(Path run, Asked asked) {
        try (RunFolder folder = RunFolder.open(run)) {
            RunConfiguration c = folder.readConfiguration(RunConfiguration.class);
            if (options.startOver() && folder.isFinished()) {
                throw new InputException("--start-over: the run in " + run + " is finished; begin another one");
            }
            boolean hasStart = Files.exists(folder.start());
            if (!hasStart && !folder.isFinished()) {
                throw new InputException("run folder '" + run + "': cannot be gone on with, expected a file "
                        + folder.start().getFileName() + " in it; begin again with another --out");
            }
            SourceModel start =
                    SourceModel.of(c.network(), OnnxReader.read(hasStart ? folder.start() : folder.original()));
            requireSame(run, c, asked.over(c, start).decidedAs(c));
            if (folder.isFinished()) {
                folder.tidyUp();
                JsonNode report = RunFolder.readReport(run);
                console.result(Json.map(report), "");
                console.note("espalier: " + run + " is finished already; " + folder.pruned() + " is the result");
                return ExitCode.DONE;
            }
            int threads = options.threads(c.threads());
            if (threads != c.threads()) {
                console.note("espalier: the run began with --threads " + c.threads() + "; with " + threads
                        + " sums are rounded differently");
            }
            Splits data = asked.data(c);
            start.requireFit(data, c.recipe(), c.task());
            folder.requireOwnFiles();
            if (options.startOver()) {
                folder.forgetMetrics();
            }
            ConsoleListener listener = new ConsoleListener(console);
            PruningJob job = new PruningJob(c.withThreads(threads), folder, listener)
                    .timing(timing)
                    .checkpoints(new PruningJob.Checkpointing(options.interval(), !options.startOver(), goOn(run)));
            return print(listener.stoppable(() -> job.run(start, data)), folder.pruned());
        }
    }

    private String goOn(Path folder) {
        return "'" + command + " --resume " + folder + "'";
    }

    /** A run that removed none though it was to, or missed its budget, has failed, though its folder is whole. */
    private int print(PruningReport report, Path pruned) {
        console.result(report.data(), ReportTable.text(report));
        boolean failed = report.removedNothing();
        console.note("espalier: " + pruned + (failed ? " is the original: no unit was removed" : " is the result"));
        return failed || report.isBudgetMissed() ? ExitCode.FAILED : ExitCode.DONE;
    }

    /** What was asked for, or a name that says what the run is. */
    private Path folder(String network, PruningMethods method, long seed) {
        Path out = options.out();
        if (out != null) {
            return out;
        }
        // A network of the zoo may have a colon in its name, which not every system takes for a path.
        String name = Zoo.contains(network)
                ? network
                : String.valueOf(Path.of(network).getFileName());
        return Path.of(
                "runs", name.replace(".onnx", "").replace(':', '-') + "-" + Format.lower(method) + "-seed" + seed);
    }

    private static void requireSame(Path run, RunConfiguration begun, RunConfiguration asked) {
        Map<String, @Nullable Object> there = values(begun);
        values(asked).forEach((name, value) -> {
            Object found = there.get(name);
            if (!Objects.equals(value, found)) {
                throw new InputException("run folder '" + run + "': was begun with " + name + " " + found
                        + ", the command line says " + value + "; leave that option away, or begin another run");
            }
        });
    }

    private static Map<String, @Nullable Object> values(RunConfiguration c) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("network", c.network());
        all.put("data", c.data());
        all.put("pictures", c.images());
        all.put("method", Format.lower(c.method()));
        all.put("output", c.task().output());
        all.put("classifier", c.task().classifier());
        all.put("layers", c.task().layers());
        all.put("device", c.device());
        all.put("fixed inputs", c.fixed());
        all.putAll(RecipeFile.values(c.recipe()));
        return all;
    }
}
