package org.espalier.cli.options;

import java.util.List;
import org.espalier.job.InputException;
import org.espalier.recipe.BudgetSettings;
import org.espalier.recipe.CostKind;
import org.espalier.recipe.CostTarget;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the result may cost, and how much worse it may be. */
public final class BudgetOptions {
    @Option(
            names = "--target",
            split = ",",
            paramLabel = "COST=MOST",
            description = {
                "What the result may cost: macs, params, size or latency, as a share of the original (macs=0.5) or",
                "an amount (macs=50M, params=100k, size=2MB, latency=4ms). May be given several times."
            })
    private @Nullable List<String> targets;

    @Option(
            names = "--max-error",
            paramLabel = "POINTS",
            description = {
                "By how many points the error on examples held out may be above the original's; without labels, by how",
                "many it may differ from the original. Without --target: the smallest result that keeps it."
            })
    private @Nullable Double maxError;

    @Option(
            names = "--cost",
            paramLabel = "macs|params|size|latency",
            description = "In what a budget counts a unit's cost (default: the first target's, or macs).")
    private @Nullable CostKind cost;

    @Option(
            names = "--latency-threads",
            paramLabel = "N",
            description = "Threads of ONNX Runtime for which latency is measured (default: 1).")
    private @Nullable Integer threads;

    @Option(
            names = "--latency-batch",
            paramLabel = "N",
            description = "Examples at a time for which latency is measured (default: 1).")
    private @Nullable Integer batch;

    /** {@return whether a cost is bounded} */
    public boolean hasTargets() {
        return targets != null;
    }

    /** {@return the name of an option that was given; null for none} */
    @Nullable
    public String given() {
        if (targets != null) {
            return "--target";
        }
        if (maxError != null) {
            return "--max-error";
        }
        return cost != null
                ? "--cost"
                : threads != null ? "--latency-threads" : batch != null ? "--latency-batch" : null;
    }

    /**
     * Replaces those settings that options name.
     *
     * @param defaults the settings to start from
     * @return the settings
     * @throws InputException if a target is not one
     */
    public BudgetSettings apply(BudgetSettings defaults) {
        BudgetSettings b = defaults;
        b = targets == null ? b : b.withTargets(checked(targets));
        b = maxError == null ? b : b.withMaxError(maxError);
        b = cost == null ? b : b.withCost(cost);
        b = threads == null ? b : b.withLatencyThreads(threads);
        return batch == null ? b : b.withLatencyBatch(batch);
    }

    /** In one form, however they were typed. */
    private static String checked(List<String> targets) {
        try {
            return String.join(
                    ",",
                    CostTarget.parse(String.join(",", targets)).stream()
                            .map(CostTarget::toString)
                            .toList());
        } catch (IllegalArgumentException e) {
            throw new InputException("--target: " + e.getMessage(), e);
        }
    }
}
