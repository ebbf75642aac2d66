package org.espalier.job;

import org.espalier.progress.EpochMetrics;

/**
 * Hears how a job goes, and may stop it. Methods are called by one thread at a time, which need not be the one that began the job. What a
 * method throws ends the job.
 */
public interface JobListener {
    /** Hears nothing and stops nothing. */
    JobListener NONE = new JobListener() {};

    /**
     * Called as each part of the job begins.
     *
     * @param phase the part that begins
     */
    default void onPhase(JobPhase phase) {}

    /**
     * Called after each epoch of training, once it is in {@code metrics.jsonl}.
     *
     * @param metrics loss, error and sparsity of the epoch
     */
    default void onEpoch(EpochMetrics metrics) {}

    /**
     * Called with what is worth knowing beside the result.
     *
     * @param message the message
     */
    default void onMessage(JobMessage message) {}

    /**
     * Calls {@link #onMessage(JobMessage)} with a message of this code and text.
     *
     * @param code what the message is about
     * @param text one line for people
     */
    default void onMessage(JobMessage.Code code, String text) {
        onMessage(new JobMessage(code, text));
    }

    /**
     * Called when a part begins whose progress is counted.
     *
     * @param task what is done
     * @param unit what is counted, in the plural
     * @param total the count at the end
     * @return what is told of the progress, and closed at the end
     */
    default JobProgress onBegin(String task, String unit, long total) {
        return JobProgress.NONE;
    }

    /**
     * Asked between two steps: whether to write a checkpoint and end with {@link org.espalier.progress.StoppedException}. An interrupt of
     * the thread that began the job asks for the same.
     *
     * @return true to stop
     */
    default boolean shouldStop() {
        return false;
    }
}
