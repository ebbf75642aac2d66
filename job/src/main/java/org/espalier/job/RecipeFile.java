package org.espalier.job;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.espalier.recipe.Recipe;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a recipe by their keys, from a YAML file: those that a {@code run.yaml} has under {@code recipe}, or such a
 * part itself, nested as {@link Recipe} is, for example {@code pruning: {epochs: 40}}.
 */
public final class RecipeFile {
    private static final ObjectMapper MAPPER = SettingsFile.strict(new JsonFactory());
    private static final ObjectMapper YAML = SettingsFile.strict(new YAMLFactory());
    private static final String RECIPE = "recipe";

    /** Keys under which users choose the keys: names of groups. */
    private static final Set<String> BY_GROUP = Set.of("dropout", "groups");

    private RecipeFile() {}

    /**
     * Lists a recipe's values.
     *
     * @param recipe the recipe
     * @return the values by key path, such as {@code pruning.epochs}
     */
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
     * @param file a YAML file
     * @param defaults for what the file does not name
     * @return the recipe
     * @throws InputException if it cannot be read, a key is unknown, or a value is of the wrong kind or out of range
     */
    public static Recipe read(Path file, Recipe defaults) {
        Map<String, @Nullable Object> tree = tree(defaults);
        merge(file + ": ", "", given(file), tree);
        return SettingsFile.convert(MAPPER.valueToTree(tree), Recipe.class, MAPPER, file + ": ");
    }

    /**
     * Lists what a file sets.
     *
     * @param file a YAML file
     * @return the key paths, such as {@code pruning.epochs}
     */
    public static Set<String> named(Path file) {
        Map<String, @Nullable Object> flat = new LinkedHashMap<>();
        flatten("", given(file), flat);
        return flat.keySet();
    }

    private static void merge(String source, String prefix, Map<?, ?> given, Map<String, @Nullable Object> tree) {
        given.forEach((k, value) -> {
            String key = String.valueOf(k);
            String path = prefix + key;
            if (!tree.containsKey(key)) {
                throw new InputException(source + "setting '" + path + "' is unknown, "
                        + Nearest.of(
                                path,
                                tree.keySet().stream()
                                        .map(known -> prefix + known)
                                        .toList()));
            }
            if (!(tree.get(key) instanceof Map<?, ?> before) || BY_GROUP.contains(key)) {
                tree.put(key, value);
            } else if (value instanceof Map<?, ?> part) {
                Map<String, @Nullable Object> inner = new LinkedHashMap<>();
                before.forEach((name, v) -> inner.put(String.valueOf(name), v));
                merge(source, path + ".", part, inner);
                tree.put(key, inner);
            } else {
                throw new InputException(source + "setting '" + path + "' must hold settings by name, expected "
                        + before.keySet() + ", found " + (value == null ? "nothing" : value));
            }
        });
    }

    /** What a file names, as it stands there. */
    private static Map<?, ?> given(Path file) {
        JsonNode content = SettingsFile.tree(file, YAML);
        if (content.isObject()) {
            Map<?, ?> map = YAML.convertValue(content, Map.class);
            return map.get(RECIPE) instanceof Map<?, ?> inner ? inner : map;
        }
        throw new InputException(file + ": must hold settings such as 'pruning: {epochs: 40}', found "
                + (content.isMissingNode() || content.isNull() ? "nothing" : content));
    }
}
