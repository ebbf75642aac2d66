package org.espalier.job;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.io.AtomicFile;

/**
 * A file that grows by one JSON object a line, each of which begins with the run's id. A process appends only to a file that it began itself:
 * what a process before it left is written anew, so that a second name of that file, or what a link leads to, stays as it is.
 */
final class MetricsFile {
    private static final String RUN = "run";

    private final Path path;
    private final String id;
    private boolean begun;

    MetricsFile(Path path, String id) {
        this.path = path;
        this.id = id;
    }

    Path path() {
        return path;
    }

    /**
     * Appends a line: whole, or not at all. What a crash leaves of a line goes when the run goes on.
     *
     * @throws IOException if it cannot be written, or if this process neither began the file nor wrote it anew and one is there
     */
    void append(Map<String, ?> values) throws IOException {
        Set<OpenOption> how = begun
                ? Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)
                : Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        try (FileChannel channel = FileChannel.open(path, how)) {
            begun = true;
            long size = channel.size();
            try {
                Channels.newOutputStream(channel.position(size)).write(line(values));
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

    private byte[] line(Map<String, ?> values) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put(RUN, id);
        line.putAll(values);
        return (Json.line(line) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Puts the file back to what it was earlier.
     *
     * @throws InputException if it is another one's
     */
    void rewind(List<? extends Map<String, ?>> lines) throws IOException {
        requireOwn();
        try (AtomicFile file = new AtomicFile(path)) {
            file.write(channel -> {
                for (Map<String, ?> values : lines) {
                    ByteBuffer bytes = ByteBuffer.wrap(line(values));
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                }
            });
            file.commit();
        }
        begun = true;
    }

    /**
     * Checks that no file is there, or one that this run's lines begin.
     *
     * @throws InputException if not
     */
    void requireOwn() throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        // Without the brace that closes it: more follows in a line, and a crash may have left less.
        String begin = Json.line(Map.of(RUN, id)).replace("}", "");
        boolean regular = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
        if (!regular || !begin.startsWith(head(begin.length()))) {
            throw new InputException(path + ": " + (regular ? "does not hold this run's lines" : "is not a file")
                    + ", so it is not replaced; move it elsewhere");
        }
    }

    private String head(int length) throws IOException {
        try (InputStream in = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
            return new String(in.readNBytes(length), StandardCharsets.UTF_8);
        }
    }
}
