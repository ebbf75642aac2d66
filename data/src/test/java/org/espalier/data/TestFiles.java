package org.espalier.data;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Small files for tests, and where the real ones lie. */
final class TestFiles {
    private TestFiles() {}

    /** The folder of real data sets: ESPALIER_DATA, else ../shared/data seen from here or any folder above. */
    static Path realData(String... needed) {
        String variable = System.getenv("ESPALIER_DATA");
        Path found = variable == null ? null : Path.of(variable);
        for (Path at = Path.of("").toAbsolutePath(); found == null && at != null; at = at.getParent()) {
            Path sibling = at.resolveSibling("shared").resolve("data");
            found = Files.isDirectory(sibling) ? sibling : null;
        }
        for (String name : needed) {
            boolean there = found != null && Files.exists(found.resolve(name));
            assumeTrue(there, "real data '" + name + "' is not in ESPALIER_DATA or ../shared/data");
        }
        if (found == null) {
            throw new IllegalStateException("an assumption above has failed");
        }
        return found;
    }

    /** An IDX file's bytes: magic, dimensions, data. */
    static byte[] idx(int magic, int[] dimensions, byte[] data) {
        ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * dimensions.length + data.length);
        buffer.putInt(magic);
        for (int dimension : dimensions) {
            buffer.putInt(dimension);
        }
        return buffer.put(data).array();
    }

    static byte[] gzip(byte[] data) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static Path write(Path file, byte[] data) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            return Files.write(file, data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes that follow from a seed. */
    static byte[] bytes(int count, long seed) {
        SeededRandom random = new SeededRandom(seed);
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) random.nextInt(256);
        }
        return bytes;
    }
}
