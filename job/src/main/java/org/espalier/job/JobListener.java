package org.espalier.job;

/**
 * Learns how a job goes, and may stop it. Methods are called on threads of the job, one at a time.
 */
public interface JobListener {
    /** Hears nothing and stops nothing. */
    JobListener NONE = new JobListener() {};

    /** Tells something that is not the result. */
    default void onMessage(JobMessage message) {}

    /** Tells something that is not the result. */
    default void onMessage(JobMessage.Code code, String text) {
        onMessage(new JobMessage(code, text));
    }

    /**
     * Begins to tell how far a part of the job is.
     *
     * @param task what is done
     * @param unit of what is counted, in the plural
     * @param total when it is finished
     */
    default JobProgress onBegin(String task, String unit, long total) {
        return JobProgress.NONE;
    }

    /** Asked between two steps: whether to write a checkpoint and end with {@link StoppedRunException}. */
    default boolean shouldStop() {
        return false;
    }
}
