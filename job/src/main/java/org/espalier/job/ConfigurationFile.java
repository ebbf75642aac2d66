package org.espalier.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The file {@code run.yaml}: the run's id, and all that the run depends on.
 *
 * @param path where it lies
 */
record ConfigurationFile(Path path) {
    private static final String ID = "id";
    private static final ObjectMapper YAML = SettingsFile.strict(
                    new YAMLFactory().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER))
            .findAndRegisterModules();

    static ConfigurationFile in(Path folder) {
        return new ConfigurationFile(folder.resolve(RunNames.CONFIGURATION));
    }

    /** Whether it is there; a link does not count. */
    boolean exists() {
        return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Its bytes for a run.
     *
     * @param configuration a record or map
     */
    static byte[] bytes(String id, Object configuration) {
        try {
            ObjectNode tree = YAML.createObjectNode().put(ID, id);
            tree.setAll((ObjectNode) YAML.valueToTree(configuration));
            return YAML.writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("configuration: must be writable as YAML, found " + configuration, e);
        }
    }

    /**
     * The run's id.
     *
     * @throws InputException if the file is damaged or has none
     */
    String id() {
        JsonNode id = SettingsFile.tree(path, YAML).get(ID);
        if (id == null || !id.isTextual()) {
            throw new InputException(path + ": '" + ID + "' must be the run's id, found "
                    + (id == null ? "none" : id)
                    + "; an earlier version of the program, or another one, made this folder: begin again in another");
        }
        return id.asText();
    }

    /**
     * What the run depends on.
     *
     * @throws InputException if the file is damaged or of another kind
     */
    <T> T read(Class<T> type) {
        JsonNode tree = SettingsFile.tree(path, YAML);
        if (tree instanceof ObjectNode settings) {
            settings.remove(ID);
        }
        return SettingsFile.convert(tree, type, YAML, path + ": ");
    }
}
