package org.espalier.recipe;

/** When batch normalisation keeps its running statistics, and uses them, while a network trains. */
public enum FrozenStatistics {
    /** Each batch is normalised by its own statistics, of which the running ones are the mean. */
    NEVER,
    /** In pruning and in fine-tuning. */
    PRUNING,
    /** In all phases: for a network that is trained already. */
    ALWAYS;

    public boolean in(TrainingPhase phase) {
        return this == ALWAYS || (this == PRUNING && phase != TrainingPhase.PRETRAIN);
    }
}
