package org.espalier.progress;

/** Training cannot go on; the message says at which step and what to do. */
public final class TrainingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * A failure.
     *
     * @param message what happened, and what to do
     */
    public TrainingException(String message) {
        super(message);
    }

    /**
     * A failure.
     *
     * @param message what happened, and what to do
     * @param cause why
     */
    public TrainingException(String message, Throwable cause) {
        super(message, cause);
    }
}
