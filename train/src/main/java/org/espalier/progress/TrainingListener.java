package org.espalier.progress;

import java.util.List;

/** Hears how training goes on. Methods are called on the training thread. */
public interface TrainingListener {
    /**
     * Called after each epoch.
     *
     * @param metrics what is known after it
     */
    default void onEpoch(EpochMetrics metrics) {}

    /**
     * Called after each step with the number of steps done, of all steps of the run.
     *
     * @param done steps done
     * @param all steps of the run
     */
    default void onStep(long done, long all) {}

    /**
     * A line for people, such as that a layer would have become empty.
     *
     * @param line one line
     */
    default void onMessage(String line) {}

    /**
     * Called before training goes on from a checkpoint, or from the start where there is none.
     *
     * @param done steps done before
     * @param all steps of the run
     * @param before what {@link #onEpoch} was told up to the checkpoint; epochs after it come again
     */
    default void onResume(long done, long all, List<EpochMetrics> before) {}

    /**
     * Asked after each step; once it says true, a checkpoint is written and the run ends with a {@link
     * StoppedException}. An interrupt of the training thread does the same.
     *
     * @return true to stop
     */
    default boolean shouldStop() {
        return false;
    }

    /**
     * Listens to nothing.
     *
     * @return the listener
     */
    static TrainingListener silent() {
        return new TrainingListener() {};
    }
}
