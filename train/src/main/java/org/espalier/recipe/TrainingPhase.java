package org.espalier.recipe;

import java.util.Locale;

/** The parts of a run, in their order. */
public enum TrainingPhase {
    /** Ordinary training. */
    PRETRAIN(0),
    /** Training with the pruning method attached. */
    PRUNE(1),
    /** Ordinary training of what is left. */
    FINETUNE(2);

    private final int number;

    TrainingPhase(int number) {
        this.number = number;
    }

    /**
     * A number that never changes, to tell the phases' random numbers apart.
     *
     * @return 0, 1 or 2
     */
    public int number() {
        return number;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
