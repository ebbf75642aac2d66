package org.espalier.cli.options;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Inputs that hold a value for good. */
public final class FixOption {
    @Option(
            names = "--fix",
            paramLabel = "NAME=VALUE",
            description = "An input of one number that always has this value: it becomes a constant, and branches that"
                    + " depend on it are decided; may be given several times.")
    private Map<String, String> values = Map.of();

    /** The values by the inputs' names. */
    public Map<String, String> values() {
        return values;
    }

    /** Those of a run, unless the command line gives some. */
    public @Nullable Map<String, String> over(@Nullable Map<String, String> begun) {
        return values.isEmpty() ? begun : values;
    }
}
