package org.espalier.graph;

/**
 * A graph, or a file that holds one, breaks a rule. The message is one line of the form <em>subject 'name': rule, expected X, found
 * Y</em>.
 */
public class GraphException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * An error.
     *
     * @param message what is wrong, on one line
     */
    public GraphException(String message) {
        super(message);
    }

    /**
     * An error with its cause.
     *
     * @param message what is wrong, on one line
     * @param cause what went wrong below
     */
    public GraphException(String message, Throwable cause) {
        super(message, cause);
    }
}
