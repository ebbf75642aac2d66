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

    /** {@return the values by the inputs' names} */
    public Map<String, String> values() {
        return values;
    }

    /**
     * Gives the values of a run, unless the command line gives some.
     *
     * @param begun the run's values by the inputs' names; null for none
     * @return the values; null for none
     */
    public @Nullable Map<String, String> over(@Nullable Map<String, String> begun) {
        return values.isEmpty() ? begun : values;
    }
}
