package org.espalier.cli;

import org.jspecify.annotations.Nullable;

/** The command line or a file that it names is wrong: exit code 2. The message is one line: what, where, what to do. */
final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1;

    InputException(String message) {
        super(message);
    }

    InputException(Throwable cause) {
        this(cause.getMessage(), cause);
    }

    InputException(@Nullable String message, Throwable cause) {
        super(message == null ? cause.toString() : message, cause);
    }
}
