package org.espalier.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** What an {@link IOException} means, in words: those of the JDK often hold the file's name and nothing else. */
public final class IoProblem {
    private IoProblem() {}

    /**
     * The problem in a few words, without the file's name where the JDK tells them apart.
     *
     * @param e the failure
     * @return the problem in a few words, without the file's name where the JDK tells them apart
     */
    public static String of(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileSystemException f && f.getReason() != null) {
            return f.getReason();
        }
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    /**
     * The problem of writing a file, with the free space of the disk that it lies on where that may be the cause and
     * can be found out.
     *
     * @param file the file
     * @param e the failure
     * @return the problem of writing a file, with the free space of the disk that it lies on where that may be the
     *     cause and can be found out
     */
    public static String ofWriting(Path file, IOException e) {
        if (e instanceof NoSuchFileException) {
            return "its folder does not exist";
        }
        if (e instanceof AccessDeniedException) {
            return of(e);
        }
        for (Path p = file.toAbsolutePath(); p != null; p = p.getParent()) {
            try {
                double megabytes = Files.getFileStore(p).getUsableSpace() / (double) (1 << 20);
                return String.format(Locale.ROOT, "%s, %,.1f MB are free there", of(e), megabytes);
            } catch (IOException ignored) {
                // The folder above may exist.
            }
        }
        return of(e);
    }
}
