package org.espalier.job;

/** {@link JobListener#shouldStop} ended the run before it was finished; the message is one line that says how to go on. */
public final class StoppedRunException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** With what to tell the user. */
    public StoppedRunException(String message) {
        super(message);
    }
}
