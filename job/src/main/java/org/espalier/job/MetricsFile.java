package org.espalier.job;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that grows by whole lines.
 *
 * @param path where it lies
 */
record MetricsFile(Path path) {
    /** Appends a line: whole, or not at all. */
    void append(byte[] line) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long size = channel.size();
            try {
                Channels.newOutputStream(channel.position(size)).write(line);
            } catch (IOException e) {
                cut(channel, size, e);
                throw e;
            }
        }
    }

    private static void cut(FileChannel channel, long size, IOException reason) {
        try {
            channel.truncate(size);
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    /** Cuts off what a crash left of a line. */
    void cutHalfLine() throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        byte[] bytes = Files.readAllBytes(path);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        if (end < bytes.length) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(end);
            }
        }
    }
}
