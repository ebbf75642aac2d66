package org.espalier.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.espalier.cli.console.ConsoleListener;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.console.Table;
import org.espalier.cli.options.Checks;
import org.espalier.graph.Dimension;
import org.espalier.graph.Value;
import org.espalier.job.Format;
import org.espalier.job.InputException;
import org.espalier.job.ModelNames;
import org.espalier.runtime.InferenceException;
import org.espalier.runtime.Inputs;
import org.espalier.runtime.Latency;
import org.espalier.runtime.OnnxSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code espalier bench}: how fast networks are in ONNX Runtime, side by side. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Times networks in ONNX Runtime on this machine's CPU, taking turns so that ratios hold on a busy"
                + " machine. Speed-ups are against the first one.")
final class BenchCommand implements Callable<Integer> {
    @ParentCommand
    private EspalierCommand espalier;

    @Parameters(arity = "1..*", paramLabel = "MODEL.onnx|NETWORK", description = "Files or built-in networks.")
    private List<String> models = List.of();

    @Option(
            names = "--batch-size",
            split = ",",
            paramLabel = "N",
            description = "Examples per execution (default: 1,100).")
    private int[] batchSizes = {};

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: ${DEFAULT-VALUE}).")
    private int threads = 1;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "How long to measure each network at each batch size (default: ${DEFAULT-VALUE}).")
    private double seconds = 1;

    @Option(
            names = "--dimension",
            paramLabel = "NAME=SIZE",
            description = "Size of a free dimension of the inputs other than the batch; ? for those without a name.")
    private Map<String, Integer> sizes = Map.of();

    @Override
    public Integer call() {
        checkOptions();
        List<OnnxSession> sessions = new ArrayList<>();
        List<Latency> measured = new ArrayList<>();
        try {
            for (String model : models) {
                sessions.add(ModelNames.open(
                        model, ModelNames.load(model, 0), threads, new ConsoleListener(espalier.console())));
            }
            requireFree(sessions);
            for (int batch : batchSizes(sessions)) {
                measured.add(Latency.measure(sessions, batch, sizes, Duration.ofMillis((long) (1000 * seconds))));
            }
        } finally {
            sessions.forEach(OnnxSession::close);
        }
        espalier.console().result(data(measured), text(measured));
        return ExitCode.DONE;
    }

    private void checkOptions() {
        Checks.threads("--threads", threads);
        if (!(seconds > 0) || seconds > 3600) {
            throw new InputException("--seconds must be in (0, 3600], found " + seconds);
        }
        for (int batch : batchSizes) {
            Checks.atLeastOne("--batch-size", batch);
        }
        sizes.forEach((name, size) -> Checks.atLeastOne("--dimension " + name, size));
    }

    private void requireFree(List<OnnxSession> sessions) {
        Set<String> free = sessions.stream()
                .flatMap(s -> s.inputs().stream())
                .flatMap(v -> Stream.ofNullable(v.shape())
                        .flatMap(shape -> shape.stream().skip(1)))
                .filter(d -> !d.isKnown())
                .map(Dimension::toString)
                .collect(Collectors.toCollection(TreeSet::new));
        for (String name : sizes.keySet()) {
            if (!free.contains(name)) {
                throw new InputException("--dimension " + name
                        + ": no input has a free dimension of that name but the batch (--batch-size), found " + free);
            }
        }
    }

    /** What was asked for and fits; a network whose batch is fixed leaves only one size, all others are told and left out. */
    private int[] batchSizes(List<OnnxSession> sessions) {
        int own = Value.fixedBatch(sessions.get(0).inputs());
        int[] usual = own == 0 ? new int[] {1, 100} : new int[] {own};
        int[] wanted = batchSizes.length == 0 ? usual : batchSizes;
        List<Integer> fitting = new ArrayList<>();
        for (int batch : wanted) {
            String problem = null;
            for (OnnxSession s : sessions) {
                int fixed = Value.fixedBatch(s.inputs());
                if (fixed != 0 && fixed != batch) {
                    problem = s.name() + ": takes batches of " + fixed + " only";
                }
                checkInputs(s, fixed == 0 ? batch : fixed);
            }
            if (problem == null) {
                fitting.add(batch);
            } else if (batchSizes.length > 0) {
                throw new InputException(problem + ", found --batch-size " + Arrays.toString(batchSizes));
            } else {
                espalier.console().note("batch " + batch + " is left out: " + problem);
            }
        }
        if (fitting.isEmpty()) {
            throw new InputException("no batch size fits all networks, choose one with --batch-size");
        }
        return fitting.stream().mapToInt(Integer::intValue).toArray();
    }

    private void checkInputs(OnnxSession s, int batch) {
        try {
            s.inputs().forEach(v -> Inputs.shape(v, batch, sizes));
        } catch (InferenceException e) {
            throw new InputException(s.name() + ": " + e.getMessage() + "; give it with --dimension NAME=SIZE", e);
        }
    }

    private Map<String, Object> data(List<Latency> measured) {
        List<Object> batches = new ArrayList<>();
        for (Latency latency : measured) {
            List<Object> rows = new ArrayList<>();
            for (int i = 0; i < models.size(); i++) {
                Latency.Timing t = latency.timings().get(i);
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("model", models.get(i));
                row.put("median_ms", t.medianMillis());
                row.put("first_quartile_ms", t.lowMillis());
                row.put("third_quartile_ms", t.highMillis());
                row.put("examples_per_second", t.throughput());
                row.put("speedup", t.speedup());
                rows.add(row);
            }
            batches.add(Map.of("batch_size", latency.batch(), "models", rows));
        }
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("threads", threads);
        data.put("batches", batches);
        return data;
    }

    private String text(List<Latency> measured) {
        Table table = new Table("model", "batch", "median ms", "quartiles ms", "examples/s", "speed-up");
        for (Latency latency : measured) {
            for (int i = 0; i < models.size(); i++) {
                Latency.Timing t = latency.timings().get(i);
                table.row(
                        models.get(i),
                        latency.batch(),
                        Format.millis(t.medianMillis()),
                        Format.millis(t.lowMillis()) + "-" + Format.millis(t.highMillis()),
                        Format.count(Math.round(t.throughput())),
                        Format.ratio(t.speedup()));
            }
        }
        return table.toString();
    }
}
