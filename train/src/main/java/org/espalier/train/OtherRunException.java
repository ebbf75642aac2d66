package org.espalier.train;

/** A checkpoint is of a run with other settings, another network or other data; the message says what differs. */
public final class OtherRunException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    OtherRunException(String message) {
        super(message);
    }
}
