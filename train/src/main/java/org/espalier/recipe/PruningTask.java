package org.espalier.recipe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run is to do beside its hyper-parameters.
 *
 * @param output the network's output that labels belong to; null for the first one that holds numbers
 * @param classifier that this output has a score for each class, for data without labels that would say so
 * @param layers which layers may be pruned
 * @param keepOutputs the outputs that the network keeps; empty for all
 */
public record PruningTask(@Nullable String output, boolean classifier, LayerChoice layers, List<String> keepOutputs) {
    /** The first output, all layers. */
    public static final PruningTask DEFAULT = new PruningTask(null, false, LayerChoice.ALL);

    /**
     * Copies the names; a file from before there were any means all outputs.
     *
     * @param output the network's output that labels belong to
     * @param classifier that this output has a score for each class
     * @param layers which layers may be pruned
     * @param keepOutputs the outputs that the network keeps
     */
    @SuppressWarnings("ConstantValue") // what a file does not have arrives as null
    public PruningTask {
        keepOutputs = keepOutputs == null ? List.of() : List.copyOf(keepOutputs);
    }

    /**
     * A task that keeps all outputs.
     *
     * @param output the network's output that labels belong to; null for the first one that holds numbers
     * @param classifier that this output has a score for each class
     * @param layers which layers may be pruned
     */
    public PruningTask(@Nullable String output, boolean classifier, LayerChoice layers) {
        this(output, classifier, layers, List.of());
    }
}
