package org.espalier.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.espalier.channels.ChannelGroups;
import org.espalier.cli.console.Table;
import org.espalier.data.DataSet;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.job.Format;
import org.espalier.job.ReproducedRuns;
import org.espalier.job.RunFolder;
import org.espalier.method.PruningMethods;
import org.espalier.objective.Evaluator;
import org.espalier.onnx.OnnxReader;
import org.espalier.recipe.Recipe;

/**
 * Training on labels drawn by chance: with binary dropout a network learns them by heart; Structured Bayesian Pruning, which finds nothing
 * worth keeping, drops all units and predicts a constant.
 */
final class RandomLabels {
    /** Rates with which units of hidden layers are dropped in the run that compares. */
    private static final double DROPOUT = 0.2;

    /**
     * One of the two systems, measured.
     *
     * @param units worth keeping per layer: by the signal-to-noise ratio, or all
     */
    private record Row(
            String system,
            double trainAccuracy,
            double testAccuracy,
            List<Integer> units,
            String epochs,
            double seconds) {
        Map<String, Object> data() {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("method", system);
            row.put("train_accuracy_percent", trainAccuracy);
            row.put("test_accuracy_percent", testAccuracy);
            row.put("units_per_layer", units);
            row.put("epochs", epochs);
            row.put("wall_seconds", seconds);
            return row;
        }
    }

    private final ReproducedRuns runs;
    private final String network;

    RandomLabels(ReproducedRuns runs, String network) {
        this.runs = runs;
        this.network = network;
    }

    /** Ordinary training, with binary dropout of all but inputs, for as long as SBP gets. */
    static Recipe dropout(Recipe r) {
        Map<String, Double> rates = new LinkedHashMap<>();
        rates.put("*.in", 0.0);
        rates.put("*", DROPOUT);
        return r.withPretraining(p -> p.withEpochs(r.pruning().epochs()).withDropout(rates))
                .withPruning(p -> p.withEpochs(0))
                .withFinetuning(p -> p.withEpochs(0));
    }

    /** Noise from the first step on, at the divergence's full weight: what a network knows before is not to be defended. */
    static Recipe sbp(Recipe r) {
        return r.withPretraining(p -> p.withEpochs(0))
                .withPruning(p -> p.withDropout(Map.of()))
                .withFinetuning(p -> p.withEpochs(0))
                .withNoise(n -> n.withEpochsUntilFull(0).withLogSigmaFloor(-20).withDraws(1))
                .withDistillation(d -> d.withShare(0));
    }

    /**
     * The comparison, for programs and for people.
     *
     * @param data for {@code --json}
     * @param text a table
     */
    record Result(Map<String, Object> data, String text) {}

    /** Makes both runs, or takes those that are there. */
    Result run(Recipe recipe) {
        String seed = "-seed" + recipe.batches().seed();
        List<Row> rows = List.of(
                row("binary dropout", network + "-dropout" + seed, PruningMethods.ORIGINAL, dropout(recipe)),
                row("StructuredBP", network + "-sbp" + seed, PruningMethods.SBP, sbp(recipe)));
        double chance = 100.0 / runs.splits().train().classCount();
        Table table = new Table("method", "training accuracy", "test accuracy", "units per layer", "epochs", "seconds");
        for (Row r : rows) {
            table.row(
                    r.system,
                    Format.percent(r.trainAccuracy),
                    Format.percent(r.testAccuracy),
                    r.units.stream().map(String::valueOf).collect(Collectors.joining("-")),
                    r.epochs,
                    Format.of("%.0f", r.seconds));
        }
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("table", "random-labels");
        data.put("network", network);
        data.put("chance_percent", chance);
        data.put("rows", rows.stream().map(Row::data).toList());
        return new Result(
                data,
                table + Format.of("%s, %s with random labels; chance is %s.%n", network, runs.data(), percent(chance)));
    }

    private static String percent(double chance) {
        return Format.of("%.0f %%", chance);
    }

    private Row row(String system, String name, PruningMethods method, Recipe recipe) {
        JsonNode report = runs.report(name, network, method, recipe);
        Path folder = runs.folder(name);
        Graph net = OnnxReader.read(folder.resolve("pruned.onnx"));
        Splits splits = runs.splits();
        return new Row(
                system,
                accuracy(net, splits.train()),
                accuracy(net, splits.test()),
                method == PruningMethods.ORIGINAL ? all(net) : worthKeeping(folder, recipe),
                recipe.pretraining().epochs() + recipe.pruning().epochs() + "",
                report.path("wall_seconds").asDouble());
    }

    private static double accuracy(Graph net, DataSet data) {
        return 100 - Evaluator.errorPercent(net, data);
    }

    private static List<Integer> all(Graph net) {
        return List.copyOf(ChannelGroups.of(net).sizes().values());
    }

    private static List<Integer> worthKeeping(Path folder, Recipe recipe) {
        ChannelGroups groups = ChannelGroups.of(OnnxReader.read(folder.resolve("trained.onnx")));
        try (RunFolder run = RunFolder.open(folder)) {
            boolean[] kept =
                    run.readPosterior().posterior(groups).kept(recipe.rule().rule());
            return new ArrayList<>(groups.count(kept).values());
        }
    }
}
