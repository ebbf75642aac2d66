package org.espalier.method;

import org.espalier.channels.ChannelGroups;
import org.espalier.recipe.Recipe;

/** Attaches a method to the groups of a network when its phase begins. */
@FunctionalInterface
public interface MethodFactory {
    /**
     * Attaches the method, as pruning begins.
     *
     * @param groups of the network that is pruned
     * @param recipe the run's settings
     * @return the method at work, which whoever asks must close
     */
    PruningMethod attach(ChannelGroups groups, Recipe recipe);

    /**
     * What is attached while the network that the method left is fine-tuned: nothing, unless the method says otherwise.
     *
     * @param groups of the network that is left
     * @return the method at work, which whoever asks must close
     */
    default PruningMethod attachTuning(ChannelGroups groups) {
        return new NoPruning(groups);
    }
}
