package org.espalier.data.formats;

import java.nio.file.Files;
import java.nio.file.Path;
import org.espalier.data.DataException;

/** Refuses what is no file with an end: a pipe or a device may never give a byte, or never stop. */
public final class RegularFile {
    private RegularFile() {}

    /**
     * Checks before anything is opened.
     *
     * @param subject what the file is, for messages
     * @param file the file
     * @throws DataException if there is something, and it is no regular file
     */
    public static void require(String subject, Path file) {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw DataException.of(
                    subject,
                    file,
                    "must be a regular file",
                    "one",
                    Files.isDirectory(file) ? "a folder" : "a pipe, a socket or a device");
        }
    }
}
