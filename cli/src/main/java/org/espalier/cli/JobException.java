package org.espalier.cli;

/** The job failed though what was asked for is right: exit code 1. The message is one line: what, where, what to do. */
final class JobException extends RuntimeException {
    private static final long serialVersionUID = 1;

    JobException(String message) {
        super(message);
    }

    JobException(String message, Throwable cause) {
        super(message, cause);
    }
}
