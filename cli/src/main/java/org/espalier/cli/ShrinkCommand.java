package org.espalier.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.espalier.bayes.PruneRule;
import org.espalier.bayes.PruneRules;
import org.espalier.bayes.SnrRule;
import org.espalier.channels.ChannelGroups;
import org.espalier.cli.console.Console;
import org.espalier.cli.console.ConsoleListener;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.options.BudgetOptions;
import org.espalier.cli.options.DataChoice;
import org.espalier.cli.options.RecipeOptions;
import org.espalier.cli.options.TimingOptions;
import org.espalier.data.Splits;
import org.espalier.job.ErrorMeasure;
import org.espalier.job.ExportCheck;
import org.espalier.job.InputException;
import org.espalier.job.LatencyComparison;
import org.espalier.job.PruningReport;
import org.espalier.job.RunConfiguration;
import org.espalier.job.RunFolder;
import org.espalier.job.SourceModel;
import org.espalier.job.ThresholdSweep;
import org.espalier.recipe.BudgetSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code espalier shrink}: another threshold for a run, without training again. */
@Command(
        name = "shrink",
        mixinStandardHelpOptions = true,
        description = {
            "Applies another signal-to-noise threshold, another rule or a budget to a run's posterior, without training",
            "again.",
            "Units that left while the run trained do not come back."
        })
final class ShrinkCommand implements Callable<Integer> {
    @ParentCommand
    private EspalierCommand espalier;

    @Parameters(paramLabel = "RUN", description = "A run's folder.")
    private Path run;

    @Option(names = "--threshold", paramLabel = "T", description = "Units below it go (default: 1).")
    private @Nullable Double asked;

    @Option(
            names = "--decide",
            paramLabel = "snr|bmrs-n|bmrs-n-published|bmrs-u8|bmrs-u4",
            description = "Rule by which units go (default: snr).")
    private @Nullable String rule;

    @Mixin
    private BudgetOptions budget;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "Where data sets lie (default: as in the run).")
    private @Nullable Path dataDir;

    @Option(
            names = "--out",
            paramLabel = "FILE.onnx",
            description = "Default: RUN/pruned-T.onnx, or the rule's name for T.")
    private @Nullable Path out;

    @Mixin
    private TimingOptions timing;

    @Override
    public Integer call() {
        BudgetSettings bounds = bounds();
        String decide = rule == null ? PruneRules.SNR : RecipeOptions.rule(rule);
        RecipeOptions.requireThreshold(asked, decide);
        double threshold = asked == null ? SnrRule.DEFAULT_THRESHOLD : asked;
        if (!(threshold >= 0 && Double.isFinite(threshold))) {
            throw new InputException("--threshold must be a number of 0 or more, found " + threshold);
        }
        // It may be -0.0, and becomes part of a file's name.
        threshold += 0.0;
        PruneRule byRule = PruneRules.of(decide, threshold);
        String label = bounds.hasBounds() ? label(bounds) : decide.equals(PruneRules.SNR) ? "" + threshold : decide;
        Map<String, Object> settings = settings(bounds, decide, threshold);
        Duration budget = timing.budget();
        long start = System.nanoTime();
        Console console = espalier.console();
        try (RunFolder folder = RunFolder.open(run)) {
            RunConfiguration c = folder.readConfiguration(RunConfiguration.class);
            Path target = out == null ? run.resolve("pruned-" + label + ".onnx") : out;
            folder.requireFreePlace(target);
            Splits data = DataChoice.open(c, dataDir, console);
            ThresholdSweep thresholds = new ThresholdSweep(folder, c, data);
            ConsoleListener listener = new ConsoleListener(console);
            thresholds.noteGone(listener);
            ThresholdSweep.Cut cut;
            if (bounds.hasBounds()) {
                ThresholdSweep.BudgetedCut within = thresholds.cut(bounds);
                settings.put(PruningReport.BUDGET, within.budget());
                cut = within.cut();
            } else {
                cut = thresholds.cut(byRule);
            }
            for (String name : cut.revived()) {
                console.note("espalier: group '" + name + "' would have lost all its units; the best was kept");
            }
            SourceModel original = thresholds.original();
            ChannelGroups groups = c.task().layers().groups(original.prepared());
            ExportCheck proof = folder.writeChecked(
                    original.asGiven(cut.pruned()),
                    target,
                    () -> ExportCheck.of(original, cut.masked(), cut.pruned(), target, data.test()));
            proof.notes().forEach(listener::onMessage);
            PruningReport report = new PruningReport(
                    PruningReport.Side.of(
                            original.prepared(), data.test(), cut.errors().originalPercent(), groups.sizes()),
                    PruningReport.Side.of(cut.pruned(), data.test(), cut.errorPercent(), cut.units()),
                    LatencyComparison.measure(original.prepared(), cut.pruned(), data.test(), budget, listener)
                            .batches(),
                    null,
                    proof,
                    (System.nanoTime() - start) * 1e-9,
                    c.recipe().batches().seed(),
                    ErrorMeasure.of(original.prepared(), data.test(), c.task(), cut.errors()),
                    settings);
            console.result(report.data(), ReportTable.text(report));
            console.note(
                    "espalier: " + target + " is the result; it is not fine-tuned: 'espalier prune' with --epochs 0"
                            + " --no-teacher and the run's own data options does that, from labels");
            return report.isBudgetMissed() ? ExitCode.FAILED : ExitCode.DONE;
        }
    }

    /** What was asked for; a budget decides alone. */
    private BudgetSettings bounds() {
        BudgetSettings bounds = budget.apply(BudgetSettings.NONE);
        if (bounds.hasBounds() && (asked != null || rule != null)) {
            throw new InputException((asked == null ? "--decide" : "--threshold") + " does nothing with "
                    + budget.given() + ", which says what stays");
        }
        if (!bounds.hasBounds() && budget.given() != null) {
            throw new InputException(budget.given() + " does nothing without --target or --max-error");
        }
        return bounds;
    }

    private static String label(BudgetSettings bounds) {
        String targets = bounds.targets().replace('=', '-').replace(',', '-');
        return bounds.maxError() == null
                ? targets
                : targets + (targets.isEmpty() ? "" : "-") + "error-" + bounds.maxError();
    }

    private static Map<String, Object> settings(BudgetSettings bounds, String decide, double threshold) {
        Map<String, Object> settings = new LinkedHashMap<>();
        if (!bounds.hasBounds()) {
            settings.put("decide", decide);
            if (decide.equals(PruneRules.SNR)) {
                settings.put("threshold", threshold);
            }
        }
        return settings;
    }
}
