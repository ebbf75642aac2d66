package org.espalier.progress;

/**
 * Training stopped because {@link TrainingListener#shouldStop} asked for it or its thread was interrupted. Like {@link
 * InterruptedException} it means that the thread is no longer marked as interrupted.
 */
public final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * An end on request.
     *
     * @param message what happened, and what to do
     */
    public StoppedException(String message) {
        super(message);
    }
}
