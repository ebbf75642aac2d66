package org.espalier.job;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.bench.DeviceSpeedup;
import org.espalier.checkpoint.CheckpointPolicy;
import org.espalier.checkpoint.DamagedCheckpointsException;
import org.espalier.checkpoint.OtherRunException;
import org.espalier.data.DataSet;
import org.espalier.data.LabelKind;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;
import org.espalier.method.MethodSetting;
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
public final class PruningJob {
    /** Batch sizes at which latency is measured, one thread; the first one's ratio is the speed-up of the report. */
    private static final int[] BATCHES = {1, 100};

    /** Batch size at which a GPU is timed: at 1 it would wait for its work. */
    public static final int GPU_BATCH = 100;

    /** One in so many of a network's values is in memory while it runs, as a guess. */
    private static final int AT_A_TIME = 4;

    private final RunConfiguration configuration;
    private final RunFolder folder;
    private final JobListener listener;
    private Duration timing = Duration.ofSeconds(1);
    private @Nullable Checkpointing lasting;

    /**
     * How a run survives.
     *
     * @param interval the greatest time without a checkpoint
     * @param resume whether to go on from the last one
     * @param goOn what to type to go on
     */
    public record Checkpointing(Duration interval, boolean resume, String goOn) {}

    public PruningJob(RunConfiguration configuration, RunFolder folder, JobListener listener) {
        this.configuration = configuration.decided();
        this.folder = folder;
        this.listener = listener;
    }

    /** How long each network is timed at each batch size: a second unless said otherwise. */
    public PruningJob timing(Duration budget) {
        timing = budget;
        return this;
    }

    /** With checkpoints, so that a run which is stopped can go on. */
    public PruningJob lasting(Checkpointing how) {
        lasting = how;
        return this;
    }

    /** Runs the job on a network of the zoo. */
    public PruningReport run(Graph graph, Splits data) {
        return run(new SourceModel(configuration.network(), new PreparedGraph(graph, graph)), data);
    }

    /**
     * Runs the job.
     *
     * @param network where training begins
     */
    public PruningReport run(SourceModel network, Splits data) {
        Checkpointing how = lasting;
        if (how == null) {
            return run(network, data, null);
        }
        folder.setAdvice("make room and go on with " + how.goOn);
        PruningReport report = run(network, data, how);
        folder.tidyUp();
        return report;
    }

    private PruningReport run(SourceModel network, Splits data, @Nullable Checkpointing how) {
        long start = System.nanoTime();
        Engine.start(configuration.threads());
        Engine.use(Engine.device(configuration.device()));
        Preflight.check(network, folder);
        folder.writeConfiguration(configuration);
        listener.onMessage(JobMessage.Code.PLAN, plan(recipe(), data));
        if (data.heldOut()) {
            boolean trained = configuration.recipe().pretraining().epochs() == 0;
            listener.onMessage(
                    JobMessage.Code.TEST_PART_HELD_OUT,
                    "the data has no test part, so "
                            + Format.count(data.test().size())
                            + " examples were held out"
                            + (trained
                                    ? "; if the network was trained on them, its own error looks smaller than it is"
                                    : ""));
        }
        PruningOutcome outcome = train(network.prepared(), data, how);
        long trained = System.nanoTime();
        stopIfAsked(how);
        Graph original = network.asGiven(outcome.original());
        Graph pruned = network.asGiven(outcome.pruned());
        folder.writeNetwork(original, folder.original());
        folder.writeNetwork(network.withInterface(outcome.trained()), folder.trained());
        if (outcome.posterior() != null) {
            folder.writePosterior(configuration.task().layers().groups(outcome.trained()), outcome.posterior());
        }
        ExportCheck proof = folder.writeChecked(
                pruned,
                folder.pruned(),
                () -> ExportCheck.of(network, outcome.masked(), outcome.pruned(), folder.pruned(), data.test()));
        proof.notes().forEach(listener::onMessage);
        if (recipe().pruning().epochs() > 0 && outcome.units().equals(outcome.originalUnits())) {
            listener.onMessage(
                    JobMessage.Code.NOTHING_REMOVED,
                    "no unit was removed; more epochs with noise, a higher tolerance or more strength remove some");
        }
        stopIfAsked(how);
        List<Latency> latencies = proof.runsAsWritten()
                ? time(original, pruned, data.test(), timing, listener)
                : time(outcome.original(), outcome.pruned(), data.test(), timing, listener);
        stopIfAsked(how);
        // What earlier processes spent on the run counts.
        double before = how != null && how.resume ? outcome.seconds() : (trained - start) * 1e-9;
        PruningReport report = new PruningReport(
                side(outcome.original(), data.test(), outcome.originalErrorPercent(), outcome.originalUnits()),
                side(outcome.pruned(), data.test(), outcome.errorPercent(), outcome.units()),
                latencies,
                gpuSpeedup(outcome, data.test()),
                proof,
                before + (System.nanoTime() - trained) * 1e-9,
                configuration.recipe().batches().seed(),
                ErrorMeasure.of(outcome.original(), data.test(), configuration.task()),
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
    private void stopIfAsked(@Nullable Checkpointing how) {
        if (how != null && listener.shouldStop()) {
            throw new StoppedRunException("stopped after training; go on with " + how.goOn);
        }
    }

    private PruningOutcome train(Graph graph, Splits data, @Nullable Checkpointing how) {
        Recipe recipe = recipe();
        try (JobProgress progress = listener.onBegin("train", "steps", steps(recipe, data));
                RunRecorder recorder = new RunRecorder(folder, listener, progress)) {
            PruningRun run = new PruningRun(graph, data, recipe, configuration.method(), recorder)
                    .withTask(configuration.task());
            if (how == null) {
                return run.run();
            }
            PruningRun safe = run.withCheckpoints(new CheckpointPolicy(folder.checkpoint(), how.interval, 0));
            return how.resume ? safe.resume() : safe.run();
        } catch (StoppedException e) {
            throw stopped(e, how);
        } catch (DamagedCheckpointsException e) {
            throw new InputException(
                    Setting.START_OVER,
                    "run folder '" + folder.path() + "': " + e.getMessage() + "; it can begin again at its first step",
                    e);
        } catch (OtherRunException e) {
            throw new InputException("run folder '" + folder.path() + "': " + e.getMessage(), e);
        } catch (TrainingException e) {
            throw failed(e, how);
        }
    }

    private static StoppedRunException stopped(StoppedException e, @Nullable Checkpointing how) {
        return new StoppedRunException(e.getMessage() + (how == null ? "" : "; go on with " + how.goOn));
    }

    private JobException failed(TrainingException e, @Nullable Checkpointing how) {
        boolean disk = e.getCause() instanceof IOException;
        String advice = how == null || !folder.hasCheckpoint()
                ? ""
                : disk
                        ? "; the checkpoint before is kept: make room and go on with " + how.goOn
                        : "; begin again in another folder; the last good checkpoint is kept in " + folder.checkpoint();
        return new JobException(e.getMessage() + advice, e);
    }

    /** What is about to be done, for whoever waits. */
    private String plan(Recipe r, Splits data) {
        return Format.of(
                "%s on %s, %s %s, method %s, seed %d: epochs %d of training, %d of pruning, %d of"
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
    public static PruningReport.Side side(Graph graph, DataSet data, double errorPercent, Map<String, Integer> units) {
        long parameters = MemoryEstimate.cost(graph, data).parameters();
        return new PruningReport.Side(errorPercent, units, parameters, MemoryEstimate.macs(graph, data));
    }

    /**
     * Latencies on the first examples at {@link #BATCHES}, as far as there is memory for them, or at the one batch size that the network
     * takes.
     */
    public static List<Latency> time(
            Graph original, Graph pruned, DataSet data, Duration budget, JobListener listener) {
        try (OnnxSession a = OnnxSession.open(original, 1);
                OnnxSession b = OnnxSession.open(pruned, 1)) {
            int fixed = Value.fixedBatch(a.inputs());
            List<Latency> all = new ArrayList<>();
            for (int batch : fixed == 0 ? BATCHES : new int[] {fixed}) {
                // Values are freed on the way: far from all of them are in memory at a time.
                if (fixed == 0 && batch > AT_A_TIME * MemoryEstimate.inference(original, data, batch)) {
                    listener.onMessage(
                            JobMessage.Code.BATCH_NOT_TIMED,
                            "not timed at batch " + batch + ", for which memory may not do");
                    continue;
                }
                int count = Math.min(batch, data.size());
                all.add(Latency.measure(
                        List.of(a, b), batch, s -> OnnxRuntimeEvaluation.inputs(s, data, 0, count, batch), budget));
            }
            return all;
        }
    }
}
