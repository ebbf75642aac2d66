package org.espalier.job;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.espalier.recipe.Recipe;
import org.jspecify.annotations.Nullable;

/** Hyper-parameters by name, from a YAML file: those that a {@code run.yaml} has under {@code recipe}, or such a file itself. */
public final class RecipeFile {
    private static final ObjectMapper MAPPER = SettingsFile.strict(new JsonFactory());
    private static final ObjectMapper YAML = SettingsFile.strict(new YAMLFactory());
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
        return SettingsFile.convert(MAPPER.valueToTree(values), Recipe.class, MAPPER, source);
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
        if (given.containsKey("augmentation") && !given.containsKey("pretrainAugmentation")) {
            // What does not say otherwise means all phases.
            values.put("pretrainAugmentation", given.get("augmentation"));
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
        JsonNode content = SettingsFile.tree(file, YAML);
        if (content.isObject()) {
            Map<?, ?> map = YAML.convertValue(content, Map.class);
            return map.get(RECIPE) instanceof Map<?, ?> inner ? inner : map;
        }
        throw new InputException(file + ": must hold one hyper-parameter per line such as 'pruneEpochs: 40', found "
                + (content.isMissingNode() || content.isNull() ? "nothing" : content));
    }
}
