package org.espalier.cli.console;

/** A signal ended the run before it was finished; the message is one line that says how to go on. */
public final class StoppedRunException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    /** With what to tell the user, and the code to exit with. */
    public StoppedRunException(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    /** As shells have it: 128 and the signal's number. */
    public int exitCode() {
        return exitCode;
    }
}
