package org.espalier.cli.run;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.method.MethodSetting;
import org.espalier.bench.DeviceSpeedup;
import org.espalier.checkpoint.CheckpointPolicy;
import org.espalier.checkpoint.OtherRunException;
import org.espalier.cli.console.Console;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.console.Format;
import org.espalier.cli.console.InputException;
import org.espalier.cli.console.JobException;
import org.espalier.cli.console.Progress;
import org.espalier.cli.console.StoppedRunException;
import org.espalier.data.DataSet;
import org.espalier.data.LabelKind;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;
import org.espalier.prepare.PreparedGraph;
import org.espalier.progress.StoppedException;
import org.espalier.progress.TrainingException;
import org.espalier.progress.VariationalObjective;
import org.espalier.recipe.Recipe;
import org.espalier.runtime.Latency;
import org.espalier.runtime.OnnxSession;
import org.espalier.torch.Engine;
import org.espalier.train.PruningOutcome;
import org.espalier.train.PruningRun;
import org.jspecify.annotations.Nullable;

/** The whole job in a run's folder: train, prune, write, check one against the other, time both. */
public final class PruneJob {
    /** Batch sizes at which latency is measured, one thread; the first one's ratio is the speed-up of the report. */
    static final int[] BATCHES = {1, 100};

    /** Batch size at which a GPU is timed: at 1 it would wait for its work. */
    static final int GPU_BATCH = 100;

    /** One in so many of a network's values is in memory while it runs, as a guess. */
    private static final int AT_A_TIME = 4;

    private final RunConfiguration configuration;
    private final RunFolder folder;
    private final Console console;
    private Duration timing = Duration.ofSeconds(1);
    private @Nullable Lasting lasting;

    /**
     * How a run survives.
     *
     * @param interval the greatest time without a checkpoint
     * @param resume whether to go on from the last one
     * @param goOn what to type to go on
     */
    public record Lasting(Duration interval, boolean resume, String goOn) {}

    public PruneJob(RunConfiguration configuration, RunFolder folder, Console console) {
        this.configuration = configuration;
        this.folder = folder;
        this.console = console;
    }

    /** How long each network is timed at each batch size: a second unless said otherwise. */
    public PruneJob timing(Duration budget) {
        timing = budget;
        return this;
    }

    /** With checkpoints, and signals that stop it: not without saying so. */
    public PruneJob lasting(Lasting how) {
        lasting = how;
        return this;
    }

    /** Does it all for a network of ours. */
    public Report run(Graph graph, Splits data) {
        return run(new UserModel(configuration.network(), new PreparedGraph(graph, graph)), data);
    }

    /**
     * Does it all.
     *
     * @param network where training begins
     */
    public Report run(UserModel network, Splits data) {
        Lasting how = lasting;
        if (how == null) {
            return run(network, data, null, null);
        }
        folder.setAdvice("make room and go on with " + how.goOn);
        try (Interrupts interrupts = Interrupts.listen(console)) {
            Report report = run(network, data, how, interrupts);
            folder.tidyUp();
            return report;
        }
    }

    private Report run(UserModel network, Splits data, @Nullable Lasting how, @Nullable Interrupts interrupts) {
        long start = System.nanoTime();
        if (how == null || !how.resume) {
            folder.writeConfiguration(configuration);
        }
        console.note(plan(recipe(), data));
        if (data.heldOut()) {
            boolean trained = configuration.recipe().pretraining().epochs() == 0;
            console.note("espalier: the data has no test part, so "
                    + Format.count(data.test().size())
                    + " examples were held out"
                    + (trained ? "; if the network was trained on them, its own error looks smaller than it is" : ""));
        }
        Engine.start(configuration.threads());
        Engine.use(Engine.device(configuration.device()));
        PruningOutcome outcome = train(network.prepared(), data, how, interrupts);
        long trained = System.nanoTime();
        goOnUnless(interrupts, how);
        Graph original = network.asGiven(outcome.original());
        Graph pruned = network.asGiven(outcome.pruned());
        folder.writeNetwork(original, folder.original());
        folder.writeNetwork(network.withInterface(outcome.trained()), folder.trained());
        if (outcome.posterior() != null) {
            folder.writePosterior(configuration.task().layers().groups(outcome.trained()), outcome.posterior());
        }
        folder.writeNetwork(pruned, folder.pruned());
        Proof proof = Proof.of(network, outcome.masked(), outcome.pruned(), folder.pruned(), data.test());
        proof.notes().forEach(console::note);
        if (recipe().pruning().epochs() > 0 && outcome.units().equals(outcome.originalUnits())) {
            console.note(
                    "espalier: no unit was removed; more epochs with noise (--epochs), a higher --tolerance or more"
                            + " --strength remove some");
        }
        goOnUnless(interrupts, how);
        List<Latency> latencies = proof.runsAsWritten()
                ? time(original, pruned, data.test(), timing, console)
                : time(outcome.original(), outcome.pruned(), data.test(), timing, console);
        goOnUnless(interrupts, how);
        // What earlier processes spent on the run counts.
        double before = how != null && how.resume ? outcome.seconds() : (trained - start) * 1e-9;
        Report report = new Report(
                side(outcome.original(), data.test(), outcome.originalErrorPercent(), outcome.originalUnits()),
                side(outcome.pruned(), data.test(), outcome.errorPercent(), outcome.units()),
                latencies,
                gpuSpeedup(outcome, data.test()),
                proof,
                before + (System.nanoTime() - trained) * 1e-9,
                configuration.recipe().batches().seed(),
                Measure.of(outcome.original(), data.test(), configuration.task()),
                settings(outcome.objective()));
        folder.writeReport(report.data());
        return report;
    }

    /** On the device that the run trained on; null for the CPU, on which ONNX Runtime is timed. */
    private @Nullable Double gpuSpeedup(PruningOutcome outcome, DataSet data) {
        return configuration.device().equals(RunConfiguration.CPU)
                ? null
                : DeviceSpeedup.measure(outcome.original(), outcome.pruned(), data, GPU_BATCH, timing.multipliedBy(2));
    }

    /** What the report says of how the run was made. */
    private Map<String, Object> settings(@Nullable VariationalObjective objective) {
        Recipe r = recipe();
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("method", Format.lower(configuration.method()));
        if (configuration.method().has(MethodSetting.RULE)) {
            settings.put("decide", r.rule().decide());
        }
        settings.put(
                "epochs",
                r.pretraining().epochs() + "+" + r.pruning().epochs() + "+"
                        + r.finetuning().epochs());
        if (objective != null) {
            settings.put("objective_nats", objective.total());
            settings.put("data_nats", objective.data());
            settings.put("divergence_nats", objective.divergence());
        }
        return settings;
    }

    /** Stops after a signal, where nothing is half done. */
    private static void goOnUnless(@Nullable Interrupts interrupts, @Nullable Lasting how) {
        if (interrupts != null && how != null && interrupts.requested()) {
            throw new StoppedRunException("stopped after training; go on with " + how.goOn, interrupts.exitCode());
        }
    }

    private PruningOutcome train(Graph graph, Splits data, @Nullable Lasting how, @Nullable Interrupts interrupts) {
        Recipe recipe = recipe();
        try (Progress progress = Progress.start("train", "steps", steps(recipe, data), console.err());
                RunListener listener = new RunListener(folder, console, progress, interrupts)) {
            PruningRun run = new PruningRun(
                            graph, data, recipe, configuration.method(), listener)
                    .withTask(configuration.task());
            if (how == null) {
                return run.run();
            }
            PruningRun safe = run.withCheckpoints(new CheckpointPolicy(folder.checkpoint(), how.interval, 0));
            return how.resume ? safe.resume() : safe.run();
        } catch (StoppedException e) {
            throw stopped(e, how, interrupts);
        } catch (OtherRunException e) {
            throw new InputException("run folder '" + folder.path() + "': " + e.getMessage(), e);
        } catch (TrainingException e) {
            throw failed(e, how);
        }
    }

    private static StoppedRunException stopped(
            StoppedException e, @Nullable Lasting how, @Nullable Interrupts interrupts) {
        int code = interrupts == null ? ExitCode.FAILED : interrupts.exitCode();
        return new StoppedRunException(e.getMessage() + (how == null ? "" : "; go on with " + how.goOn), code);
    }

    private JobException failed(TrainingException e, @Nullable Lasting how) {
        boolean disk = e.getCause() instanceof IOException;
        String advice = how == null || !folder.hasCheckpoint()
                ? ""
                : disk
                        ? "; the checkpoint before is kept: make room and go on with " + how.goOn
                        : "; begin again with another --out; the last good checkpoint is kept in "
                                + folder.checkpoint();
        return new JobException(e.getMessage() + advice, e);
    }

    /** What is about to be done, for whoever waits. */
    private String plan(Recipe r, Splits data) {
        return Format.of(
                "espalier: %s on %s, %s %s, method %s, seed %d: epochs %d of training, %d of pruning, %d of"
                        + " fine-tuning, in %s",
                configuration.network(),
                configuration.data(),
                Format.count(data.train().size() - r.batches().holdOut()),
                data.train().labelKind() == LabelKind.NONE ? "examples without labels" : "examples",
                Format.lower(configuration.method()),
                r.batches().seed(),
                r.pretraining().epochs(),
                r.pruning().epochs(),
                r.finetuning().epochs(),
                folder.path());
    }

    private Recipe recipe() {
        return configuration.recipe();
    }

    private static long steps(Recipe r, Splits data) {
        int size = data.train().size() - r.batches().holdOut();
        return (long) (r.pretraining().epochs()
                        + r.pruning().epochs()
                        + r.finetuning().epochs())
                * (size / Math.min(size, r.batches().size()));
    }

    /** One column of a report. */
    public static Report.Side side(Graph graph, DataSet data, double errorPercent, Map<String, Integer> units) {
        long parameters = Footprint.cost(graph, data).parameters();
        return new Report.Side(errorPercent, units, parameters, Footprint.macs(graph, data));
    }

    /**
     * Latencies on the first examples at {@link #BATCHES}, as far as there is memory for them, or at the one batch size that the network
     * takes.
     */
    public static List<Latency> time(Graph original, Graph pruned, DataSet data, Duration budget, Console console) {
        try (OnnxSession a = OnnxSession.open(original, 1);
                OnnxSession b = OnnxSession.open(pruned, 1)) {
            int fixed = Value.fixedBatch(a.inputs());
            List<Latency> all = new ArrayList<>();
            for (int batch : fixed == 0 ? BATCHES : new int[] {fixed}) {
                // Values are freed on the way: far from all of them are in memory at a time.
                if (fixed == 0 && batch > AT_A_TIME * Footprint.inference(original, data, batch)) {
                    console.note("espalier: not timed at batch " + batch + ", for which memory may not do");
                    continue;
                }
                int count = Math.min(batch, data.size());
                all.add(Latency.measure(
                        List.of(a, b), batch, s -> Evaluation.inputs(s, data, 0, count, batch), budget));
            }
            return all;
        }
    }
}
