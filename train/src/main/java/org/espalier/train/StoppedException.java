package org.espalier.train;

/** Training stopped because {@link TrainingListener#shouldStop} asked for it. */
public final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StoppedException(String message) {
        super(message);
    }
}
