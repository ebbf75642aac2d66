package org.espalier.graph;

/**
 * A graph, or a file that holds one, breaks a rule. The message is one line of the form <em>subject 'name': rule, expected X, found
 * Y</em>.
 */
public class GraphException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public GraphException(String message) {
        super(message);
    }

    public GraphException(String message, Throwable cause) {
        super(message, cause);
    }
}
