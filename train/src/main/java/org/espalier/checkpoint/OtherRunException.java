package org.espalier.checkpoint;

import org.jspecify.annotations.Nullable;

/**
 * A checkpoint is there and not damaged, but this run cannot go on from it: it is of other settings, another network,
 * other data or another version of the program, or may not be read. The message says which.
 */
public final class OtherRunException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /**
     * A refusal.
     *
     * @param message what happened, and what to do
     */
    public OtherRunException(String message) {
        this(message, null);
    }

    /**
     * A refusal.
     *
     * @param message what happened, and what to do
     * @param cause why
     */
    public OtherRunException(String message, @Nullable Exception cause) {
        super(message, cause);
    }
}
