package org.espalier.recipe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the result may cost, and how much worse it may be.
 *
 * @param targets greatest costs, joined by commas
 * @param maxError how much worse the result may be
 * @param cost in what a unit's cost is counted
 * @param latencyThreads threads for which latency is measured
 * @param latencyBatch examples for which latency is measured
 */
public record BudgetSettings(
        @RecipeSetting("Greatest costs of the result, joined by commas: macs, params, size (the file's bytes) or "
                + "latency, each a share of the original's such as macs=0.5, or an amount such as macs=50M, "
                + "size=2MB or latency=4ms; empty for none")
        String targets,

        @RecipeSetting("By how many points the error on the examples held out may be above the original's; "
                + "without labels, by how many it may differ from the original; nothing for no bound")
        @Nullable
        Double maxError,

        @RecipeSetting("In what a unit's cost is counted where a budget decides which units stay: macs, params, size "
                + "or latency; nothing for the first target's, or macs")
        @Nullable
        CostKind cost,

        @RecipeSetting(value = "Threads of ONNX Runtime when latency is measured for a budget", min = 1, max = 1024)
        int latencyThreads,

        @RecipeSetting(value = "Examples at a time when latency is measured for a budget", min = 1)
        int latencyBatch) {
    /** No budget. */
    public static final BudgetSettings NONE = new BudgetSettings("", null, null, 1, 1);

    /**
     * The greatest costs.
     *
     * @return one for each kind that has one
     */
    public List<CostTarget> costs() {
        return CostTarget.parse(targets);
    }

    /**
     * In what the cost of units is compared where a budget decides.
     *
     * @return the kind that is set, else the first target's, else multiply-accumulates
     */
    public CostKind unitCost() {
        return cost != null
                ? cost
                : costs().stream().map(CostTarget::kind).findFirst().orElse(CostKind.MACS);
    }

    /**
     * Whether anything is bounded.
     *
     * @return true with a target or a greatest error
     */
    public boolean hasBounds() {
        return hasTargets() || maxError != null;
    }

    /**
     * Whether a cost is bounded.
     *
     * @return true with a target
     */
    public boolean hasTargets() {
        return !targets.isBlank();
    }

    /**
     * These settings with other {@code targets}.
     *
     * @param value the new ones
     * @return all others as they are here
     */
    public BudgetSettings withTargets(String value) {
        return RecipeSettings.with(this, "targets", value);
    }

    /**
     * These settings with another {@code maxError}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public BudgetSettings withMaxError(@Nullable Double value) {
        return RecipeSettings.with(this, "maxError", value);
    }

    /**
     * These settings with another {@code cost}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public BudgetSettings withCost(@Nullable CostKind value) {
        return RecipeSettings.with(this, "cost", value);
    }

    /**
     * These settings with another {@code latencyThreads}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public BudgetSettings withLatencyThreads(int value) {
        return RecipeSettings.with(this, "latencyThreads", value);
    }

    /**
     * These settings with another {@code latencyBatch}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public BudgetSettings withLatencyBatch(int value) {
        return RecipeSettings.with(this, "latencyBatch", value);
    }
}
