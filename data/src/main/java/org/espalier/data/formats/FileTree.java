package org.espalier.data.formats;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.espalier.data.DataException;

/** The files below a folder, or in a zip file as if it were one. Safe to read from several threads. */
public abstract class FileTree implements Closeable {
    /** What a tree is called in messages. */
    public static final String SUBJECT = "image folder";

    private static final Set<String> LITTER = Set.of("__MACOSX", "Thumbs.db", "desktop.ini");

    /** Of one picture's file. */
    private static final long LARGEST = 1 << 28;

    private final Path root;
    private List<String> files = List.of();

    private FileTree(Path root) {
        this.root = root;
    }

    /**
     * Opens a folder or a zip file.
     *
     * @param path where it lies
     * @return the tree
     * @throws DataException if there is neither
     */
    public static FileTree open(Path path) {
        FileTree tree = Files.isDirectory(path) ? new Folder(path) : new Zip(path, ZipEntries.open(SUBJECT, path));
        try {
            tree.files = tree.list().stream().filter(FileTree::counts).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            Throwable cause = e instanceof UncheckedIOException u && u.getCause() != null ? u.getCause() : e;
            boolean loop = cause instanceof FileSystemLoopException;
            String at = cause instanceof FileSystemException f ? f.getFile() : null;
            throw DataException.unreadable(
                    SUBJECT,
                    at == null ? path : Path.of(at),
                    loop ? "no link that leads back" : "a folder or a zip file",
                    cause);
        }
        return tree;
    }

    private static DataException tooLarge(Path file) {
        return DataException.of("image", file, "must be a picture's size", "at most " + LARGEST + " bytes", "more");
    }

    private static boolean counts(String file) {
        return Stream.of(file.split("/", -1)).noneMatch(part -> part.startsWith(".") || LITTER.contains(part));
    }

    /** {@return the folder or the zip file} */
    public Path root() {
        return root;
    }

    /** {@return all files but hidden ones, with slashes, in the order of their characters} */
    public List<String> files() {
        return files;
    }

    /**
     * A file as messages name it.
     *
     * @param file the file
     * @return a file as messages name it
     */
    public Path locate(String file) {
        return root.resolve(file);
    }

    abstract List<String> list() throws IOException;

    /**
     * The bytes of a file.
     *
     * @param file the file
     * @return the bytes of a file
     */
    public abstract byte[] read(String file);

    private static final class Folder extends FileTree {
        Folder(Path root) {
            super(root);
        }

        @Override
        List<String> list() throws IOException {
            List<String> files = new ArrayList<>();
            try (Stream<Path> all = Files.walk(root(), FileVisitOption.FOLLOW_LINKS)) {
                for (Path file : (Iterable<Path>) all::iterator) {
                    if (!Files.isDirectory(file)) {
                        String name = root().relativize(file).toString().replace(File.separatorChar, '/');
                        if (counts(name)) {
                            requireRegular(file);
                        }
                        files.add(name);
                    }
                }
            }
            return files;
        }

        /** What is left out in silence would change the data set without a word. */
        private static void requireRegular(Path file) {
            if (Files.isRegularFile(file)) {
                return;
            }
            String found = !Files.isSymbolicLink(file)
                    ? "a pipe, a socket or a device"
                    : Files.exists(file) ? "a link to something else" : "a link to nothing, or to itself";
            throw DataException.of("image", file, "folders must hold pictures only", "a file", found);
        }

        @Override
        public byte[] read(String file) {
            try {
                if (Files.size(locate(file)) > LARGEST) {
                    throw tooLarge(locate(file));
                }
                return Files.readAllBytes(locate(file));
            } catch (IOException e) {
                throw DataException.unreadable("image", locate(file), "a JPEG or PNG file", e);
            }
        }

        @Override
        public void close() {}
    }

    private static final class Zip extends FileTree {
        private final ZipFile zip;
        private final Map<String, ZipEntry> entries = new HashMap<>();

        Zip(Path root, ZipFile zip) {
            super(root);
            this.zip = zip;
        }

        @Override
        List<String> list() {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                // Some programs on Windows write its own separators, which the format does not allow.
                String name = entry.getName().replace('\\', '/');
                if (!name.endsWith("/")) {
                    entries.put(name, entry);
                }
            }
            return List.copyOf(entries.keySet());
        }

        @Override
        public byte[] read(String file) {
            ZipEntry entry = entries.get(file);
            if (entry == null) {
                throw DataException.of(SUBJECT, root(), "entry must exist", file, "none");
            }
            if (entry.getSize() > LARGEST) {
                throw tooLarge(locate(file));
            }
            return ZipEntries.read(SUBJECT, root(), zip, entry, InputStream::readAllBytes);
        }

        @Override
        public void close() throws IOException {
            zip.close();
        }
    }
}
