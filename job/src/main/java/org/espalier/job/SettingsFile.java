package org.espalier.job;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.espalier.io.IoProblem;
import org.jspecify.annotations.Nullable;

/**
 * Reads YAML and JSON that anybody may have written or changed: strictly, as no value is cut to fit and none may be missing, and with errors
 * in the words of the file, key, what is expected, what is found.
 */
final class SettingsFile {
    private static final long MOST_BYTES = 64L << 20;
    private static final Pattern MALFORMED = Pattern.compile("Malformed numeric value '?([^'\\s]+?)'?(?: \\(.*)?");
    private static final Pattern TWICE = Pattern.compile("Duplicate (?:F|f)ield '(.*?)'.*");

    private SettingsFile() {}

    /** A mapper that changes no value: 1.5 is no whole number, nothing is not 0. */
    static ObjectMapper strict(JsonFactory format) {
        ObjectMapper mapper = new ObjectMapper(format)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT);
        // 3 is neither true nor false.
        mapper.coercionConfigFor(LogicalType.Boolean).setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
        // The builder that has this switch makes mappers of JSON alone.
        return mapper.setConfig(mapper.getDeserializationConfig().with(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS));
    }

    /**
     * Reads a file of any content.
     *
     * @throws InputException if it cannot be read, or is not in its format
     */
    static JsonNode tree(Path file, ObjectMapper mapper) {
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new InputException(file + ": must be a regular file, found "
                        + (Files.isDirectory(file) ? "a folder" : "a pipe, a socket or a device"));
            }
            if (Files.exists(file) && Files.size(file) > MOST_BYTES) {
                throw new InputException(file + ": must be a file of settings of at most " + (MOST_BYTES >> 20)
                        + " MiB, found " + (Files.size(file) >> 20) + " MiB");
            }
            return mapper.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new InputException(file + ": " + syntax(e, mapper.getFactory() instanceof YAMLFactory), e);
        } catch (NoSuchFileException e) {
            throw new InputException(file + ": no such file", e);
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + IoProblem.of(e) + ")", e);
        }
    }

    private static String syntax(JsonProcessingException e, boolean yaml) {
        JsonLocation at = e.getLocation();
        String where = at == null ? "" : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ";
        String message = e.getOriginalMessage().lines().findFirst().orElse("");
        Matcher number = MALFORMED.matcher(message);
        Matcher twice = TWICE.matcher(message);
        if (twice.matches()) {
            return where + "'" + twice.group(1) + "' is given twice";
        }
        return number.matches()
                ? where + "a number must be finite, found '" + number.group(1) + "'"
                : where + "is not " + (yaml ? "YAML" : "JSON");
    }

    /**
     * The content as a record.
     *
     * @param name before which an error begins, the file's with a colon; empty for none
     * @throws InputException if a key is unknown, missing or of the wrong kind, or a value is out of range
     */
    static <T> T convert(JsonNode root, Class<T> type, ObjectMapper mapper, String name) {
        if (!root.isObject()) {
            throw new InputException(name + "must hold settings by name, found " + found(root));
        }
        requireRecord(root, type, "", name);
        try {
            return mapper.treeToValue(root, type);
        } catch (JsonProcessingException e) {
            throw new InputException(name + problem(e, root), e);
        } catch (IllegalArgumentException e) {
            throw new InputException(name + e.getMessage(), e);
        }
    }

    /** Refuses null where the record's components do not allow it: there it would show only where it is used. */
    private static void requireRecord(JsonNode node, Class<?> type, String path, String name) {
        for (RecordComponent c : type.getRecordComponents()) {
            JsonNode value = node.get(c.getName());
            if (value != null) {
                requireValue(value, c.getAnnotatedType(), path + c.getName(), name);
            }
        }
    }

    private static void requireValue(JsonNode node, AnnotatedType type, String path, String name) {
        if (node.isNull()) {
            if (!type.isAnnotationPresent(Nullable.class)) {
                throw new InputException(
                        name + "'" + path + "' must be " + kind(raw(type.getType())) + ", found nothing");
            }
            return;
        }
        Class<?> raw = raw(type.getType());
        if (raw != null && raw.isRecord()) {
            requireRecord(node, raw, path + ".", name);
        } else if (type instanceof AnnotatedParameterizedType p) {
            AnnotatedType[] arguments = p.getAnnotatedActualTypeArguments();
            AnnotatedType element = arguments[arguments.length - 1];
            if (node.isObject()) {
                for (Map.Entry<String, JsonNode> e : node.properties()) {
                    requireValue(e.getValue(), element, path + "." + e.getKey(), name);
                }
            }
            for (int i = 0; node.isArray() && i < node.size(); i++) {
                requireValue(node.get(i), element, path + "[" + i + "]", name);
            }
        }
    }

    private static @Nullable Class<?> raw(Type type) {
        return type instanceof Class<?> c
                ? c
                : type instanceof ParameterizedType p && p.getRawType() instanceof Class<?> c ? c : null;
    }

    private static String problem(JsonProcessingException e, JsonNode root) {
        Throwable cause = e;
        while (cause.getCause() != null && !(cause instanceof IllegalArgumentException)) {
            cause = cause.getCause();
        }
        if (cause instanceof IllegalArgumentException own) {
            return String.valueOf(own.getMessage());
        }
        if (!(e instanceof JsonMappingException mapping) || mapping.getPath().isEmpty()) {
            return "must hold settings by name";
        }
        String key = key(mapping.getPath());
        if (e instanceof UnrecognizedPropertyException unknown) {
            Collection<String> known =
                    unknown.getKnownPropertyIds().stream().map(String::valueOf).toList();
            return "'" + key + "' is unknown, " + Nearest.of(unknown.getPropertyName(), known);
        }
        Class<?> target = cause instanceof InputCoercionException c
                ? c.getTargetType()
                : e instanceof MismatchedInputException m ? m.getTargetType() : null;
        return "'" + key + "' must be " + kind(target) + ", found " + found(at(root, mapping.getPath()));
    }

    private static String key(List<JsonMappingException.Reference> path) {
        StringBuilder key = new StringBuilder();
        for (JsonMappingException.Reference r : path) {
            if (r.getFieldName() == null) {
                key.append('[').append(r.getIndex()).append(']');
            } else {
                key.append(key.isEmpty() ? "" : ".").append(r.getFieldName());
            }
        }
        return key.toString();
    }

    private static @Nullable JsonNode at(JsonNode root, List<JsonMappingException.Reference> path) {
        JsonNode node = root;
        for (Iterator<JsonMappingException.Reference> i = path.iterator(); i.hasNext() && node != null; ) {
            JsonMappingException.Reference r = i.next();
            node = r.getFieldName() == null ? node.get(r.getIndex()) : node.get(r.getFieldName());
        }
        return node;
    }

    private static String found(@Nullable JsonNode node) {
        if (node == null || node.isNull() || node.isMissingNode()) {
            return "nothing";
        }
        return node.isObject() ? "settings by name" : node.isArray() ? "a list" : "'" + node.asText() + "'";
    }

    private static String kind(@Nullable Class<?> type) {
        if (type == int.class || type == Integer.class) {
            return "a whole number of 32 bits";
        }
        if (type == long.class || type == Long.class) {
            return "a whole number of 64 bits";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type != null && type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(c -> Format.lower((Enum<?>) c))
                            .toList();
        }
        if (type == boolean.class) {
            return "true or false";
        }
        if (type == String.class) {
            return "a text";
        }
        if (type != null && Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        return type != null && Map.class.isAssignableFrom(type) ? "a number per group name" : "settings by name";
    }
}
