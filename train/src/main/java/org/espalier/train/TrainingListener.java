package org.espalier.train;

/** Hears how training goes on. Methods are called on the training thread. */
public interface TrainingListener {
    /** Called after each epoch. */
    default void onEpoch(EpochMetrics metrics) {}

    /** Called after each step with the number of steps done, of all steps of the run. */
    default void onStep(long done, long all) {}

    /** A line for people, such as that a layer would have become empty. */
    default void onMessage(String line) {}

    /** Listens to nothing. */
    static TrainingListener silent() {
        return new TrainingListener() {};
    }
}
