package org.espalier.cli.console;

import java.io.PrintStream;
import java.util.Map;
import org.espalier.io.SafeText;
import org.espalier.job.Json;

/**
 * Where a command's words go: the result to standard output, once; all else to standard error.
 *
 * @param json whether the result is wanted as JSON
 */
public record Console(PrintStream out, PrintStream err, boolean json) {
    /** To the line's beginning, and all of it erased (ECMA-48). */
    private static final String CLEAR_LINE = "\r\u001b[K";

    /**
     * Prints the result, as one JSON document or as text for people.
     *
     * @param data what the document holds
     * @param text what people read
     */
    public void result(Map<String, ?> data, String text) {
        if (json) {
            out.println(Json.pretty(data));
        } else {
            out.print(SafeText.lines(text));
            out.flush();
        }
    }

    /**
     * Prints something that is not the result. A progress bar on the terminal is drawn again below it.
     *
     * @param text the lines
     */
    public void note(String text) {
        String safe = SafeText.lines(text);
        err.println(isTerminal() ? CLEAR_LINE + safe : safe);
    }

    /** Whether standard error is a terminal, which the launcher says. */
    static boolean isTerminal() {
        return Boolean.getBoolean("espalier.terminal");
    }
}
