package org.espalier.job;

import java.util.List;
import java.util.Map;
import org.espalier.bayes.Posterior;
import org.espalier.bayes.PruneRule;
import org.espalier.channels.ChannelGroups;
import org.espalier.data.LabelKind;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.method.PruningMethod;
import org.espalier.method.StructuredBayes;
import org.espalier.objective.Evaluator;
import org.espalier.onnx.OnnxReader;
import org.espalier.recipe.PruningTask;
import org.espalier.shapes.Cost;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.espalier.torch.ExecutablePart;
import org.espalier.torch.TorchGraph;

/** The network of a finished run as pruning left it, to which other thresholds can be applied without training. */
public final class ThresholdSweep {
    private final Graph trained;
    private final ChannelGroups groups;
    private final Posterior posterior;
    private final Splits data;
    private final PruningTask task;
    private final SourceModel original;

    /**
     * A network cut by one rule.
     *
     * @param masked of the size before, with removed units at zero
     * @param pruned without them
     * @param units per group
     * @param errorPercent on the test set
     * @param revived groups that would have lost all their units, so that the best was kept
     * @param parameters of the pruned network
     * @param macs multiply-accumulates that it takes for one example
     */
    public record Cut(
            Graph masked,
            Graph pruned,
            Map<String, Integer> units,
            double errorPercent,
            List<String> revived,
            long parameters,
            long macs) {}

    /**
     * Reads a run.
     *
     * @param configuration the run's
     * @throws InputException if the run has no posterior, a file is damaged, or the data are not of the run's kind
     */
    public ThresholdSweep(RunFolder folder, RunConfiguration configuration, Splits data) {
        this.task = configuration.task();
        // First, as it says best what a run lacks.
        PosteriorFile noise = folder.readPosterior();
        this.original = SourceModel.beforeData("original.onnx", OnnxReader.read(folder.original()))
                .at(data.train());
        original.requireFit(data, configuration.recipe(), task);
        this.trained = SourceModel.beforeData("trained.onnx", OnnxReader.read(folder.trained()))
                .at(data.train())
                .prepared();
        this.groups = task.layers().groups(trained);
        this.posterior = noise.posterior(groups);
        this.data = data;
    }

    /** Applies a rule; the result is not fine-tuned. */
    public Cut cut(PruneRule rule) {
        PruningMethod.Decision wish = StructuredBayes.decide(posterior, rule);
        KeptUnits kept = task.layers().kept(groups, wish.kept(), wish.score());
        Graph masked = Shrinker.mask(groups, trained, kept.masked(posterior.mean()));
        Graph pruned = Shrinker.shrink(groups, masked, kept.kept()).graph();
        double error = error(pruned);
        return new Cut(
                masked,
                pruned,
                groups.count(kept.kept()),
                error,
                kept.revived(),
                Cost.of(pruned).parameters(),
                MemoryEstimate.macs(pruned, data.test()));
    }

    /** Says how many units are past deciding on. */
    public void noteGone(JobListener listener) {
        int before = task.layers().groups(original.prepared()).units();
        int gone = before - groups.units();
        if (gone > 0) {
            listener.onMessage(
                    JobMessage.Code.UNITS_GONE,
                    Format.count(gone) + " of " + Format.count(before)
                            + " units left while the run trained and do not come back at any threshold; training with a patience of 0 epochs keeps them");
        }
    }

    /** The network before pruning. */
    public SourceModel original() {
        return original;
    }

    /** Multiply-accumulates that the network before pruning takes for one example. */
    public long originalMacs() {
        return MemoryEstimate.macs(original.prepared(), data.test());
    }

    /** Error of a network on the test set. */
    public double error(Graph network) {
        if (data.test().labelKind() != LabelKind.NONE) {
            return Evaluator.measure(network, data.test(), task, null).errorPercent();
        }
        try (TorchGraph reference = new TorchGraph(ExecutablePart.of(original.prepared()))) {
            return Evaluator.measure(network, data.test(), task, reference).errorPercent();
        }
    }
}
