package org.espalier.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.train.Checkpointing;
import org.espalier.train.Recipe;
import org.espalier.train.Recipes;
import org.espalier.zoo.Zoo;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code espalier reproduce}: the published table beside what is measured here. */
@Command(
        name = "reproduce",
        mixinStandardHelpOptions = true,
        description = {
            "Makes the published MNIST table's rows here and prints both.",
            "A run that is finished in the folder is not made again, so that a command that was stopped goes on."
        })
final class ReproduceCommand implements Callable<Integer> {
    /** What can be reproduced. */
    enum Table1 {
        MNIST
    }

    @ParentCommand
    private Espalier espalier;

    @Parameters(paramLabel = "mnist", description = "Which table.")
    private Table1 table;

    @Mixin
    private RecipeOptions options;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "Where MNIST lies (default: as for train).")
    private @Nullable Path dataDir;

    @Option(names = "--networks", split = ",", paramLabel = "NAME", description = "Default: lenet-fc,lenet5.")
    private List<String> networks = List.of("lenet-fc", "lenet5");

    @Option(names = "--methods", split = ",", paramLabel = "sbp|sbpa", description = "Default: ${DEFAULT-VALUE}.")
    private List<MethodChoice> methods = List.of(MethodChoice.SBP, MethodChoice.SBPA);

    @Option(names = "--seeds", split = ",", paramLabel = "N", description = "One run each (default: 1).")
    private List<Long> seeds = List.of();

    @Option(names = "--out", paramLabel = "DIR", description = "Folder of the runs (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("runs", "reproduce-mnist");

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: all processors).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Mixin
    private TimingOptions timing;

    @Override
    public Integer call() {
        Checks.atLeastOne("--threads", threads);
        for (String network : networks) {
            if (!Zoo.contains(network)) {
                throw new InputException(
                        "--networks '" + network + "' is unknown, " + Nearest.of(network, Zoo.names()));
            }
        }
        Console console = espalier.console();
        Splits data = DataChoice.open("mnist", dataDir, false);
        List<Row> rows = new ArrayList<>();
        for (String network : networks) {
            for (Published p : Published.MNIST) {
                if (p.network().equals(network)) {
                    rows.add(Row.of(p));
                }
            }
            boolean first = true;
            for (MethodChoice method : methods) {
                for (long seed : seeds()) {
                    JsonNode report = report(network, method, seed, data, console);
                    if (first) {
                        rows.add(Row.original(network, report));
                        first = false;
                    }
                    if (method != MethodChoice.ORIGINAL) {
                        rows.add(Row.pruned(network, method, report));
                    }
                }
            }
        }
        console.result(
                Map.of(
                        "table",
                        Format.lower(table),
                        "rows",
                        rows.stream().map(Row::data).toList()),
                text(rows));
        return Espalier.DONE;
    }

    private List<Long> seeds() {
        Long one = options.seed();
        return !seeds.isEmpty() ? seeds : List.of(one == null ? 1L : one);
    }

    /** The report of a run, made now unless it is there. */
    private JsonNode report(String network, MethodChoice method, long seed, Splits data, Console console) {
        Path folder = out.resolve(network.replace(':', '-') + "-" + Format.lower(method) + "-seed" + seed);
        Recipe recipe = options.apply(Recipes.of(network)).withSeed(seed);
        if (Files.exists(folder.resolve("report.json"))) {
            checkSame(folder, recipe);
            console.note("espalier: " + folder + " is finished already");
        } else {
            Graph graph = Models.load(network, seed);
            UserModel.of(network, graph).requireFit(data, null, recipe);
            String dir = dataDir == null ? null : dataDir.toAbsolutePath().toString();
            RunConfiguration c = new RunConfiguration(network, "mnist", dir, method, threads, recipe);
            boolean begun = isBegun(folder, c);
            PruneJob.Lasting lasting =
                    new PruneJob.Lasting(Checkpointing.in(folder).interval(), begun, "the same command");
            try (RunFolder run = begun ? RunFolder.open(folder) : RunFolder.restart(folder)) {
                new PruneJob(c, run, console)
                        .timing(timing.budget())
                        .lasting(lasting)
                        .run(graph, data);
            }
        }
        return RunFolder.readReport(folder);
    }

    /** Whether the same run was interrupted there, so that it can go on. */
    private static boolean isBegun(Path folder, RunConfiguration c) {
        if (!Files.exists(folder.resolve("run.yaml"))) {
            return false;
        }
        try (RunFolder run = RunFolder.open(folder)) {
            return c.equals(run.configurationOnThreads(c.threads()));
        }
    }

    /** A run that was made with other hyper-parameters is not what was asked for. */
    private static void checkSame(Path folder, Recipe recipe) {
        RunConfiguration there;
        try (RunFolder run = RunFolder.open(folder)) {
            there = run.readConfiguration(RunConfiguration.class);
        }
        if (!there.recipe().equals(recipe)) {
            throw new InputException("run folder '" + folder
                    + "': holds a run with other hyper-parameters; choose another with --out, or delete it");
        }
    }

    /** One row of the table; null for what the source does not say. */
    private record Row(
            String network,
            String method,
            String source,
            double errorPercent,
            String units,
            double cpu,
            @Nullable Double cpuBatch100,
            double flops,
            @Nullable Double wallSeconds) {
        static Row of(Published p) {
            return new Row(
                    p.network(), p.method(), "published", p.errorPercent(), p.units(), p.cpu(), null, p.flops(), null);
        }

        static Row original(String network, JsonNode r) {
            double error = r.path("original_error_percent").asDouble();
            String units = dashes(network, r.path("original_units_per_layer"));
            return new Row(network, "Original", "measured", error, units, 1, 1.0, 1, null);
        }

        static Row pruned(String network, MethodChoice method, JsonNode r) {
            return new Row(
                    network,
                    method == MethodChoice.SBP ? "StructuredBP" : "StructuredBPa",
                    "measured, seed " + r.path("seed").asLong(),
                    r.path("error_percent").asDouble(),
                    dashes(network, r.path("units_per_layer")),
                    r.path("cpu_speedup").asDouble(),
                    r.path("cpu_speedup_batch_100").asDouble(),
                    r.path("flops_ratio").asDouble(),
                    r.path("wall_seconds").asDouble());
        }

        /** As the published table writes them: with the classes for networks of dense layers. */
        private static String dashes(String network, JsonNode units) {
            String kept = StreamSupport.stream(units.spliterator(), false)
                    .map(JsonNode::asText)
                    .collect(Collectors.joining("-"));
            return network.equals("lenet5") ? kept : kept + "-10";
        }

        Map<String, Object> data() {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("network", network);
            row.put("method", method);
            row.put("source", source);
            row.put("error_percent", errorPercent);
            row.put("units_per_layer", units);
            row.put("cpu_speedup", cpu);
            if (cpuBatch100 != null) {
                row.put("cpu_speedup_batch_100", cpuBatch100);
            }
            row.put("flops_ratio", flops);
            if (wallSeconds != null) {
                row.put("wall_seconds", wallSeconds);
            }
            return row;
        }

        void addTo(Table table) {
            table.row(
                    network,
                    method,
                    source,
                    Format.percent(errorPercent),
                    units,
                    Format.ratio(cpu),
                    cpuBatch100 == null ? "" : Format.ratio(cpuBatch100),
                    Format.ratio(flops),
                    wallSeconds == null ? "" : Format.of("%.0f", wallSeconds));
        }
    }

    private static String text(List<Row> rows) {
        Table table = new Table(
                "network", "method", "source", "error", "units per layer", "CPU", "CPU, batch 100", "FLOPs", "seconds");
        rows.forEach(r -> r.addTo(table));
        return table.toString();
    }
}
