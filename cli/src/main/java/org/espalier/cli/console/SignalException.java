package org.espalier.cli.console;

import org.espalier.progress.StoppedException;

/** A signal ended the run before it was finished. */
public final class SignalException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    /** With how the run says that one goes on, and the code to exit with. */
    SignalException(StoppedException stopped, int exitCode) {
        super(stopped.getMessage(), stopped);
        this.exitCode = exitCode;
    }

    /** {@return the exit code that shells use: 128 and the signal's number} */
    public int exitCode() {
        return exitCode;
    }
}
