package org.espalier.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.cost.Cost;
import org.espalier.data.DataSet;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.graph.Tensor;
import org.espalier.runtime.Agreement;
import org.espalier.runtime.Latency;
import org.espalier.runtime.OnnxSession;
import org.espalier.torch.Engine;
import org.espalier.train.EpochMetrics;
import org.espalier.train.PruningOutcome;
import org.espalier.train.PruningRun;
import org.espalier.train.Recipe;
import org.espalier.train.TrainingException;
import org.espalier.train.TrainingListener;

/** The whole job in a run's folder: train, prune, write, check one against the other, time both. */
final class PruneJob {
    /** Batch sizes at which latency is measured, one thread; the first one's ratio is the speed-up of the report. */
    static final int[] BATCHES = {1, 100};

    private static final int CHECKED_EXAMPLES = 256;

    private final RunConfiguration configuration;
    private final RunFolder folder;
    private final Console console;
    private Duration timing = Duration.ofSeconds(1);

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
     * Does it all.
     *
     * @param graph where training begins
     */
    Report run(Graph graph, Splits data) {
        long start = System.nanoTime();
        Recipe recipe = recipe();
        folder.writeConfiguration(configuration);
        console.note(plan(recipe, data));
        Engine.start(configuration.threads());
        PruningOutcome outcome;
        try (Progress progress = Progress.start("train", "steps", steps(recipe, data), console.err())) {
            outcome = new PruningRun(graph, data, recipe, configuration.method().factory(), listener(progress)).run();
        } catch (TrainingException e) {
            throw new JobException(String.valueOf(e.getMessage()), e);
        }
        RunFolder.writeGraph(outcome.original(), folder.original());
        RunFolder.writeGraph(outcome.trained(), folder.trained());
        if (outcome.posterior() != null) {
            folder.writePosterior(outcome.trainedGroups(), outcome.posterior());
        }
        double difference = check(outcome.masked(), outcome.pruned(), data.test());
        RunFolder.writeGraph(outcome.pruned(), folder.pruned());
        Report report = new Report(
                side(outcome.original(), outcome.originalErrorPercent(), outcome.originalUnits()),
                side(outcome.pruned(), outcome.errorPercent(), outcome.units()),
                time(outcome.original(), outcome.pruned(), timing),
                difference,
                (System.nanoTime() - start) * 1e-9,
                recipe.seed());
        folder.writeReport(report.data());
        return report;
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

    /** The masked network of full size and the shrunk one must compute the same on real examples, in ONNX Runtime. */
    static double check(Graph masked, Graph pruned, DataSet data) {
        try (OnnxSession session = OnnxSession.open(masked, 1)) {
            int count = Math.min(CHECKED_EXAMPLES, data.size());
            Map<String, Tensor> inputs = Evaluation.inputs(session, data, 0, count, count);
            return Agreement.check(masked, pruned, inputs).require().maxAbsDifference();
        }
    }

    static Report.Side side(Graph graph, double errorPercent, Map<String, Integer> units) {
        Cost cost = Cost.of(graph);
        return new Report.Side(errorPercent, units, cost.parameters(), cost.macs());
    }

    static List<Latency> time(Graph original, Graph pruned, Duration budget) {
        try (OnnxSession a = OnnxSession.open(original, 1);
                OnnxSession b = OnnxSession.open(pruned, 1)) {
            List<Latency> all = new ArrayList<>();
            for (int batch : BATCHES) {
                all.add(Latency.measure(List.of(a, b), batch, budget));
            }
            return all;
        }
    }
}
