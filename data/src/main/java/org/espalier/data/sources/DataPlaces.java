package org.espalier.data.sources;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where data sets are looked for and kept.
 *
 * @param chosen the folder that was named on the command line or in the environment
 * @param cache the folder for downloads where none was named
 */
record DataPlaces(@Nullable Path chosen, Path cache) {
    static final String VARIABLE = "ESPALIER_DATA";

    /** The named folder, else that of the environment. */
    static DataPlaces of(@Nullable Path option, Map<String, String> environment, Path cache) {
        String variable = environment.get(VARIABLE);
        Path named = option == null && variable != null && !variable.isBlank() ? Path.of(variable) : option;
        return new DataPlaces(named, cache);
    }

    /** The folders that may hold a data set, in the order in which they count; they need not exist. */
    List<Path> candidates(String name) {
        List<Path> folders = new ArrayList<>();
        if (chosen != null) {
            folders.add(chosen.resolve(name));
            folders.add(chosen);
        }
        folders.add(cache.resolve(name));
        return folders;
    }

    /** The folder that a download goes to: in the named one if it can be written, else in the cache. */
    Path keep(String name) throws IOException {
        if (chosen != null && (!Files.exists(chosen) || Files.isWritable(chosen))) {
            try {
                return Files.createDirectories(chosen.resolve(name));
            } catch (IOException e) {
                // A read-only disk looks writable to some; the cache is next.
                return Files.createDirectories(cache.resolve(name));
            }
        }
        return Files.createDirectories(cache.resolve(name));
    }

    /** The folder that an error message asks to fill. */
    Path wanted(String name) {
        return (chosen != null ? chosen : cache).resolve(name);
    }
}
