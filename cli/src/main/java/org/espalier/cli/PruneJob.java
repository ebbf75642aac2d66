package org.espalier.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.cost.Cost;
import org.espalier.data.DataSet;
import org.espalier.data.Splits;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.Tensor;
import org.espalier.runtime.Agreement;
import org.espalier.runtime.InferenceException;
import org.espalier.runtime.Inputs;
import org.espalier.runtime.Latency;
import org.espalier.runtime.OnnxSession;
import org.espalier.torch.Engine;
import org.espalier.train.Checkpointing;
import org.espalier.train.EpochMetrics;
import org.espalier.train.InputFit;
import org.espalier.train.PruningOutcome;
import org.espalier.train.PruningRun;
import org.espalier.train.Recipe;
import org.espalier.train.TrainingException;
import org.espalier.train.TrainingListener;
import org.jspecify.annotations.Nullable;

/** The whole job in a run's folder: train, prune, write, check one against the other, time both. */
final class PruneJob {
    /** Batch sizes at which latency is measured, one thread; the first one's ratio is the speed-up of the report. */
    static final int[] BATCHES = {1, 100};

    private static final int CHECKED_EXAMPLES = 256;

    private final RunConfiguration configuration;
    private final RunFolder folder;
    private final Console console;
    private Duration timing = Duration.ofSeconds(1);
    private boolean resumable;
    private boolean resume;

    PruneJob(RunConfiguration configuration, RunFolder folder, Console console) {
        this.configuration = configuration;
        this.folder = folder;
        this.console = console;
    }

    /** How long each network is timed at each batch size: a second unless said otherwise. */
    PruneJob timing(Duration budget) {
        timing = budget;
        return this;
    }

    /**
     * Writes checkpoints into the run's folder while it trains, and removes them at the end.
     *
     * @param goOn whether to go on from the one that is there; with none there, from the start
     */
    PruneJob withCheckpoints(boolean goOn) {
        resumable = true;
        resume = goOn;
        return this;
    }

    /**
     * Makes a run's folder and does it all in there.
     *
     * @param out the folder; null for one named after network, method and seed
     */
    static void execute(
            @Nullable Path out, RunConfiguration c, UserModel network, Splits data, Duration timing, Console console) {
        try (RunFolder folder = RunFolder.create(out == null ? folder(c) : out)) {
            Report report = new PruneJob(c, folder, console).timing(timing).run(network, data);
            console.result(report.data(), report.text());
            console.note("espalier: " + folder.pruned() + " is the result");
        }
    }

    private static Path folder(RunConfiguration c) {
        String name = String.valueOf(Path.of(c.network()).getFileName());
        return Path.of(
                "runs",
                name.replace(".onnx", "").replace(':', '-') + "-" + Format.lower(c.method()) + "-seed"
                        + c.recipe().seed());
    }

    /** Does it all for a network of ours. */
    Report run(Graph graph, Splits data) {
        return run(new UserModel(configuration.network(), graph, graph), data);
    }

    /**
     * Does it all.
     *
     * @param network where training begins
     */
    Report run(UserModel network, Splits data) {
        folder.writeConfiguration(configuration);
        console.note(plan(recipe(), data));
        Engine.start(configuration.threads());
        PruningOutcome outcome = train(network.prepared(), data);
        final long trained = System.nanoTime();
        RunFolder.writeGraph(network.withInterface(outcome.original()), folder.original());
        RunFolder.writeGraph(network.withInterface(outcome.trained()), folder.trained());
        if (outcome.posterior() != null) {
            folder.writePosterior(configuration.task().layers().groups(outcome.trained()), outcome.posterior());
        }
        RunFolder.writeGraph(network.withInterface(outcome.pruned()), folder.pruned());
        double difference = check(network.withInterface(outcome.masked()), folder.pruned(), data.test());
        Report report = new Report(
                side(outcome.original(), outcome.originalErrorPercent(), outcome.originalUnits()),
                side(outcome.pruned(), outcome.errorPercent(), outcome.units()),
                time(outcome.original(), outcome.pruned(), data.test(), timing),
                difference,
                outcome.seconds() + (System.nanoTime() - trained) * 1e-9,
                configuration.recipe().seed(),
                Measure.of(data.test()),
                settings());
        folder.writeReport(report.data());
        folder.deleteCheckpoints();
        return report;
    }

    private PruningOutcome train(Graph graph, Splits data) {
        Recipe recipe = recipe();
        try (Progress progress = Progress.start("train", "steps", steps(recipe, data), console.err())) {
            PruningRun run = new PruningRun(
                            graph, data, recipe, configuration.method().factory(), listener(progress))
                    .withTask(configuration.task());
            if (resumable) {
                run = run.withCheckpoints(Checkpointing.in(folder.checkpoint()));
            }
            return resume ? run.resume() : run.run();
        } catch (TrainingException e) {
            throw new JobException(String.valueOf(e.getMessage()), e);
        }
    }

    /** What the report says of how the run was made. */
    private Map<String, Object> settings() {
        Recipe r = recipe();
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("method", Format.lower(configuration.method()));
        boolean hasPosterior =
                configuration.method() == MethodChoice.SBP || configuration.method() == MethodChoice.SBPA;
        if (hasPosterior) {
            settings.put("decide", r.decide());
        }
        settings.put("epochs", r.pretrainEpochs() + "+" + r.pruneEpochs() + "+" + r.finetuneEpochs());
        return settings;
    }

    /** What is about to be done, for whoever waits. */
    private String plan(Recipe r, Splits data) {
        return Format.of(
                "espalier: %s on %s, %s examples, method %s, seed %d: epochs %d of training, %d of pruning, %d of"
                        + " fine-tuning, in %s",
                configuration.network(),
                configuration.data(),
                Format.count(data.train().size() - r.holdOut()),
                Format.lower(configuration.method()),
                r.seed(),
                r.pretrainEpochs(),
                r.pruneEpochs(),
                r.finetuneEpochs(),
                folder.path());
    }

    private Recipe recipe() {
        Recipe r = configuration.recipe();
        return configuration.method() == MethodChoice.ORIGINAL ? r.withEpochs(r.pretrainEpochs(), 0, 0) : r;
    }

    private static long steps(Recipe r, Splits data) {
        int size = data.train().size() - r.holdOut();
        return (long) (r.pretrainEpochs() + r.pruneEpochs() + r.finetuneEpochs())
                * (size / Math.min(size, r.batchSize()));
    }

    private TrainingListener listener(Progress progress) {
        return new TrainingListener() {
            private String last = "";

            @Override
            public void onStep(long done, long all) {
                progress.to(done, last);
            }

            @Override
            public void onEpoch(EpochMetrics m) {
                folder.appendMetrics(values(m));
                last = Format.of(
                        "%s epoch %d/%d, loss %.4f, %s MACs",
                        m.phase(), m.epoch(), m.epochs(), m.loss(), Format.count(m.macs()));
            }

            @Override
            public void onResume(long done, long all, List<EpochMetrics> before) {
                folder.writeMetrics(before.stream().map(m -> values(m)).toList());
                if (done > 0) {
                    console.note("espalier: goes on from step " + Format.count(done) + " of " + Format.count(all));
                }
            }

            @Override
            public void onMessage(String line) {
                console.note("espalier: " + line);
            }
        };
    }

    private static Map<String, Object> values(EpochMetrics m) {
        Map<String, Object> v = new LinkedHashMap<>();
        v.put("phase", m.phase().toString());
        v.put("epoch", m.epoch());
        v.put("loss", m.loss());
        v.put("penalty", m.penalty());
        v.put("units", m.units());
        v.put("macs", m.macs());
        v.put("held_out_error_percent", Double.isNaN(m.heldOutErrorPercent()) ? null : m.heldOutErrorPercent());
        v.put("learning_rate", m.learningRate());
        v.put("seconds", m.seconds());
        v.put("examples_per_second", m.examplesPerSecond());
        v.put("data_wait_share", m.dataWaitShare());
        return v;
    }

    /**
     * The masked network of full size and the file with the shrunk one must compute the same on real examples, in ONNX Runtime. A file that
     * does not is removed.
     */
    static double check(Graph masked, Path pruned, DataSet data) {
        try (OnnxSession first = OnnxSession.open(masked, 1);
                OnnxSession second = OnnxSession.open(pruned, 1)) {
            int fixed = Inputs.fixedBatch(first.inputs());
            int count = Math.min(CHECKED_EXAMPLES, data.size());
            int rows = fixed == 0 ? count : fixed;
            List<Map<String, Tensor>> batches = new ArrayList<>();
            for (int from = 0; from < count; from += rows) {
                batches.add(Evaluation.inputs(first, data, from, Math.min(rows, count - from), rows));
            }
            return Agreement.check(first, second, batches).require().maxAbsDifference();
        } catch (InferenceException e) {
            RunFolder.delete(pruned);
            throw e;
        }
    }

    static Report.Side side(Graph graph, double errorPercent, Map<String, Integer> units) {
        Cost cost = Cost.of(graph);
        return new Report.Side(errorPercent, units, cost.parameters(), cost.macs());
    }

    /** Latencies at {@link #BATCHES}, or at the one batch size that the network takes. */
    static List<Latency> time(Graph original, Graph pruned, DataSet data, Duration budget) {
        try (OnnxSession a = OnnxSession.open(original, 1);
                OnnxSession b = OnnxSession.open(pruned, 1)) {
            int fixed = Inputs.fixedBatch(a.inputs());
            Map<String, Integer> sizes = freeSizes(a, data);
            List<Latency> all = new ArrayList<>();
            for (int batch : fixed == 0 ? BATCHES : new int[] {fixed}) {
                all.add(Latency.measure(List.of(a, b), batch, sizes, budget));
            }
            return all;
        }
    }

    /** Sizes of free axes other than the batch, by symbol, as the data has them. */
    private static Map<String, Integer> freeSizes(OnnxSession session, DataSet data) {
        Map<String, Integer> sizes = new HashMap<>();
        for (InputFit f : InputFit.of(session.inputs(), data)) {
            List<Dimension> shape = f.input().shape();
            for (int axis = 1; shape != null && axis < shape.size(); axis++) {
                sizes.putIfAbsent(shape.get(axis).symbol(), f.sizes().get(axis - 1));
            }
        }
        return sizes;
    }
}
