package org.espalier.platform;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.bytedeco.javacpp.ClassProperties;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks native libraries once, so that a process which is killed meanwhile, or several that start at once, do no harm.
 *
 * <p>Libraries lie where JavaCPP looks for them, which unpacks straight to the final names: a process killed there leaves a cut library, and
 * whoever loads that dies. So all libraries of a binding are there, compared with their jar, before JavaCPP loads the first. One process at
 * a time unpacks, under a lock of the system's, which ends with the process. A marker of a name that follows from the libraries' checksums
 * says that they were compared, and that JavaCPP has made its links; from then on only sizes and times are looked at. A library that was
 * cut or changed later is unpacked anew.
 */
public final class NativeLibraries {
    /** JavaCPP's property for the folder of its libraries; where somebody has set it, it counts. */
    private static final String FOLDER = "org.bytedeco.javacpp.cachedir";

    static final String MARKER = ".verified-";
    static final String LOCK = ".espalier.lock";

    private NativeLibraries() {}

    /**
     * Loads the libraries of JavaCPP's bindings, in this order.
     *
     * @param bindings classes that JavaCPP generated; a library comes after those it needs
     * @throws PlatformException if they cannot be unpacked
     * @throws LinkageError if they cannot be loaded
     */
    public static synchronized void load(Class<?>... bindings) {
        Path folder = folder();
        try {
            ensure(folder, libraries(folder, bindings), () -> {
                for (Class<?> binding : bindings) {
                    Loader.load(binding);
                }
            });
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    /**
     * Unpacks resources that lie in one folder of a jar.
     *
     * @param anchor a class of that jar
     * @param resources their names, from the jar's root
     * @return the folder where they lie now; null if the jar has not all of them, or they lie in no jar
     * @throws PlatformException if they cannot be unpacked
     */
    public static synchronized @Nullable Path unpack(Class<?> anchor, List<String> resources) {
        Path folder = folder();
        try {
            Map<Path, Library> found = new LinkedHashMap<>();
            Path target = null;
            for (String resource : resources) {
                URL url = anchor.getResource(resource);
                Library library = url == null ? null : Library.of(url, folder);
                if (library == null) {
                    return null;
                }
                found.put(library.target(), library);
                target = library.target().getParent();
            }
            ensure(folder, found, () -> {});
            return target;
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    /** {@return the folder that all native libraries are unpacked into; it need not exist} */
    public static Path folder() {
        String chosen = System.getProperty(FOLDER);
        if (chosen == null || chosen.isBlank()) {
            chosen = Caches.natives().toString();
            System.setProperty(FOLDER, chosen);
        }
        Path folder = Path.of(chosen).toAbsolutePath().normalize();
        try {
            // As JavaCPP spells it, whose links would not be right otherwise.
            return Files.exists(folder) ? folder.toFile().getCanonicalFile().toPath() : folder;
        } catch (IOException e) {
            return folder;
        }
    }

    /** All that JavaCPP unpacks for these bindings, by the file that it becomes. */
    private static Map<Path, Library> libraries(Path folder, Class<?>... bindings) throws IOException {
        Map<Path, Library> found = new LinkedHashMap<>();
        for (Class<?> binding : bindings) {
            Class<?> outer = Loader.getEnclosingClass(binding);
            ClassProperties p = Loader.loadProperties(outer, Loader.loadProperties(), true);
            List<String> names = new java.util.ArrayList<>(p.get("platform.preload"));
            names.addAll(p.get("platform.link"));
            names.add(p.getProperty("platform.library"));
            for (String name : names) {
                for (URL url : Loader.findLibrary(outer, p, name)) {
                    Library library = Library.of(url, folder);
                    if (library != null) {
                        found.putIfAbsent(library.target(), library);
                    }
                }
            }
        }
        return found;
    }

    private static void ensure(Path folder, Map<Path, Library> libraries, Runnable use) throws IOException {
        StringBuilder text = new StringBuilder();
        libraries.values().forEach(l -> text.append(l.line(folder)));
        byte[] content = text.toString().getBytes(StandardCharsets.UTF_8);
        Path marker = folder.resolve(MARKER + checksum(content));
        if (Files.exists(marker) && libraries.values().stream().allMatch(Library::isThere)) {
            adopt(folder);
            use.run();
            return;
        }
        Caches.make(folder);
        try (FileChannel channel =
                        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            boolean compared = Files.exists(marker);
            for (Library l : libraries.values()) {
                l.deleteLeftovers();
                if (!(compared ? l.isThere() : l.isRight())) {
                    l.unpack();
                }
            }
            use.run();
            if (!compared && lock.isValid()) {
                mark(marker, content);
            }
        }
    }

    private static void mark(Path marker, byte[] content) throws IOException {
        Path temporary = marker.resolveSibling(marker.getFileName() + ".tmp");
        Files.write(temporary, content);
        Files.move(temporary, marker, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Makes JavaCPP take a folder that is complete but cannot be written, such as one that was filled when an image was made: by itself it
     * would unpack everything into the user's home.
     */
    private static void adopt(Path folder) {
        if (Files.isWritable(folder)) {
            return;
        }
        try {
            Field field = Loader.class.getDeclaredField("cacheDir");
            field.setAccessible(true);
            if (field.get(null) == null) {
                field.set(null, folder.toFile());
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new PlatformException(
                    "cache '" + folder + "': must be writable for JavaCPP, which cannot be told otherwise here (" + e
                            + "); name another with " + Caches.VARIABLE,
                    e);
        }
    }

    private static String checksum(byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        return Long.toHexString(crc.getValue());
    }

    private static PlatformException failed(Path folder, IOException e) {
        long free = new File(folder.toString()).getUsableSpace() >> 20;
        return new PlatformException(
                "cache '" + folder + "': native libraries cannot be unpacked there (" + e.getMessage() + ", " + free
                        + " MB are free); it takes 500 MB: make room, or name another folder with " + Caches.VARIABLE,
                e);
    }
}
