package org.espalier.job;

import org.espalier.progress.EpochMetrics;

/**
 * Hears how a job goes, and may stop it. Methods are called by one thread at a time, which need not be the one that began the job. What a
 * method throws ends the job.
 */
public interface JobListener {
    /** Hears nothing and stops nothing. */
    JobListener NONE = new JobListener() {};

    /** Called as each part of the job begins. */
    default void onPhase(JobPhase phase) {}

    /** Called after each epoch of training, once it is in {@code metrics.jsonl}. */
    default void onEpoch(EpochMetrics metrics) {}

    /** Tells something worth knowing beside the result. */
    default void onMessage(JobMessage message) {}

    /** Tells something worth knowing beside the result. */
    default void onMessage(JobMessage.Code code, String text) {
        onMessage(new JobMessage(code, text));
    }

    /**
     * Begins to tell how far something is.
     *
     * @param task what is done
     * @param unit of what is counted, in the plural
     * @param total when it is finished
     */
    default JobProgress onBegin(String task, String unit, long total) {
        return JobProgress.NONE;
    }

    /**
     * Asked between two steps: whether to write a checkpoint and end with {@link org.espalier.progress.StoppedException}. An interrupt of
     * the thread that began the job asks for the same.
     */
    default boolean shouldStop() {
        return false;
    }
}
