package org.espalier.platform;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What unpacking native libraries has left, of any version: files in folders that are called like a jar, and markers. No link is followed. */
public final class UnpackedLibraries {
    private static final Pattern LIBRARY = Pattern.compile(".+\\.(so|dylib|dll)(\\.[0-9.]+)?(\\.[0-9a-f]{8}\\.tmp)?");

    private UnpackedLibraries() {}

    /**
     * Finds the unpacked libraries, links to them, and markers. Other files in the folder are left out.
     *
     * @param folder where libraries are unpacked
     * @return the files; empty where there is no such folder
     * @throws IOException if the folder cannot be read
     */
    public static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> isOurs(folder, file)).sorted().toList();
        }
    }

    private static boolean isOurs(Path folder, Path file) {
        String name = String.valueOf(file.getFileName());
        if (folder.equals(file.getParent())) {
            return Files.isRegularFile(file) && name.startsWith(NativeLibraries.MARKER);
        }
        Path jar = folder.relativize(file).subpath(0, 1);
        boolean isFile = Files.isRegularFile(file) || Files.isSymbolicLink(file);
        return isFile
                && jar.toString().endsWith(".jar")
                && LIBRARY.matcher(name).matches();
    }

    /**
     * Removes the unpacked libraries, and folders that are empty then. A process that has loaded one keeps it.
     *
     * @param folder where libraries are unpacked
     * @return how many files were removed
     * @throws IOException if the folder cannot be read or a file cannot be removed
     */
    public static int clear(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (FileChannel channel = FileChannel.open(
                        folder.resolve(NativeLibraries.LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            List<Path> files = lock.isValid() ? files(folder) : List.of();
            // Markers come first by their names: without them, what is left is compared again.
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            for (Path file : files) {
                for (Path p = file.getParent(); p != null && !p.equals(folder); p = p.getParent()) {
                    deleteIfEmpty(p);
                }
            }
            return files.size();
        }
    }

    private static void deleteIfEmpty(Path folder) throws IOException {
        try {
            Files.delete(folder);
        } catch (DirectoryNotEmptyException | NoSuchFileException e) {
            // Somebody else's files are in it, or it is gone already.
        }
    }
}
