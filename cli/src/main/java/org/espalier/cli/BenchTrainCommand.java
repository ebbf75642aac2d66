package org.espalier.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.espalier.bench.StepBenchmark;
import org.espalier.channels.ChannelGroups;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.console.Table;
import org.espalier.cli.options.Checks;
import org.espalier.job.Format;
import org.espalier.job.InputException;
import org.espalier.job.ModelNames;
import org.espalier.job.SourceModel;
import org.espalier.method.PruningMethods;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;
import org.espalier.torch.Engine;
import org.espalier.torch.Precision;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code espalier bench-train}: how fast training is here, beside what the machine can do. */
@Command(
        name = "bench-train",
        mixinStandardHelpOptions = true,
        description = {
            "Times training steps with the noise and without it, taking turns with plain matrix products.",
            "Steps are those of 'train', with loading and augmentation, on random pictures. The fastest count."
        })
final class BenchTrainCommand implements Callable<Integer> {
    private static final double PERCENT = 100;

    /** Of the time to measure, for steps in the other precision. */
    private static final double OTHER_SHARE = 0.25;

    @ParentCommand
    private EspalierCommand espalier;

    @Parameters(paramLabel = "NETWORK|MODEL.onnx", description = "A network that takes pictures.")
    private String network;

    @Option(names = "--batch-size", paramLabel = "N", description = "Examples per step (default: as for train).")
    private @Nullable Integer batchSize;

    @Option(names = "--draws", paramLabel = "N", description = "Draws of the noise per step (default: as for train).")
    private @Nullable Integer draws;

    @Option(
            names = "--precision",
            paramLabel = "auto|float32|mixed",
            description = "Of products (default: as for train). A step in the other one is timed, too.")
    private @Nullable Precision precision;

    @Option(names = "--threads", paramLabel = "N", description = "Threads (default: all processors).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--seconds", paramLabel = "S", description = "How long to measure (default: ${DEFAULT-VALUE}).")
    private double seconds = 20;

    @Override
    public Integer call() {
        Checks.threads("--threads", threads);
        if (!(seconds > 0 && seconds <= 3600)) {
            throw new InputException("--seconds must be in (0, 3600], found " + seconds);
        }
        Recipe recipe = recipe();
        SourceModel model = SourceModel.of(network, ModelNames.load(network, 0));
        model.requireTrainable();
        model.requirePrunable(ChannelGroups.of(model.prepared()));
        Engine.start(threads);
        StepBenchmark b = measure(model, recipe, (1 - OTHER_SHARE) * seconds);
        StepBenchmark other = measure(model, recipe.withPrecision(other(recipe)), OTHER_SHARE * seconds);
        espalier.console().result(data(b, other, recipe), text(b, other, recipe));
        return ExitCode.DONE;
    }

    private StepBenchmark measure(SourceModel model, Recipe recipe, double budget) {
        try {
            return StepBenchmark.measure(
                    model.prepared(), recipe, PruningMethods.SBPA, Duration.ofMillis((long) (1000 * budget)));
        } catch (IllegalArgumentException e) {
            throw new InputException(network + ": " + e.getMessage(), e);
        }
    }

    private static Precision other(Recipe recipe) {
        return recipe.batches().precision() == Precision.FLOAT32 ? Precision.MIXED : Precision.FLOAT32;
    }

    private static Precision faster(StepBenchmark b, StepBenchmark other, Recipe recipe) {
        return b.methodMillis() <= other.methodMillis() ? recipe.batches().precision() : other(recipe);
    }

    private Recipe recipe() {
        Recipe r = Recipes.of(network);
        if (batchSize != null) {
            Checks.atLeastOne("--batch-size", batchSize);
            int size = batchSize;
            r = r.withBatches(b -> b.withSize(size));
        }
        if (draws != null) {
            Checks.atLeastOne("--draws", draws);
            int count = draws;
            r = r.withNoise(n -> n.withDraws(count));
        }
        Precision asked = precision;
        return (asked == null ? r : r.withPrecision(asked)).on("cpu");
    }

    private Map<String, Object> data(StepBenchmark b, StepBenchmark other, Recipe r) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("network", network);
        data.put("batch_size", r.batches().size());
        data.put("draws", r.noise().drawsFor(r.batches().size()));
        data.put("precision", Format.lower(r.batches().precision()));
        data.put("other_precision", Format.lower(other(r)));
        data.put("other_step_ms", other.methodMillis());
        data.put("faster_precision", Format.lower(faster(b, other, r)));
        data.put("threads", threads);
        data.put("bf16_product_gflops", b.bfloat16Rate());
        data.put("float32_product_gflops", b.float32Rate());
        data.put("step_ms", b.methodMillis());
        data.put("step_ms_without_noise", b.plainMillis());
        data.put("median_step_ms", b.methodMedian());
        data.put("median_step_ms_without_noise", b.plainMedian());
        data.put("gflops", b.rate());
        data.put("gflops_without_noise", b.plainRate());
        data.put("percent_of_peak", PERCENT * b.rate() / b.bfloat16Rate());
        data.put("percent_of_float32_product", PERCENT * b.rate() / b.float32Rate());
        data.put("noise_overhead_percent", PERCENT * b.overhead());
        data.put("data_loading_ms", b.dataMillis());
        data.put("data_wait_percent", PERCENT * b.dataWaitShare());
        data.put("steps", b.steps());
        return data;
    }

    private String text(StepBenchmark b, StepBenchmark other, Recipe r) {
        Table table = new Table(
                network + ", batch " + r.batches().size() + ", "
                        + Format.lower(r.batches().precision()),
                "ms",
                "GFLOP/s",
                "of bf16");
        row(table, "bf16 product", "", b.bfloat16Rate(), b);
        row(table, "float32 product", "", b.float32Rate(), b);
        row(table, "step without noise", Format.of("%.2f", b.plainMillis()), b.plainRate(), b);
        row(table, "step with noise", Format.of("%.2f", b.methodMillis()), b.rate(), b);
        row(table, "the same in " + Format.lower(other(r)), Format.of("%.2f", other.methodMillis()), other.rate(), b);
        return table
                + Format.of(
                        "%nThe noise adds %.1f %% to a step. Loading a batch takes %.2f ms beside it; training waits"
                                + " %.1f %% of the time for data. Fastest of %d steps, %d threads. Here %s is faster.%n",
                        PERCENT * b.overhead(),
                        b.dataMillis(),
                        PERCENT * b.dataWaitShare(),
                        b.steps(),
                        threads,
                        Format.lower(faster(b, other, r)));
    }

    private static void row(Table table, String what, String millis, double rate, StepBenchmark b) {
        table.row(what, millis, Format.of("%.0f", rate), Format.of("%.0f %%", PERCENT * rate / b.bfloat16Rate()));
    }
}
