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

    /** Says how much is done, and what else is to be told with it (a loss, an error); empty for nothing. */
    void to(long done, String message);

    /** Says how much was done before, in another process: it does not count for the throughput. */
    void from(long done);

    @Override
    void close();
}
