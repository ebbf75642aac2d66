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
import org.espalier.recipe.Recipe;
import org.jspecify.annotations.Nullable;

/** Hyper-parameters by name, from a YAML file: those that a {@code run.yaml} has under {@code recipe}, or such a file itself. */
public final class RecipeFile {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .build();
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final String RECIPE = "recipe";

    private RecipeFile() {}

    /** A recipe's values by name. */
    public static Map<String, @Nullable Object> values(Recipe recipe) {
        return MAPPER.convertValue(recipe, new TypeReference<LinkedHashMap<String, @Nullable Object>>() {});
    }

    /**
     * The recipe with these values.
     *
     * @param source where they come from, to begin an error with; empty for the command line
     * @throws InputException if a name is unknown, or a value is of the wrong kind or out of range
     */
    public static Recipe recipe(Map<String, @Nullable Object> values, String source) {
        try {
            return MAPPER.convertValue(values, Recipe.class);
        } catch (IllegalArgumentException e) {
            throw new InputException(source + problem(e), e);
        }
    }

    /**
     * Reads a file.
     *
     * @param defaults for what the file does not name
     * @throws InputException if it cannot be read, a name is unknown, or a value is of the wrong kind or out of range
     */
    public static Recipe read(Path file, Recipe defaults) {
        Map<String, @Nullable Object> values = values(defaults);
        Map<?, ?> given = given(file);
        if (given.containsKey("augmentation")) {
            // What does not say otherwise means all phases.
            values.put("pretrainAugmentation", null);
        }
        for (Map.Entry<?, ?> e : given.entrySet()) {
            String name = String.valueOf(e.getKey());
            if (!values.containsKey(name)) {
                throw new InputException(
                        file + ": hyper-parameter '" + name + "' is unknown, " + Nearest.of(name, values.keySet()));
            }
            values.put(name, e.getValue());
        }
        return recipe(values, file + ": ");
    }

    /**
     * What a file names, as it stands there.
     *
     * @throws InputException if it cannot be read
     */
    public static Map<?, ?> given(Path file) {
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
        throw new InputException(file + ": must hold one hyper-parameter per line such as 'pruneEpochs: 40', found "
                + (content == null ? "nothing" : content));
    }

    /** What is wrong, without the words of Java. */
    private static String problem(IllegalArgumentException e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof MismatchedInputException m && !m.getPath().isEmpty()) {
                String name = m.getPath().get(0).getFieldName();
                return "hyper-parameter '" + name + "' must be " + kind(m.getTargetType()) + found(m);
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
        return "a number per group name";
    }
}
