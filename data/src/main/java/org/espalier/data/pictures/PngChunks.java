package org.espalier.data.pictures;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32;

/** The checksums of a PNG file, which the platform's reader does not look at (PNG specification, 5.3 "Chunk layout"). */
final class PngChunks {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    /** Length, type and checksum. */
    private static final int FRAME = 12;

    private static final int IEND = 0x49454e44;

    private PngChunks() {}

    static boolean isPng(byte[] file) {
        return file.length >= SIGNATURE.length && Arrays.equals(Arrays.copyOf(file, SIGNATURE.length), SIGNATURE);
    }

    /**
     * Checks all chunks up to the last one.
     *
     * @throws IOException if one is cut or does not fit its checksum
     */
    static void check(byte[] file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        int at = SIGNATURE.length;
        int type = 0;
        while (type != IEND) {
            if (file.length - at < FRAME) {
                throw new IOException("cut after " + file.length + " bytes");
            }
            long length = Integer.toUnsignedLong(bytes.getInt(at));
            type = bytes.getInt(at + 4);
            if (length > file.length - at - FRAME) {
                throw new IOException(
                        "a chunk of " + length + " bytes, where " + (file.length - at - FRAME) + " are left");
            }
            CRC32 sum = new CRC32();
            sum.update(file, at + 4, (int) length + 4);
            int stored = bytes.getInt(at + 8 + (int) length);
            if ((int) sum.getValue() != stored) {
                throw new IOException(String.format(
                        Locale.ROOT, "a chunk whose checksum is %08x, not %08x", (int) sum.getValue(), stored));
            }
            at += FRAME + (int) length;
        }
    }
}
