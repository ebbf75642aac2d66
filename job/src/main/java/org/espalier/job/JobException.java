package org.espalier.job;

/** The job failed though what was asked for is right: exit code 1. The message is one line: what, where, what to do. */
public final class JobException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public JobException(String message) {
        super(message);
    }

    public JobException(String message, Throwable cause) {
        super(message, cause);
    }
}
