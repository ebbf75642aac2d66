package org.espalier.cli.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintStream;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.espalier.io.SafeText;
import org.jspecify.annotations.Nullable;

/**
 * Where a command's words go: the result to standard output, once; all else to standard error.
 *
 * @param json whether the result is wanted as JSON
 */
public record Console(PrintStream out, PrintStream err, boolean json) {
    /** To the line's beginning, and all of it erased (ECMA-48). */
    private static final String CLEAR_LINE = "\r\u001b[K";

    /** What a terminal would obey is outside ASCII, too. */
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    /** Prints the result: {@code data} as one JSON document, or {@code text} for people. */
    public void result(Map<String, ?> data, String text) {
        if (json) {
            out.println(toJson(data));
        } else {
            out.print(SafeText.lines(text));
            out.flush();
        }
    }

    /** Tells something that is not the result. A bar that stands on a terminal's line makes room, and is drawn again below. */
    public void note(String text) {
        String safe = SafeText.lines(text);
        err.println(isTerminal() ? CLEAR_LINE + safe : safe);
    }

    /** Whether standard error is a terminal, which the launcher says. */
    static boolean isTerminal() {
        return Boolean.getBoolean("espalier.terminal");
    }

    /** Pretty-printed JSON; numbers that JSON does not know become null. */
    public static String toJson(Object data) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(finite(data));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("JSON: data must be maps, lists, strings and numbers, found " + data, e);
        }
    }

    /** A JSON document as a map. */
    public static Map<String, Object> map(JsonNode document) {
        return new ObjectMapper().convertValue(document, new TypeReference<LinkedHashMap<String, Object>>() {});
    }

    /** JSON on one line; numbers that JSON does not know become null. */
    public static String toLine(Object data) {
        try {
            return JSON.writeValueAsString(finite(data));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("JSON: data must be maps, lists, strings and numbers, found " + data, e);
        }
    }

    private static @Nullable Object finite(@Nullable Object data) {
        if (data instanceof Map<?, ?> map) {
            Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((k, v) -> copy.put(k, finite(v)));
            return copy;
        }
        if (data instanceof Collection<?> list) {
            return list.stream().map(Console::finite).toArray();
        }
        boolean floating = data instanceof Double || data instanceof Float;
        return floating && data instanceof Number n && !Double.isFinite(n.doubleValue()) ? null : data;
    }
}
