package org.espalier.data.formats;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Reads the regular files of a {@code .tar.gz}, as POSIX's ustar format has them. */
public final class TarGz {
    private static final int BLOCK = 512;
    /** How many of the largest files all files together may make. */
    private static final int MAX_FILES = 16;

    private TarGz() {}

    /** What is done with each file. */
    public interface Visitor {
        /**
         * Takes one file of the archive.
         *
         * @param name its name
         * @param contents its bytes
         * @throws IOException if it cannot be used
         */
        void visit(String name, byte[] contents) throws IOException;
    }

    /**
     * Visits all files; directories, links and extended headers are passed over.
     *
     * @param file the file
     * @param maxFile bytes that a file may have, so that a damaged header cannot ask for all memory
     * @param visitor called for each
     * @throws IOException if the disk cannot take it
     */
    public static void visit(Path file, int maxFile, Visitor visitor) throws IOException {
        long maxTotal = (long) MAX_FILES * maxFile;
        try (InputStream in = new BufferedInputStream(new BoundedStream(unpack(file), maxTotal), 1 << 16)) {
            while (true) {
                byte[] header = in.readNBytes(BLOCK);
                if (header.length < BLOCK) {
                    throw new EOFException("tar header cut after " + header.length + " bytes");
                }
                if (header[0] == 0) {
                    in.transferTo(OutputStream.nullOutputStream()); // lets gzip check its sum
                    return;
                }
                requireChecksum(header);
                long size = octal(header, 124, 12);
                if (size > maxFile) {
                    throw new IOException("tar entry of " + size + " bytes, more than " + maxFile);
                }
                byte[] contents = in.readNBytes((int) size);
                int padding = (int) ((BLOCK - size % BLOCK) % BLOCK);
                if (contents.length < size || in.readNBytes(padding).length < padding) {
                    throw new EOFException("tar entry cut after " + contents.length + " bytes");
                }
                if (header[156] == '0' || header[156] == 0) {
                    visitor.visit(text(header, 0, 100), contents);
                }
            }
        }
    }

    private static InputStream unpack(Path file) throws IOException {
        return new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16), 1 << 16);
    }

    private static void requireChecksum(byte[] header) throws IOException {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
        }
        if (sum != octal(header, 148, 8)) {
            throw new IOException("tar header with a wrong checksum");
        }
    }

    private static long octal(byte[] header, int from, int length) throws IOException {
        String digits = text(header, from, length).strip();
        if (!digits.matches("[0-7]*")) {
            throw new IOException("tar header with a number that is not octal");
        }
        return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    }

    private static String text(byte[] header, int from, int length) {
        int end = from;
        while (end < from + length && header[end] != 0) {
            end++;
        }
        return new String(header, from, end - from, StandardCharsets.UTF_8);
    }
}
