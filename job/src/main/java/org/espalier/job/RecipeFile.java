package org.espalier.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.espalier.recipe.Recipe;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a recipe by their keys, from a YAML file: those that a {@code run.yaml} has under {@code recipe}, or such a part itself, with
 * the nesting of {@link Recipe}, for example {@code pruning: {epochs: 40}}.
 */
public final class RecipeFile {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .build();
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final String RECIPE = "recipe";

    /** Keys under which users choose the keys: names of groups. */
    private static final Set<String> BY_GROUP = Set.of("dropout", "groups");

    private RecipeFile() {}

    /** A recipe's values by key path, such as {@code pruning.epochs}. */
    public static Map<String, @Nullable Object> values(Recipe recipe) {
        Map<String, @Nullable Object> flat = new LinkedHashMap<>();
        flatten("", tree(recipe), flat);
        return flat;
    }

    private static Map<String, @Nullable Object> tree(Recipe recipe) {
        return MAPPER.convertValue(recipe, new TypeReference<LinkedHashMap<String, @Nullable Object>>() {});
    }

    private static void flatten(String prefix, Map<?, ?> tree, Map<String, @Nullable Object> flat) {
        tree.forEach((key, value) -> {
            String path = prefix + key;
            if (value instanceof Map<?, ?> part && !BY_GROUP.contains(String.valueOf(key))) {
                flatten(path + ".", part, flat);
            } else {
                flat.put(path, value);
            }
        });
    }

    /**
     * Reads a file.
     *
     * @param defaults for what the file does not name
     * @throws InputException if it cannot be read, a key is unknown, or a value is of the wrong kind or out of range
     */
    public static Recipe read(Path file, Recipe defaults) {
        Map<String, @Nullable Object> tree = tree(defaults);
        merge(file + ": ", "", given(file), tree);
        try {
            return MAPPER.convertValue(tree, Recipe.class);
        } catch (IllegalArgumentException e) {
            throw new InputException(file + ": " + problem(e), e);
        }
    }

    /** The key paths that a file names. */
    public static Set<String> named(Path file) {
        Map<String, @Nullable Object> flat = new LinkedHashMap<>();
        flatten("", given(file), flat);
        return flat.keySet();
    }

    private static void merge(String source, String prefix, Map<?, ?> given, Map<String, @Nullable Object> tree) {
        given.forEach((k, value) -> {
            String key = String.valueOf(k);
            if (!tree.containsKey(key)) {
                throw new InputException(source + "setting '" + prefix + key + "' is unknown, "
                        + Nearest.of(
                                prefix + key,
                                tree.keySet().stream()
                                        .map(known -> prefix + known)
                                        .toList()));
            }
            if (!(tree.get(key) instanceof Map<?, ?> before) || BY_GROUP.contains(key)) {
                tree.put(key, value);
            } else if (value instanceof Map<?, ?> part) {
                Map<String, @Nullable Object> inner = new LinkedHashMap<>();
                before.forEach((name, v) -> inner.put(String.valueOf(name), v));
                merge(source, prefix + key + ".", part, inner);
                tree.put(key, inner);
            } else {
                throw new InputException(source + "setting '" + prefix + key + "' must hold settings by name, expected "
                        + before.keySet() + ", found " + value);
            }
        });
    }

    /** What a file holds, as it stands there. */
    private static Map<?, ?> given(Path file) {
        @Nullable Object content;
        try {
            JsonNode tree = YAML.readTree(Files.readAllBytes(file));
            content = tree.isMissingNode() ? null : YAML.treeToValue(tree, Object.class);
        } catch (JsonProcessingException e) {
            String first = e.getOriginalMessage().lines().findFirst().orElse("");
            throw new InputException(
                    file + ": is not YAML (line " + e.getLocation().getLineNr() + ": " + first + ")", e);
        } catch (NoSuchFileException e) {
            throw new InputException(file + ": no such file", e);
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + e.getMessage() + ")", e);
        }
        if (content instanceof Map<?, ?> map) {
            return map.get(RECIPE) instanceof Map<?, ?> inner ? inner : map;
        }
        throw new InputException(file + ": must hold settings such as 'pruning: {epochs: 40}', found "
                + (content == null ? "nothing" : content));
    }

    /** What is wrong, without the words of Java. */
    private static String problem(IllegalArgumentException e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof MismatchedInputException m && !m.getPath().isEmpty() && t.getCause() == null) {
                String path = m.getPath().stream()
                        .map(JsonMappingException.Reference::getFieldName)
                        .collect(Collectors.joining("."));
                return "setting '" + path + "' must be " + kind(m.getTargetType()) + found(m);
            }
        }
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof JsonMappingException j ? j.getOriginalMessage() : String.valueOf(cause.getMessage());
    }

    private static String found(MismatchedInputException e) {
        return e instanceof com.fasterxml.jackson.databind.exc.InvalidFormatException f
                ? ", found '" + f.getValue() + "'"
                : "";
    }

    private static String kind(@Nullable Class<?> type) {
        if (type == int.class || type == long.class) {
            return "a whole number";
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
        return type == boolean.class ? "true or false" : type == String.class ? "a text" : "a number per group name";
    }
}
