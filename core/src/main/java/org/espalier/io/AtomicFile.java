package org.espalier.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file that appears complete or not at all: written beside its place, forced to the disk, then moved. Closing removes leftovers. A link in
 * its place is replaced, and what the link leads to stays as it is.
 */
public final class AtomicFile implements AutoCloseable {
    /** What fills the file. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes all bytes of the file.
         *
         * @param channel where the bytes go
         * @throws IOException if they cannot be written
         */
        void writeTo(FileChannel channel) throws IOException;
    }

    /** Looks at a file that is complete and not yet in its place. */
    @FunctionalInterface
    public interface Guard {
        /** A guard that allows everything. */
        Guard NONE = (target, written) -> {};

        /**
         * Allows the move by returning.
         *
         * @param target where the file is to go
         * @param written where it lies now, complete
         * @throws IOException if it cannot be read, for example; any exception prevents the move
         */
        void check(Path target, Path written) throws IOException;
    }

    /** No other program gives such names. */
    private static final Pattern TEMPORARY = Pattern.compile("\\.(.+)\\.[0-9a-f]{8}\\.espalier\\.tmp");

    private final Path target;
    private final Path temporary;

    /**
     * Prepares a file at {@code target}; nothing is written yet.
     *
     * @param target where it goes
     */
    public AtomicFile(Path target) {
        this.target = target.toAbsolutePath();
        this.temporary = this.target.resolveSibling(String.format(
                Locale.ROOT,
                ".%s.%08x.espalier.tmp",
                this.target.getFileName(),
                ThreadLocalRandom.current().nextInt()));
    }

    /**
     * Removes what processes that were killed while they wrote left in a folder; for who knows that nobody writes
     * there now.
     *
     * @param folder the folder
     * @param names which files' leftovers, by the name of the file that was to be written
     * @throws IOException if the folder cannot be read or written
     */
    public static void deleteLeftovers(Path folder, Predicate<String> names) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, f -> isLeftover(f, names))) {
            for (Path f : files) {
                Files.deleteIfExists(f);
            }
        }
    }

    private static boolean isLeftover(Path file, Predicate<String> names) {
        Matcher m = TEMPORARY.matcher(String.valueOf(file.getFileName()));
        return m.matches() && names.test(m.group(1)) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Writes everything beside the target, which stays untouched.
     *
     * @param content what writes the bytes
     * @throws IOException if the disk cannot take it
     */
    public void write(Content content) throws IOException {
        try (FileChannel channel =
                FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            content.writeTo(channel);
            channel.force(true);
        }
    }

    /**
     * Asks a guard whether what was written may be moved into place.
     *
     * @param guard is asked
     * @throws IOException if the guard cannot look at the files
     */
    public void check(Guard guard) throws IOException {
        guard.check(target, temporary);
    }

    /**
     * Moves what was written into place.
     *
     * @throws IOException if the disk cannot take it
     */
    public void commit() throws IOException {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path folder = target.getParent();
        try (FileChannel directory = FileChannel.open(folder == null ? target : folder, StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException e) {
            // Some systems cannot force a folder; the file itself is safe.
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(temporary);
    }
}
