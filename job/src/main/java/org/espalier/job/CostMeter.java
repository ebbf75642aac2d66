package org.espalier.job;

import java.time.Duration;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;
import org.espalier.objective.InputMatch;
import org.espalier.onnx.OnnxWriter;
import org.espalier.recipe.BudgetSettings;
import org.espalier.recipe.CostKind;
import org.espalier.runtime.Latency;
import org.espalier.runtime.OnnxSession;
import org.jspecify.annotations.Nullable;

/** What networks cost that were made from one: counted, or measured beside the original. */
final class CostMeter implements AutoCloseable {
    private static final Duration ORIGINAL = Duration.ofMillis(500);
    private static final Duration CANDIDATE = Duration.ofMillis(150);

    private final SourceModel original;
    private final DataSet data;
    private final BudgetSettings budget;
    private @Nullable OnnxSession session;
    private double originalMillis;

    /** A meter for networks made from one, on examples like the data's. */
    CostMeter(SourceModel original, DataSet data, BudgetSettings budget) {
        this.original = original;
        this.data = data;
        this.budget = budget;
    }

    /** How one kind of cost is found. */
    ToDoubleFunction<Graph> of(CostKind kind) {
        return switch (kind) {
            case MACS -> g -> MemoryEstimate.macs(g, data);
            case PARAMS -> g -> MemoryEstimate.cost(g, data).parameters();
            case SIZE -> g -> OnnxWriter.toBytes(original.asGiven(asBrought(g))).length;
            case LATENCY -> this::millis;
        };
    }

    /** What the original costs. */
    double ofOriginal(CostKind kind) {
        return of(kind).applyAsDouble(original.prepared());
    }

    /** With free sizes where the original has them: training fixes them. */
    private Graph asBrought(Graph g) {
        return InputMatch.withInputs(g, original.prepared().inputs());
    }

    /** Both networks take turns, so that what slows the machine down for a while does not count. */
    private double millis(Graph g) {
        if (session == null) {
            session = open(original.prepared());
            originalMillis = time(List.of(session), ORIGINAL).timings().get(0).medianMillis();
        }
        if (g == original.prepared()) {
            return originalMillis;
        }
        try (OnnxSession other = open(g)) {
            return originalMillis
                    / time(List.of(session, other), CANDIDATE).timings().get(1).speedup();
        }
    }

    private OnnxSession open(Graph g) {
        return OnnxSession.open(original.withInterface(asBrought(g)), budget.latencyThreads());
    }

    private Latency time(List<OnnxSession> sessions, Duration budgetOfEach) {
        int fixed = Value.fixedBatch(sessions.get(0).inputs());
        int batch = fixed > 0 ? fixed : budget.latencyBatch();
        int count = Math.min(batch, data.size());
        return Latency.measure(
                sessions, batch, s -> OnnxRuntimeEvaluation.inputs(s, data, 0, count, batch), budgetOfEach);
    }

    @Override
    public void close() {
        if (session != null) {
            session.close();
            session = null;
        }
    }
}
