package org.espalier.platform;

import org.jspecify.annotations.Nullable;

/** The machine does not give what is needed, such as a folder that can be written. The message is one line: what, where, what to do. */
public final class PlatformException extends RuntimeException {
    private static final long serialVersionUID = 1;

    PlatformException(String message) {
        super(message);
    }

    PlatformException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
