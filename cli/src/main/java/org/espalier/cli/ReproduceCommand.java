package org.espalier.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.espalier.cli.console.Console;
import org.espalier.cli.console.ConsoleListener;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.options.Checks;
import org.espalier.cli.options.DataChoice;
import org.espalier.cli.options.DeviceOption;
import org.espalier.cli.options.RecipeOptions;
import org.espalier.cli.options.TimingOptions;
import org.espalier.data.ImageOptions;
import org.espalier.job.Format;
import org.espalier.job.InputException;
import org.espalier.job.Nearest;
import org.espalier.job.ReproducedRuns;
import org.espalier.job.RunConfiguration;
import org.espalier.job.SourceModel;
import org.espalier.method.PruningMethods;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;
import org.espalier.zoo.Zoo;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code espalier reproduce}: the published tables beside what is measured here. */
@Command(
        name = "reproduce",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a published table's rows here and prints both, or trains on random labels.",
            "Each method begins with the original of the same seed. A run that is finished in the folder is not made again, one that was"
                    + " stopped goes on where it was."
        })
final class ReproduceCommand implements Callable<Integer> {
    /** What can be reproduced. */
    enum Target {
        MNIST,
        CIFAR10,
        RANDOM_LABELS;

        private String data() {
            return this == CIFAR10 ? "cifar10" : "mnist";
        }

        private List<String> networks() {
            return switch (this) {
                case MNIST -> List.of("lenet-fc", "lenet5");
                case CIFAR10 -> List.of("vgg-like");
                case RANDOM_LABELS -> List.of("lenet-fc");
            };
        }
    }

    private static final int RANDOM_LABELS_EPOCHS = 100;

    private static final List<PruningMethods> ALL_METHODS = List.of(
            PruningMethods.ORIGINAL,
            PruningMethods.SPARSEVD,
            PruningMethods.SSL,
            PruningMethods.SBP,
            PruningMethods.SBPA);

    @ParentCommand
    private EspalierCommand espalier;

    @Parameters(paramLabel = "mnist|cifar10|random-labels", description = "What to make.")
    private Target target;

    @Mixin
    private RecipeOptions options;

    @Option(names = "--quick", description = "A few epochs of everything: to see it work, not for its figures.")
    private boolean quick;

    @Option(
            names = "--data",
            paramLabel = "DATA",
            description = "Other data of the same kind, such as folder:cifar10.zip (default: what the table is about).")
    private @Nullable String data;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "Where data sets lie (default: as for train).")
    private @Nullable Path dataDir;

    @Option(
            names = "--networks",
            split = ",",
            paramLabel = "NAME",
            description = "Default: lenet-fc,lenet5 for mnist; vgg-like for cifar10; lenet-fc for random-labels.")
    private List<String> networks = List.of();

    @Option(
            names = "--methods",
            split = ",",
            paramLabel = "original|sparsevd|ssl|sbp|sbpa",
            description = "Default: all of them.")
    private List<PruningMethods> methods = List.of();

    @Option(names = "--seeds", split = ",", paramLabel = "N", description = "One run each (default: 1).")
    private List<Long> seeds = List.of();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder of the runs (default: runs/reproduce-TABLE, with -quick where it is).")
    private @Nullable Path out;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: all processors).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Mixin
    private DeviceOption device;

    @Mixin
    private TimingOptions timing;

    @Override
    public Integer call() {
        Checks.threads("--threads", threads);
        List<String> chosen = networks.isEmpty()
                ? target.networks()
                : networks.stream().distinct().toList();
        for (String network : chosen) {
            if (!Zoo.contains(network)) {
                throw new InputException(
                        "--networks '" + network + "' is unknown, " + Nearest.of(network, Zoo.names()));
            }
        }
        Console console = espalier.console();
        List<Long> all = seeds();
        if (target == Target.RANDOM_LABELS && (chosen.size() > 1 || all.size() > 1 || !methods.isEmpty())) {
            throw new InputException("random-labels compares dropout and StructuredBP on one network with one seed: "
                    + "leave --methods away, and give --networks and --seeds one each");
        }
        options.requireFor(target == Target.RANDOM_LABELS ? List.of(PruningMethods.SBP) : methods());
        if (target != Target.RANDOM_LABELS && methods().contains(PruningMethods.SBPA)) {
            chosen.forEach(this::requireGroups);
        }
        ConsoleListener listener = new ConsoleListener(console);
        ReproducedRuns runs = runs(console, listener);
        if (target == Target.RANDOM_LABELS) {
            RandomLabels.Result compared =
                    listener.stoppable(() -> new RandomLabels(runs, chosen.get(0)).run(randomLabels(chosen.get(0))));
            console.result(compared.data(), compared.text());
        } else {
            List<TableRow> rows = listener.stoppable(() -> rows(chosen, runs));
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("table", Format.lower(target));
            result.put("rows", rows.stream().map(TableRow::data).toList());
            console.result(result, TableRow.text(rows));
        }
        return ExitCode.DONE;
    }

    private List<TableRow> rows(List<String> chosen, ReproducedRuns runs) {
        List<TableRow> rows = new ArrayList<>();
        for (String network : chosen) {
            PublishedRow.ALL.stream()
                    .filter(p -> p.network().equals(network))
                    .map(TableRow::of)
                    .forEach(rows::add);
            addMeasured(network, runs, rows);
        }
        return rows;
    }

    private void requireGroups(String network) {
        Recipe recipe = recipe(PruningMethods.SBPA, network, 1);
        if (!recipe.noise().weights().groups().isEmpty()) {
            SourceModel.of(network, Zoo.build(network, 1)).requireGroups(recipe);
        }
    }

    private Recipe randomLabels(String network) {
        Recipe r = recipe(Recipes.of(network).withEpochs(0, RANDOM_LABELS_EPOCHS, 0), seeds().get(0));
        if (r.pretraining().epochs() + r.finetuning().epochs() > 0) {
            throw new InputException("random-labels trains both networks for --epochs: leave --pretrain-epochs and"
                    + " --finetune-epochs away");
        }
        return r;
    }

    private ReproducedRuns runs(Console console, ConsoleListener listener) {
        String place = device.device(RunConfiguration.CPU);
        String name = data == null ? target.data() : DataChoice.absolute(data);
        String opened = target == Target.RANDOM_LABELS ? DataChoice.RANDOM_LABELS + name : name;
        Path folder =
                out == null ? Path.of("runs", "reproduce-" + Format.lower(target) + (quick ? "-quick" : "")) : out;
        // Pictures of a folder are to be the same to the network as those that the table is about.
        boolean pictures = target == Target.CIFAR10 && name.startsWith("folder:");
        ImageOptions images = pictures ? ImageOptions.cifar10() : ImageOptions.asTheyAre();
        return new ReproducedRuns(
                folder,
                opened,
                dataDir,
                pictures ? images : null,
                DataChoice.open(opened, dataDir, false, images, console),
                threads,
                place,
                timing.budget(),
                listener);
    }

    private List<Long> seeds() {
        Long one = options.seed();
        if (one != null && !seeds.isEmpty()) {
            throw new InputException("--seed and --seeds both say which runs to make; choose one of them");
        }
        return !seeds.isEmpty() ? seeds.stream().distinct().toList() : List.of(one == null ? 1L : one);
    }

    private Recipe recipe(Recipe defaults, long seed) {
        Recipe r = defaults;
        if (quick) {
            r = r.withEpochs(
                    Math.min(2, r.pretraining().epochs()),
                    Math.min(4, r.pruning().epochs()),
                    Math.min(1, r.finetuning().epochs()));
        }
        return options.apply(r).withSeed(seed);
    }

    /** An original is the same whatever is done to it later. */
    private Recipe recipe(PruningMethods method, String network, long seed) {
        Recipe r = recipe(method.defaults(network), seed);
        return method.relevant(r);
    }

    /** Rows of one network: the originals of all seeds, where the methods begin, and each method from each of them. */
    private void addMeasured(String network, ReproducedRuns runs, List<TableRow> rows) {
        for (long seed : seeds()) {
            Recipe recipe = recipe(PruningMethods.ORIGINAL, network, seed);
            JsonNode report =
                    runs.report(name(network, PruningMethods.ORIGINAL, seed), network, PruningMethods.ORIGINAL, recipe);
            rows.add(TableRow.measured(
                    network,
                    PruningMethods.ORIGINAL,
                    report,
                    String.valueOf(recipe.pretraining().epochs())));
        }
        for (PruningMethods method : methods()) {
            for (long seed : seeds()) {
                if (method != PruningMethods.ORIGINAL) {
                    Recipe recipe = recipe(method, network, seed);
                    String start = runs.folder(name(network, PruningMethods.ORIGINAL, seed)) + "/original.onnx";
                    Recipe rest = recipe.withEpochs(
                            0, recipe.pruning().epochs(), recipe.finetuning().epochs());
                    JsonNode report = runs.report(name(network, method, seed), start, method, rest);
                    rows.add(TableRow.measured(network, method, report, epochs(recipe)));
                }
            }
        }
    }

    private List<PruningMethods> methods() {
        return methods.isEmpty() ? ALL_METHODS : methods.stream().distinct().toList();
    }

    private static String epochs(Recipe r) {
        return r.pretraining().epochs() + "+" + r.pruning().epochs() + "+"
                + r.finetuning().epochs();
    }

    private static String name(String network, PruningMethods method, long seed) {
        return network.replace(':', '-') + "-" + Format.lower(method) + "-seed" + seed;
    }
}
