package org.espalier.data;

import java.nio.file.Files;
import java.nio.file.Path;

/** Refuses what is no file with an end: a pipe or a device may never give a byte, or never stop. */
final class RegularFile {
    private RegularFile() {}

    /**
     * Checks before anything is opened.
     *
     * @throws DataException if there is something, and it is no regular file
     */
    static void require(String subject, Path file) {
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
