package org.espalier.onnx;

import org.espalier.graph.GraphException;
import org.espalier.io.SafeText;

/**
 * An ONNX file could not be read or written. The message is one line, <em>file: subject 'name': rule, expected X, found Y</em>, whatever
 * the names in the file hold.
 */
public final class OnnxException extends GraphException {
    private static final long serialVersionUID = 1;
    private static final int LONGEST = 600;

    /** The file, as messages name it. */
    private final String file;

    OnnxException(String file, String problem) {
        super(oneLine(file + ": " + problem));
        this.file = file;
    }

    OnnxException(String file, String problem, Throwable cause) {
        super(oneLine(file + ": " + problem), cause);
        this.file = file;
    }

    /** {@return the file as it was named by the caller} */
    public String file() {
        return file;
    }

    private static String oneLine(String text) {
        return SafeText.line(text, LONGEST);
    }
}
