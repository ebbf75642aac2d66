package org.espalier.train;

import java.util.Map;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.objective.BatchTensors;
import org.espalier.objective.ExecutablePart;
import org.espalier.recipe.Augmentations;
import org.espalier.recipe.Recipe;
import org.espalier.torch.PassMode;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;

/**
 * Collects anew what batch normalisation knows of its inputs, for a network that was pruned and will not be trained
 * any more: its running means and variances were collected with noise, and with weights and units that are gone.
 */
final class BatchNormStatistics {
    private static final String BATCH_NORMALIZATION = "BatchNormalization";

    private static final float MOMENTUM = 0.9f;
    /** What was there before keeps a share of 3·10⁻⁵. */
    private static final int BATCHES = 100;

    private BatchNormStatistics() {}

    /** The network with statistics of its own; the same where it has none. */
    static Graph refresh(Graph graph, DataSet train, Recipe recipe) {
        if (graph.nodes().stream().noneMatch(n -> n.opType().equals(BATCH_NORMALIZATION))) {
            return graph;
        }
        Graph forgetful = graph.with(
                graph.nodes().stream()
                        .map(n -> n.opType().equals(BATCH_NORMALIZATION)
                                ? n.withAttribute("momentum", Attribute.of(MOMENTUM))
                                : n)
                        .toList(),
                graph.initializers());
        BatchLoader.Builder batches = BatchLoader.of(train)
                .batchSize(Math.min(recipe.batches().size(), train.size()))
                .seed(recipe.batches().seed())
                .dropLast(true);
        Augmentations.of(recipe.pruning().augmentation()).ifPresent(batches::augmentation);
        PassMode mode = new PassMode(false, true, false, recipe.batches().precision(), true);
        try (TorchGraph net = new TorchGraph(ExecutablePart.of(forgetful));
                BatchLoader loader = batches.build()) {
            BatchTensors feed = new BatchTensors(graph, train);
            for (int i = 0; i < BATCHES; i++) {
                try (Scope scope = Scope.open()) {
                    net.forward(feed.inputs(loader.next()), Map.of(), mode);
                }
            }
            return graph.withInitializers(net.state());
        }
    }
}
