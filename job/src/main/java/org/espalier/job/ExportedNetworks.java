package org.espalier.job;

import org.espalier.graph.Graph;
import org.espalier.recipe.PruningTask;
import org.espalier.train.PruningOutcome;

/**
 * The two networks of a run as they are in its folder: with inputs, outputs and precision of the network that was given.
 *
 * @param original before pruning
 * @param pruned the result
 */
record ExportedNetworks(Graph original, Graph pruned) {
    /**
     * Writes what training made: the original, and the network of full size with its posterior where there is one. The pruned network is
     * written by whoever checks it.
     *
     * @throws JobException if a weight does not fit the precision, or a file cannot be written
     */
    static ExportedNetworks write(SourceModel network, PruningOutcome outcome, PruningTask task, RunFolder folder) {
        Graph original = network.asGiven(outcome.original());
        Graph pruned = network.asGiven(outcome.pruned());
        folder.writeNetwork(original, folder.original());
        folder.writeNetwork(network.withInterface(outcome.trained()), folder.trained());
        if (outcome.posterior() != null) {
            folder.writePosterior(task.layers().groups(outcome.trained()), outcome.posterior());
        }
        return new ExportedNetworks(original, pruned);
    }
}
