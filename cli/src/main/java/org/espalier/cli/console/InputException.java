package org.espalier.cli.console;

import org.jspecify.annotations.Nullable;

/** The command line or a file that it names is wrong: exit code 2. The message is one line: what, where, what to do. */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public InputException(String message) {
        super(message);
    }

    public InputException(Throwable cause) {
        this(cause.getMessage(), cause);
    }

    public InputException(@Nullable String message, Throwable cause) {
        super(message == null ? cause.toString() : message, cause);
    }
}
