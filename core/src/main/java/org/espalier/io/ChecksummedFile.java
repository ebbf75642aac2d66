package org.espalier.io;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;

/**
 * A kind of file that shows whether it still holds what was written: eight letters, the content, and the SHA-256 of both. The last letter is
 * the version of the content's format.
 *
 * @param kind the eight letters
 */
public record ChecksummedFile(String kind) {
    private static final int LETTERS = 8;
    private static final int HASH = 32;
    private static final int BUFFER = 1 << 16;

    /** Gives the content. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes the whole content.
         *
         * @param out where it goes
         * @throws IOException if it cannot be written
         */
        void writeTo(DataOutputStream out) throws IOException;
    }

    /**
     * Takes the content.
     *
     * @param <T> what is made of it
     */
    @FunctionalInterface
    public interface Reader<T> {
        /**
         * Reads the content.
         *
         * @param in the bytes
         * @return what is made of them
         * @throws IOException if they cannot be read
         */
        T read(DataInputStream in) throws IOException;
    }

    /** A file is not what was written, or never was of this kind. */
    public static final class DamagedException extends IOException {
        private static final long serialVersionUID = 1;

        DamagedException(String what) {
            super(what);
        }
    }

    /** A file has another version of the format. */
    public static final class VersionException extends IOException {
        private static final long serialVersionUID = 1;

        VersionException(char expected, char found) {
            super("must have this version's format, expected " + expected + ", found " + found);
        }
    }

    /**
     * Checks the length of the kind.
     *
     * @param kind eight ASCII letters, the last of which is the version
     */
    public ChecksummedFile {
        if (kind.getBytes(StandardCharsets.US_ASCII).length != LETTERS) {
            throw new IllegalArgumentException("kind of file: must have " + LETTERS + " letters, found '" + kind + "'");
        }
    }

    /** {@return the version of the content's format} */
    public char version() {
        return kind.charAt(LETTERS - 1);
    }

    /**
     * Writes a file's bytes.
     *
     * @param raw where they go
     * @param content writes the content
     * @throws IOException if they cannot be written
     */
    public void write(OutputStream raw, Content content) throws IOException {
        MessageDigest digest = Sha256.digest();
        DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(new DigestOutputStream(raw, digest), BUFFER));
        out.write(kind.getBytes(StandardCharsets.US_ASCII));
        content.writeTo(out);
        out.flush();
        raw.write(digest.digest());
    }

    /**
     * Checks all of a file, then reads its content.
     *
     * @param <T> what is made of the content
     * @param file the file
     * @param reader reads the content
     * @return what the reader made of it
     * @throws DamagedException if the checksum is wrong
     * @throws VersionException if it is of this kind in another version
     * @throws IOException if it cannot be read
     */
    public <T> T read(Path file, Reader<T> reader) throws IOException {
        verify(file);
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER))) {
            in.skipNBytes(LETTERS);
            return reader.read(in);
        }
    }

    private void verify(Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException("it is no regular file");
        }
        long left = Files.size(file) - HASH;
        MessageDigest digest = Sha256.digest();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] first = in.readNBytes(LETTERS);
            String found = new String(first, StandardCharsets.US_ASCII);
            // Another version's file may have its checksum elsewhere.
            if (!found.equals(kind) && first.length == LETTERS && found.startsWith(kind.substring(0, LETTERS - 1))) {
                throw new VersionException(version(), found.charAt(LETTERS - 1));
            }
            digest.update(first);
            left -= first.length;
            byte[] piece = new byte[BUFFER];
            while (left > 0) {
                int n = in.read(piece, 0, (int) Math.min(piece.length, left));
                if (n < 0) {
                    break;
                }
                digest.update(piece, 0, n);
                left -= n;
            }
            if (!found.equals(kind) || left != 0 || !MessageDigest.isEqual(digest.digest(), in.readNBytes(HASH))) {
                throw new DamagedException("its checksum is wrong");
            }
        }
    }
}
