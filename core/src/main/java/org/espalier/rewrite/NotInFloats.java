package org.espalier.rewrite;

/** A quantised network cannot be brought into floats; the message says at which node, and why. */
final class NotInFloats extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotInFloats(String message) {
        super(message);
    }
}
