package org.espalier.cli;

import java.util.List;
import java.util.Map;
import org.espalier.bayes.SnrRule;
import org.espalier.channels.ChannelGroups;
import org.espalier.cost.Cost;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.method.Posterior;
import org.espalier.onnx.OnnxReader;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.espalier.train.Evaluator;

/** The network of a finished run as pruning left it, to which other thresholds can be applied without training. */
final class Thresholds {
    private final Graph trained;
    private final ChannelGroups groups;
    private final Posterior posterior;
    private final Splits data;

    /**
     * A network cut at one threshold.
     *
     * @param masked of the size before, with removed units at zero
     * @param pruned without them
     * @param units per group
     * @param errorPercent on the test set
     * @param revived groups that would have lost all their units, so that the best was kept
     */
    record Cut(
            double threshold,
            Graph masked,
            Graph pruned,
            Map<String, Integer> units,
            double errorPercent,
            List<String> revived) {
        Cost cost() {
            return Cost.of(pruned);
        }
    }

    /**
     * Reads a run.
     *
     * @throws InputException if the run has no posterior, or a file is damaged
     */
    Thresholds(RunFolder folder, Splits data) {
        this.trained = OnnxReader.read(folder.trained());
        this.groups = ChannelGroups.of(trained);
        this.posterior = folder.readPosterior().posterior(groups);
        this.data = data;
    }

    /** Applies a threshold; the result is not fine-tuned. */
    Cut cut(double threshold) {
        KeptUnits kept = KeptUnits.of(groups, posterior.kept(new SnrRule(threshold)), posterior.snr());
        double[] scale = posterior.mean();
        for (int u = 0; u < scale.length; u++) {
            scale[u] = kept.kept()[u] ? scale[u] : 0;
        }
        Graph masked = Shrinker.mask(groups, trained, scale);
        Graph pruned = Shrinker.shrink(groups, masked, kept.kept()).graph();
        double error = Evaluator.errorPercent(pruned, data.test());
        return new Cut(threshold, masked, pruned, groups.count(kept.kept()), error, kept.revived());
    }
}
