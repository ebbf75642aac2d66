package org.espalier.train;

/** When batch normalisation keeps its running statistics, and uses them, while a network trains. */
public enum FrozenStatistics {
    /** Each batch is normalised by its own statistics, of which the running ones are the mean. */
    NEVER,
    /** In pruning and in fine-tuning. */
    PRUNING,
    /** In all phases: for a network that is trained already. */
    ALWAYS;

    boolean in(Phase phase) {
        return this == ALWAYS || (this == PRUNING && phase != Phase.PRETRAIN);
    }
}
