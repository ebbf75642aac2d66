package org.espalier.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** Whether a place is one for a new run; whoever asks touches nothing. */
public final class RunPlace {
    private static final String PICTURES = "folder:";

    private RunPlace() {}

    /**
     * Checks that a run can begin in a folder, which need not be there; nothing is touched.
     *
     * @param folder the folder
     * @throws InputException if it holds a run already, or files that have the names of a run's and were not written
     *     by one that was killed as it began
     */
    public static void requireFree(Path folder) {
        if (RunFolder.holdsRun(folder)) {
            throw RunFolder.refused(
                    folder, "already holds a run; delete it, go on with that run, or choose another folder", null);
        }
        List<String> foreign = OwnedFiles.foreign(folder);
        if (!foreign.isEmpty()) {
            throw RunFolder.refused(
                    folder,
                    "holds " + String.join(", ", foreign)
                            + ", of names that a run writes, and no run wrote " + (foreign.size() == 1 ? "it" : "them")
                            + "; choose another folder",
                    null);
        }
    }

    /**
     * Checks, before data are read, that a run on them can begin in a folder.
     *
     * @param data the data set's name
     * @throws InputException as {@link #requireFree} and {@link #requireOutside}, or if another process works on a run there
     */
    static void requireFor(Path folder, String data) {
        if (RunFolder.holdsRun(folder)) {
            // Says so where another process works on it.
            RunFolder.open(folder).close();
        }
        requireFree(folder);
        requireOutside(folder, data);
    }

    /**
     * Checks that a run's files do not become part of its data.
     *
     * @param folder the run's folder
     * @param data a data set's name; of {@code folder:PATH} every file is read
     * @throws InputException if the run's folder lies in that folder, or is it
     */
    public static void requireOutside(Path folder, String data) {
        if (!data.startsWith(PICTURES)) {
            return;
        }
        try {
            Path outer = Path.of(data.substring(PICTURES.length())).toRealPath();
            Path there = folder.toAbsolutePath().normalize();
            while (there != null && !Files.exists(there)) {
                there = there.getParent();
            }
            if (there != null && Files.isDirectory(outer) && there.toRealPath().startsWith(outer)) {
                throw RunFolder.refused(
                        folder, "must not lie in the folder of the data, " + outer + "; choose another folder", null);
            }
        } catch (IOException | InvalidPathException e) {
            // Whoever reads the data says what is wrong with them.
        }
    }
}
