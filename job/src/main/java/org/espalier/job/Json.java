package org.espalier.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Results as JSON. Numbers that JSON does not know (NaN, infinities) become null. */
public final class Json {
    /** What a terminal would obey is outside ASCII, too. */
    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private Json() {}

    /**
     * Writes a document on several lines.
     *
     * @param data maps, lists, strings and numbers
     * @return the JSON text
     * @throws IllegalArgumentException if it holds anything else
     */
    public static String pretty(Object data) {
        try {
            return MAPPER.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(finite(data));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("JSON: data must be maps, lists, strings and numbers, found " + data, e);
        }
    }

    /**
     * Turns a document into a map.
     *
     * @param document an object
     * @return its fields, in the document's order
     */
    public static Map<String, Object> map(JsonNode document) {
        return MAPPER.convertValue(document, new TypeReference<LinkedHashMap<String, Object>>() {});
    }

    /**
     * Writes a document on one line.
     *
     * @param data maps, lists, strings and numbers
     * @return the JSON text, without an end of line
     * @throws IllegalArgumentException if it holds anything else
     */
    public static String line(Object data) {
        try {
            return MAPPER.writeValueAsString(finite(data));
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
            return list.stream().map(Json::finite).toArray();
        }
        boolean floating = data instanceof Double || data instanceof Float;
        return floating && data instanceof Number n && !Double.isFinite(n.doubleValue()) ? null : data;
    }
}
