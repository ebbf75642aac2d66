package org.espalier.platform;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.jar.JarEntry;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A native library in a jar, and the file that it is unpacked to.
 *
 * @param source in the jar
 * @param target where JavaCPP looks for it: in a folder of the jar's name, with the jar's time
 * @param size in bytes
 * @param crc CRC-32, as the jar has it
 * @param time of the last change, in milliseconds since 1970
 */
record Library(URL source, Path target, long size, long crc, long time) {
    private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.[0-9a-f]{8}\\.tmp");
    private static final int BUFFER = 1 << 16;

    /**
     * Describes a library.
     *
     * @param source its place; what follows a {@code #} is the file's name if it is another one
     * @param cache the folder below which libraries lie
     * @return null if it does not lie in a jar, so that it is loaded from where it is
     */
    static @Nullable Library of(URL source, Path cache) throws IOException {
        if (!"jar".equals(source.getProtocol())
                || !(new URL(source.toString().split("#", -1)[0]).openConnection() instanceof JarURLConnection jar)) {
            return null;
        }
        JarEntry entry = jar.getJarEntry();
        Path inJar = Path.of(entry.getName());
        String name = source.getRef() == null ? String.valueOf(inJar.getFileName()) : source.getRef();
        Path folder = cache.resolve(
                        String.valueOf(Path.of(jar.getJarFile().getName()).getFileName()))
                .resolve(inJar)
                .resolveSibling(name);
        return new Library(jar.getURL(), folder, entry.getSize(), entry.getCrc(), entry.getTime());
    }

    /** One line that tells it from any other content. */
    String line(Path cache) {
        return String.format(Locale.ROOT, "%08x %d %d %s%n", crc, size, time, cache.relativize(target));
    }

    /** Whether the file is there, of the right size and unchanged since it was unpacked. */
    boolean isThere() {
        try {
            BasicFileAttributes found =
                    Files.readAttributes(target, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return found.isRegularFile()
                    && found.size() == size
                    && found.lastModifiedTime().toMillis() == time;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether the file holds what the jar holds, byte by byte. */
    boolean isRight() throws IOException {
        return isThere() && crc(target) == crc;
    }

    /**
     * Unpacks it beside its place, reads it again, and moves it there. What was there stays as it is for those who have it open.
     *
     * @throws IOException if it cannot be written, or what was read again is not what the jar holds
     */
    void unpack() throws IOException {
        Files.createDirectories(folder());
        Path temporary = folder().resolve(String.format(
                Locale.ROOT,
                ".%s.%08x.tmp",
                target.getFileName(),
                ThreadLocalRandom.current().nextInt()));
        try {
            try (InputStream in = source.openStream();
                    FileChannel file =
                            FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                    OutputStream out = Channels.newOutputStream(file)) {
                in.transferTo(out);
                file.force(true);
            }
            if (Files.size(temporary) != size || crc(temporary) != crc) {
                throw new IOException(target.getFileName() + " is damaged in its jar, or the disk is");
            }
            Files.setLastModifiedTime(temporary, FileTime.fromMillis(time));
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private Path folder() {
        Path folder = target.getParent();
        return folder == null ? target : folder;
    }

    /** Removes what processes that were killed while they unpacked left; for who knows that nobody unpacks there now. */
    void deleteLeftovers() throws IOException {
        if (!Files.isDirectory(folder())) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(
                folder(),
                f -> TEMPORARY.matcher(String.valueOf(f.getFileName())).matches())) {
            for (Path f : files) {
                Files.deleteIfExists(f);
            }
        }
    }

    private static long crc(Path file) throws IOException {
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                crc.update(buffer, 0, n);
            }
        }
        return crc.getValue();
    }
}
