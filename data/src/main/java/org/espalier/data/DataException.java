package org.espalier.data;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A data file that is missing, damaged or not what its name promises.
 *
 * <p>The message is one line: <i>subject 'file': rule, expected X, found Y</i>.
 */
public final class DataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The file at fault, or null. */
    private final @Nullable String path;

    /**
     * Creates an exception about no file in particular.
     *
     * @param message one line
     */
    public DataException(String message) {
        super(message);
        this.path = null;
    }

    private DataException(Path path, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.path = path.toString();
    }

    /**
     * A broken rule: {@code subject 'file': rule, expected X, found Y}.
     *
     * @param subject what the file is, for messages
     * @param file the file
     * @param rule what must hold
     * @param expected what would be right
     * @param found what is there
     * @return the error
     */
    public static DataException of(String subject, Path file, String rule, Object expected, Object found) {
        return new DataException(
                file, subject + " '" + file + "': " + rule + ", expected " + expected + ", found " + found, null);
    }

    /**
     * A file that could not be read at all.
     *
     * @param subject what the file is, for messages
     * @param file the file
     * @param expected what would be right
     * @param cause what went wrong below
     * @return the error
     */
    public static DataException unreadable(String subject, Path file, String expected, Throwable cause) {
        String reason = cause.getMessage() == null ? "" : " (" + oneLine(cause.getMessage()) + ")";
        String found = cause.getClass().getSimpleName() + reason;
        return new DataException(
                file,
                subject + " '" + file + "': file must be readable, expected " + expected + ", found " + found,
                cause);
    }

    /**
     * A message on one line: the several that it may have, joined by semicolons.
     *
     * @param text the text
     * @return a message on one line
     */
    public static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", "; ");
    }

    /**
     * The file at fault.
     *
     * @return the path, or empty where no single file is at fault
     */
    public Optional<Path> path() {
        return Optional.ofNullable(path).map(Path::of);
    }
}
