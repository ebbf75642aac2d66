package org.espalier.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.espalier.cli.console.Console;
import org.espalier.cli.console.ConsoleListener;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.console.Progress;
import org.espalier.cli.options.Checks;
import org.espalier.cli.options.DataChoice;
import org.espalier.cli.options.FixOption;
import org.espalier.data.DataSet;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.job.Format;
import org.espalier.job.ModelNames;
import org.espalier.job.OnnxRuntimeEvaluation;
import org.espalier.job.SourceModel;
import org.espalier.objective.ErrorScore;
import org.espalier.runtime.OnnxSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code espalier eval}: a network's error on a data set, in ONNX Runtime. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        description = "Measures a network's error on a data set, in ONNX Runtime.")
final class EvalCommand implements Callable<Integer> {
    /** The part of a data set to look at. */
    enum Part {
        TEST,
        TRAIN
    }

    @ParentCommand
    private EspalierCommand espalier;

    @Parameters(paramLabel = "MODEL.onnx|NETWORK", description = "A file, or a built-in network (random weights).")
    private String model;

    @Mixin
    private DataChoice data;

    @Mixin
    private FixOption fix;

    @Option(names = "--part", paramLabel = "test|train", description = "Which part (default: test).")
    private Part part = Part.TEST;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Examples at a time (default: ${DEFAULT-VALUE}, or what the network demands).")
    private int batchSize = 100;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: all processors).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--output",
            paramLabel = "NAME",
            description = "The output that labels belong to (default: the first of floats).")
    private @Nullable String output;

    @Override
    public Integer call() {
        Checks.atLeastOne("--batch-size", batchSize);
        Checks.threads("--threads", threads);
        long start = System.nanoTime();
        Console console = espalier.console();
        Graph graph = SourceModel.withFixedInputs(model, ModelNames.load(model, 0), fix.values());
        try (OnnxSession session = open(graph)) {
            SourceModel.requireClasses(model, graph, output, data.name(), data.folderClasses());
            Splits splits = data.open(graph, console).without(fix.values().keySet());
            if (splits.heldOut()) {
                console.note("espalier: the data has no test part: "
                        + Format.count(splits.test().size()) + " examples are the test, the other "
                        + Format.count(splits.train().size()) + " are what --part train measures");
            }
            DataSet set = part == Part.TEST ? splits.test() : splits.train();
            ErrorScore result;
            try (Progress progress = Progress.start("eval", "examples", set.size(), console.err())) {
                result = OnnxRuntimeEvaluation.of(session, graph, set, output, batchSize, progress);
            }
            double wall = (System.nanoTime() - start) * 1e-9;
            console.result(data(result, wall), text(result, wall));
        }
        return ExitCode.DONE;
    }

    /** The file itself, unless some of its inputs are fixed. */
    private OnnxSession open(Graph graph) {
        return fix.values().isEmpty()
                ? ModelNames.open(model, graph, threads, new ConsoleListener(espalier.console()))
                : OnnxSession.open(graph, threads);
    }

    private Map<String, Object> data(ErrorScore result, double wallSeconds) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("model", model);
        values.put("data", data.name());
        values.put("part", Format.lower(part));
        values.put("examples", result.examples());
        if (isClasses(result)) {
            values.put("errors", result.errors());
        } else {
            values.put("rmse", result.rmse());
        }
        values.put("error_percent", result.errorPercent());
        values.put("wall_seconds", wallSeconds);
        return values;
    }

    private static boolean isClasses(ErrorScore result) {
        return Double.isNaN(result.rmse());
    }

    private String text(ErrorScore result, double wallSeconds) {
        if (!isClasses(result)) {
            return Format.of(
                    "%s on %s (%s): rmse %.4g, %s of the variance not explained, %s examples; %.1f s%n",
                    model,
                    data.name(),
                    Format.lower(part),
                    result.rmse(),
                    Format.percent(result.errorPercent()),
                    Format.count(result.examples()),
                    wallSeconds);
        }
        if (!result.output().isClasses()) {
            return Format.of(
                    "%s on %s (%s): %s %s, %s examples; %.1f s%n",
                    model,
                    data.name(),
                    Format.lower(part),
                    result.output().isByPosition() ? "positions with another class" : "wrong yes or no",
                    Format.percent(result.errorPercent()),
                    Format.count(result.examples()),
                    wallSeconds);
        }
        return Format.of(
                "%s on %s (%s): error %s, %s of %s examples wrong; %.1f s%n",
                model,
                data.name(),
                Format.lower(part),
                Format.percent(result.errorPercent()),
                Format.count(result.errors()),
                Format.count(result.examples()),
                wallSeconds);
    }
}
