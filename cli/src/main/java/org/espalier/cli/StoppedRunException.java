package org.espalier.cli;

/** A signal ended the run before it was finished; the message is one line that says how to go on. */
final class StoppedRunException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    StoppedRunException(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    /** As shells have it: 128 and the signal's number. */
    int exitCode() {
        return exitCode;
    }
}
