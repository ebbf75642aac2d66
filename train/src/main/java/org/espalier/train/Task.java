package org.espalier.train;

import org.jspecify.annotations.Nullable;

/**
 * What a run is to do beside its hyper-parameters.
 *
 * @param output the network's output that labels belong to; null for the first one that holds numbers
 * @param frozenStatistics whether batch normalisation keeps its running statistics, and uses them, while training: for a network that is
 *     trained already
 * @param layers which layers may be pruned
 */
public record Task(@Nullable String output, boolean frozenStatistics, LayerChoice layers) {
    /** The first output, ordinary batch statistics, all layers. */
    public static final Task DEFAULT = new Task(null, false, LayerChoice.ALL);

    /** The same for a network that is trained already: batch normalisation keeps its running statistics. */
    public static final Task TRAINED = new Task(null, true, LayerChoice.ALL);
}
