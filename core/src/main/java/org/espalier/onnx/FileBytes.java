package org.espalier.onnx;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Bytes of a file: small ones copied into memory, large ones mapped, so that a network of gigabytes costs no heap. */
final class FileBytes {
    /** From this size on a region is mapped. */
    private static final long MAP_FROM = 16L << 20;

    private FileBytes() {}

    /** A region, which must lie inside the file and be below 2 GB. */
    static ByteBuffer load(FileChannel file, long offset, long length) throws IOException {
        if (length >= MAP_FROM) {
            return file.map(FileChannel.MapMode.READ_ONLY, offset, length);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) length);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, offset + bytes.position()) < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
        }
        return bytes.flip().asReadOnlyBuffer();
    }
}
