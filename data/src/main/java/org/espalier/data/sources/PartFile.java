package org.espalier.data.sources;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A file on its way, locked while it is written: the lock ends with its process, however that ends, so that others can tell. */
final class PartFile implements Closeable {
    private static final String RANDOM = "[0-9a-f]*-[0-9a-f]*-[0-9a-f]*-[0-9a-f]*-[0-9a-f]*";

    private final FileChannel channel;

    private PartFile(FileChannel channel) {
        this.channel = channel;
    }

    /** A new name beside the file's place. Not createTempFile, whose files nobody else may read, in whatever folder they end up. */
    static Path name(Path folder, String file) {
        return folder.resolve(file + "." + UUID.randomUUID() + ".part");
    }

    static PartFile create(Path part) throws IOException {
        FileChannel channel = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        lock(channel);
        return new PartFile(channel);
    }

    OutputStream stream() {
        return Channels.newOutputStream(channel);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Removes the parts of a file that no process writes; what cannot be removed stays. */
    static void removeAbandoned(Path folder, String file) {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, file + "." + RANDOM + ".part")) {
            for (Path part : parts) {
                removeIfAbandoned(part);
            }
        } catch (IOException e) {
            // Litter is no reason not to download.
            return;
        }
    }

    private static void removeIfAbandoned(Path part) {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            if (lock(channel) != null) {
                Files.delete(part);
            }
        } catch (IOException e) {
            // Gone in the meantime, or another user's.
            return;
        }
    }

    /** A lock on what lies after any data, so that these can be read; null if another has it or there are no locks here. */
    private static @Nullable FileLock lock(FileChannel channel) {
        try {
            return channel.tryLock(Long.MAX_VALUE - 1, 1, false);
        } catch (OverlappingFileLockException e) {
            // A thread of this process has it.
            return null;
        } catch (IOException e) {
            // Some network disks have no locks.
            return null;
        }
    }
}
