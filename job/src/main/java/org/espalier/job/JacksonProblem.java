package org.espalier.job;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is wrong with a JSON or YAML file, by the key it is wrong at, without the words of Java. */
final class JacksonProblem {
    private JacksonProblem() {}

    /** The problem, to follow a file's name. */
    static String of(JsonProcessingException e) {
        if (!(e instanceof JsonMappingException mapping)) {
            return "cannot be read (line "
                    + (e.getLocation() == null ? "?" : e.getLocation().getLineNr()) + ": "
                    + e.getOriginalMessage().lines().findFirst().orElse("") + ")";
        }
        String key = key(mapping);
        if (mapping instanceof UnrecognizedPropertyException) {
            return "key " + key + " is unknown";
        }
        if (mapping.getCause() instanceof IllegalArgumentException rule && rule.getMessage() != null) {
            return rule.getMessage();
        }
        if (mapping.getCause() instanceof NullPointerException) {
            return "key " + key + " has a value of nothing, expected one";
        }
        if (mapping instanceof MismatchedInputException mismatch) {
            return (key.isEmpty() ? "" : "key " + key + ": ") + "has a value of the wrong kind, expected "
                    + kind(mismatch.getTargetType());
        }
        return "key " + key + ": cannot be read ("
                + mapping.getOriginalMessage().lines().findFirst().orElse("") + ")";
    }

    private static String key(JacksonException e) {
        if (!(e instanceof JsonMappingException m) || m.getPath().isEmpty()) {
            return "";
        }
        return m.getPath().stream()
                .map(r -> r.getFieldName() == null ? String.valueOf(r.getIndex()) : r.getFieldName())
                .collect(Collectors.joining(".", "'", "'"));
    }

    private static String kind(@Nullable Class<?> type) {
        if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
            return "a whole number";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == boolean.class) {
            return "true or false";
        }
        if (type == String.class) {
            return "a text";
        }
        if (type != null && type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(String::valueOf)
                            .collect(Collectors.joining(", "));
        }
        if (type != null && Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        return type != null && Map.class.isAssignableFrom(type) ? "values by name" : "keys and values";
    }
}
