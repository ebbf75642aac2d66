package org.espalier.train;

import java.util.Locale;

/** The parts of a run, in their order. */
public enum Phase {
    /** Ordinary training. */
    PRETRAIN,
    /** Training with the pruning method attached. */
    PRUNE,
    /** Ordinary training of what is left. */
    FINETUNE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
