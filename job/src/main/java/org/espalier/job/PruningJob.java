package org.espalier.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.bench.DeviceSpeedup;
import org.espalier.data.DataSet;
import org.espalier.data.LabelKind;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.method.MethodSetting;
import org.espalier.prepare.PreparedGraph;
import org.espalier.progress.StoppedException;
import org.espalier.progress.VariationalObjective;
import org.espalier.recipe.Recipe;
import org.espalier.torch.Engine;
import org.espalier.train.PruningOutcome;
import org.jspecify.annotations.Nullable;

/** A job in a run's folder: train and prune, export, check one network against the other, time both, report. */
public final class PruningJob {
    /** Batch size at which a GPU is timed: at 1 it would wait for its work. */
    public static final int GPU_BATCH = 100;

    private final RunConfiguration configuration;
    private final RunFolder folder;
    private final JobListener listener;
    private Duration timing = Duration.ofSeconds(1);
    private @Nullable Checkpointing checkpointing;

    /**
     * How a run is kept while it is not finished.
     *
     * @param interval the greatest time without a checkpoint
     * @param resume whether to go on from the last one
     * @param goOn what the user does to go on, for messages
     */
    public record Checkpointing(Duration interval, boolean resume, String goOn) {}

    /**
     * Prepares a job.
     *
     * @param configuration what to do
     * @param folder where the results go
     * @param listener hears how it goes, and may stop it
     */
    public PruningJob(RunConfiguration configuration, RunFolder folder, JobListener listener) {
        this.configuration = configuration.decided();
        this.folder = folder;
        this.listener = listener;
    }

    /**
     * Sets how long each network is timed at each batch size; the default is a second.
     *
     * @param budget the time for one network at one batch size
     * @return this job
     */
    public PruningJob timing(Duration budget) {
        timing = budget;
        return this;
    }

    /**
     * Writes checkpoints, so that a run which is stopped can go on; the default is none.
     *
     * @param how when they are written
     * @return this job
     */
    public PruningJob checkpoints(Checkpointing how) {
        checkpointing = how;
        return this;
    }

    /**
     * Runs the job on a network of the zoo.
     *
     * @param graph the network with its first weights
     * @param data the examples
     * @return the report, which is also in the folder
     */
    public PruningReport run(Graph graph, Splits data) {
        return run(new SourceModel(configuration.network(), new PreparedGraph(graph, graph)), data);
    }

    /**
     * Runs the job.
     *
     * @param network where training begins
     * @param data the examples
     * @return what the run came to, which is also in the folder
     * @throws StoppedException if the listener or an interrupt of this thread asked for it; with checkpoints the run
     *     can go on
     * @throws InputException if network, data, recipe and the checkpoint do not fit each other
     * @throws JobException if training or writing fails
     */
    public PruningReport run(SourceModel network, Splits data) {
        if (checkpointing != null) {
            folder.setAdvice("make room and go on with " + checkpointing.goOn);
        }
        PruningReport report = InterruptibleWork.run(
                "espalier-job", interrupted -> run(network, data, new StoppableListener(listener, interrupted)));
        if (checkpointing != null) {
            folder.tidyUp();
        }
        return report;
    }

    private PruningReport run(SourceModel network, Splits data, JobListener heard) {
        try (Budget budget = new Budget(network, data.test(), configuration.task(), recipe().budget())) {
            return run(network, data, budget, heard);
        }
    }

    private PruningReport run(SourceModel network, Splits data, Budget budget, JobListener heard) {
        long start = System.nanoTime();
        boolean resume = checkpointing != null && checkpointing.resume;
        Engine.start(configuration.threads());
        Engine.use(Engine.device(configuration.device()));
        Preflight.check(network, folder);
        folder.writeConfiguration(configuration);
        heard.onPhase(JobPhase.TRAIN);
        announce(data, heard);
        PruningOutcome outcome = new TrainingStage(
                        configuration, recipe(), budget.forTraining(), folder, heard, checkpointing)
                .run(network.prepared(), data);
        long trained = System.nanoTime();
        boolean nothing = recipe().prunes() && outcome.units().equals(outcome.originalUnits());
        if (nothing) {
            // Weights that were trained with noise for nothing are worth less than those that were given.
            outcome = outcome.unchanged();
            heard.onMessage(
                    JobMessage.Code.NOTHING_REMOVED,
                    "no unit was removed, so that the result is the original; more epochs with noise, a higher tolerance or"
                            + " more strength remove some");
        }
        stopIfAsked(heard);
        heard.onPhase(JobPhase.EXPORT);
        ExportedNetworks files = ExportedNetworks.write(network, outcome, configuration.task(), folder);
        heard.onPhase(JobPhase.CHECK);
        ExportCheck check = check(network, outcome, files.pruned(), data.test(), heard);
        stopIfAsked(heard);
        heard.onPhase(JobPhase.TIME);
        LatencyComparison latency = check.runsAsWritten()
                ? LatencyComparison.measure(files.original(), files.pruned(), data.test(), timing, heard)
                : LatencyComparison.measure(outcome.original(), outcome.pruned(), data.test(), timing, heard);
        Double gpu = gpuSpeedup(outcome, data.test());
        stopIfAsked(heard);
        heard.onPhase(JobPhase.REPORT);
        // What earlier processes spent on the run counts.
        double before = resume ? outcome.seconds() : (trained - start) * 1e-9;
        double seconds = before + (System.nanoTime() - trained) * 1e-9;
        List<Budget.Line> bounds = bounds(budget, outcome, data, heard);
        Map<String, Object> settings = settings(outcome.objective(), bounds);
        // Where the original keeps within its target, nothing need go.
        if (nothing && bounds.isEmpty()) {
            settings.put(PruningReport.REMOVED_NOTHING, true);
        }
        PruningReport report = report(outcome, data.test(), check, latency, gpu, seconds, settings);
        report.measure().notes().forEach(heard::onMessage);
        folder.writeReport(report.data());
        return report;
    }

    private void announce(Splits data, JobListener heard) {
        heard.onMessage(JobMessage.Code.PLAN, plan(recipe(), data));
        if (data.heldOut()) {
            boolean trained = configuration.recipe().pretraining().epochs() == 0;
            heard.onMessage(
                    JobMessage.Code.TEST_PART_HELD_OUT,
                    "the data has no test part, so " + Format.count(data.test().size()) + " examples were held out"
                            + (trained
                                    ? "; if the network was trained on them, its own error looks smaller than it is"
                                    : ""));
        }
    }

    private ExportCheck check(
            SourceModel network, PruningOutcome outcome, Graph pruned, DataSet test, JobListener heard) {
        ExportCheck check = folder.writeChecked(
                pruned,
                folder.pruned(),
                () -> ExportCheck.of(network, outcome.masked(), outcome.pruned(), folder.pruned(), test));
        check.notes().forEach(heard::onMessage);
        return check;
    }

    private PruningReport report(
            PruningOutcome outcome,
            DataSet test,
            ExportCheck check,
            LatencyComparison latency,
            @Nullable Double gpu,
            double seconds,
            Map<String, Object> settings) {
        return new PruningReport(
                PruningReport.Side.of(
                        outcome.original(), test, outcome.originalErrorPercent(), outcome.originalUnits()),
                PruningReport.Side.of(outcome.pruned(), test, outcome.errorPercent(), outcome.units()),
                latency.batches(),
                gpu,
                check,
                seconds,
                configuration.recipe().batches().seed(),
                ErrorMeasure.of(outcome.original(), test, configuration.task(), outcome.errors()),
                settings);
    }

    /** On the device that the run trained on; null for the CPU, on which ONNX Runtime is timed. */
    private @Nullable Double gpuSpeedup(PruningOutcome outcome, DataSet data) {
        return configuration.device().equals(RunConfiguration.CPU)
                ? null
                : DeviceSpeedup.measure(outcome.original(), outcome.pruned(), data, GPU_BATCH, timing.multipliedBy(2));
    }

    /** What the report says of how the run was made. */
    private Map<String, Object> settings(@Nullable VariationalObjective objective, List<Budget.Line> bounds) {
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
        if (!bounds.isEmpty()) {
            settings.put(PruningReport.BUDGET, bounds);
        }
        return settings;
    }

    /** What came of the budget, and a word where it was missed. */
    private List<Budget.Line> bounds(Budget budget, PruningOutcome outcome, Splits data, JobListener heard) {
        List<Budget.Line> lines = new ArrayList<>(budget.costs(outcome.pruned()));
        lines.addAll(budget.error(
                outcome.original(),
                outcome.pruned(),
                data,
                recipe().batches().holdOut(),
                recipe().batches().seed()));
        lines.stream()
                .filter(l -> !l.met())
                .forEach(l -> heard.onMessage(JobMessage.Code.BUDGET_MISSED, "the budget is missed: " + l));
        return lines;
    }

    /** Stops between two parts of the job, where nothing is half done. */
    private void stopIfAsked(JobListener heard) {
        if (heard.shouldStop()) {
            throw new StoppedException(
                    "stopped after training" + (checkpointing == null ? "" : "; go on with " + checkpointing.goOn));
        }
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
}
