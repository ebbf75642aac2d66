package org.espalier.recipe;

import org.jspecify.annotations.Nullable;

/**
 * What a run is to do beside its hyper-parameters.
 *
 * @param output the network's output that labels belong to; null for the first one that holds numbers
 * @param classifier that this output has a score for each class, for data without labels that would say so
 * @param layers which layers may be pruned
 */
public record PruningTask(@Nullable String output, boolean classifier, LayerChoice layers) {
    /** The first output, all layers. */
    public static final PruningTask DEFAULT = new PruningTask(null, false, LayerChoice.ALL);
}
