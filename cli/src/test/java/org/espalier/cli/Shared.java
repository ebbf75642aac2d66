package org.espalier.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Files for tests that lie outside of the project: in the folder that ESPALIER_DATA names, or in {@code shared} beside or above it. */
final class Shared {
    private Shared() {}

    /** The file or folder {@code data/…} or {@code onnx/…}, or null where it is missing. */
    static @Nullable Path find(String name) {
        String variable = System.getenv("ESPALIER_DATA");
        if (variable != null && name.startsWith("data/")) {
            Path there = Path.of(variable).resolve(name.substring("data/".length()));
            if (Files.exists(there)) {
                return there;
            }
        }
        for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
            Path there = up.resolve("shared").resolve(name);
            if (Files.exists(there)) {
                return there;
            }
        }
        return null;
    }
}
