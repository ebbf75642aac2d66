package org.espalier.job;

/** The job failed though what was asked for is right: exit code 1. The message is one line: what, where, what to do. */
public final class JobException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message one line for the user: what failed, where, and what to do
     */
    public JobException(String message) {
        super(message);
    }

    /**
     * Creates the exception.
     *
     * @param message one line for the user: what failed, where, and what to do
     * @param cause the error behind it
     */
    public JobException(String message, Throwable cause) {
        super(message, cause);
    }
}
