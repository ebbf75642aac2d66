package org.espalier.job;

/** How far a part of a job is. Closed at its end, or where it fails. */
public interface JobProgress extends AutoCloseable {
    /** Shows nothing. */
    JobProgress NONE = new JobProgress() {
        @Override
        public void to(long done, String message) {}

        @Override
        public void from(long done) {}

        @Override
        public void close() {}
    };

    /**
     * Says how much is done.
     *
     * @param done how much, in the unit that was announced
     * @param message what is shown with it, such as a loss; empty for nothing
     */
    void to(long done, String message);

    /**
     * Says how much was done before, in another process. It is left out of the throughput.
     *
     * @param done how much, in the unit that was announced
     */
    void from(long done);

    @Override
    void close();
}
