package org.espalier.data.formats;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.espalier.data.DataException;
import org.espalier.data.DataSet;
import org.espalier.data.Normalization;

/**
 * Reads MNIST's IDX files of unsigned bytes, gzip or plain.
 *
 * <p>A file is read as a whole or refused: header, exactly as many bytes as it announces, nothing after them. Format:
 * LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
 */
public final class IdxReader {
    private static final String SUBJECT = "IDX file";
    private static final int IMAGES_MAGIC = 0x0803;
    private static final int LABELS_MAGIC = 0x0801;
    private static final int MAX_PIXELS = 1 << 26;
    private static final String RULE = "data must be as long as its header says";
    /** Deflate makes at best one byte of so many. */
    private static final int MOST_PACKED = 1032;

    private IdxReader() {}

    /** Images as bytes, each rows · columns. */
    static final class Images {
        private final byte[][] pixels;
        private final int rows;
        private final int columns;

        Images(byte[][] pixels, int rows, int columns) {
            this.pixels = pixels;
            this.rows = rows;
            this.columns = columns;
        }

        byte[][] pixels() {
            return pixels;
        }

        int rows() {
            return rows;
        }

        int columns() {
            return columns;
        }
    }

    /**
     * Reads images and their labels.
     *
     * @param name its name
     * @param imageFile the file of images
     * @param labelFile the file of labels
     * @param classNames the names of the classes
     * @return the data set
     * @throws DataException naming the file at fault
     */
    public static DataSet read(String name, Path imageFile, Path labelFile, List<String> classNames) {
        Images images = readImages(imageFile);
        int[] labels = readLabels(labelFile, classNames.size());
        if (labels.length != images.pixels().length) {
            throw DataException.of(
                    SUBJECT,
                    labelFile,
                    "there must be one label per image of " + imageFile.getFileName(),
                    images.pixels().length,
                    labels.length);
        }
        return DataSet.builder(name)
                .bytes("", images.pixels(), Normalization.pixels(), 1, images.rows(), images.columns())
                .classes(labels, classNames)
                .build();
    }

    static Images readImages(Path file) {
        try (InputStream in = open(file)) {
            int count = header(file, in, IMAGES_MAGIC, "images (magic 0x00000803)");
            int rows = dimension(file, "rows", in);
            int columns = dimension(file, "columns", in);
            if ((long) rows * columns > MAX_PIXELS) {
                throw DataException.of(
                        SUBJECT, file, "image size must be sane", "<= " + MAX_PIXELS + " pixels", rows + "x" + columns);
            }
            int size = rows * columns;
            requireRoom(file, count, size);
            List<byte[]> pixels = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] image = in.readNBytes(size);
                if (image.length < size) {
                    throw cut(file, count * (long) size, i * (long) size + image.length);
                }
                pixels.add(image);
            }
            requireEnd(file, in, count * (long) size);
            return new Images(pixels.toArray(byte[][]::new), rows, columns);
        } catch (IOException e) {
            throw damaged(file, e);
        }
    }

    static int[] readLabels(Path file, int classCount) {
        try (InputStream in = open(file)) {
            int count = header(file, in, LABELS_MAGIC, "labels (magic 0x00000801)");
            requireRoom(file, count, 1);
            byte[] bytes = in.readNBytes(count);
            if (bytes.length < count) {
                throw cut(file, count, bytes.length);
            }
            requireEnd(file, in, count);
            int[] labels = new int[count];
            for (int i = 0; i < count; i++) {
                labels[i] = bytes[i] & 0xff;
                if (labels[i] >= classCount) {
                    throw DataException.of(
                            SUBJECT,
                            file,
                            "label must be a class",
                            "0 to " + (classCount - 1),
                            labels[i] + " at example " + i);
                }
            }
            return labels;
        } catch (IOException e) {
            throw damaged(file, e);
        }
    }

    private static InputStream open(Path file) throws IOException {
        RegularFile.require(SUBJECT, file);
        InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        try {
            raw.mark(2);
            int first = raw.read();
            int second = raw.read();
            raw.reset();
            boolean gzip = first == 0x1f && second == 0x8b;
            return gzip ? new BufferedInputStream(new GZIPInputStream(raw, 1 << 16), 1 << 16) : raw;
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    private static int header(Path file, InputStream in, int magic, String expected) throws IOException {
        int found = readInt(file, in);
        if (found != magic) {
            throw DataException.of(
                    SUBJECT,
                    file,
                    "header must say what is inside",
                    expected,
                    String.format(Locale.ROOT, "magic 0x%08x", found));
        }
        return dimension(file, "count", in);
    }

    private static int dimension(Path file, String what, InputStream in) throws IOException {
        int value = readInt(file, in);
        if (value < 1) {
            throw DataException.of(SUBJECT, file, what + " must be positive", ">= 1", Integer.toUnsignedString(value));
        }
        return value;
    }

    private static int readInt(Path file, InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(4);
        if (bytes.length < 4) {
            throw DataException.of(
                    SUBJECT, file, "header must be whole", "4 more bytes", bytes.length + " (the file is cut)");
        }
        return (bytes[0] & 0xff) << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
    }

    private static DataException cut(Path file, long expected, long found) {
        return DataException.of(SUBJECT, file, RULE, expected + " bytes", found + " bytes");
    }

    private static void requireEnd(Path file, InputStream in, long expected) throws IOException {
        // Reading on would unpack whatever is there: it ends here.
        if (in.read() >= 0) {
            throw DataException.of(SUBJECT, file, RULE, expected + " bytes", "more");
        }
    }

    /** Before anything is read: what a header asks for must be there, packed at best, and memory must hold it. */
    private static void requireRoom(Path file, long count, long size) throws IOException {
        long most = Math.multiplyExact(Files.size(file), (long) MOST_PACKED);
        if (count * size > most) {
            throw DataException.of(SUBJECT, file, RULE, count * size + " bytes", "at most " + most);
        }
        long needed = Memory.ofRows(count, size);
        if (!Memory.holds(needed)) {
            throw DataException.of(
                    SUBJECT,
                    file,
                    "must fit into Java's memory: give it more (-Xmx)",
                    "at most " + Memory.megabytes(Runtime.getRuntime().maxMemory()),
                    Memory.megabytes(needed));
        }
    }

    private static DataException damaged(Path file, IOException e) {
        if (e instanceof NoSuchFileException) {
            return DataException.of(SUBJECT, file, "file must exist", "an IDX file, gzip or plain", "none");
        }
        if (e instanceof EOFException) {
            return DataException.of(SUBJECT, file, "gzip data must be whole", "its end", "a cut file");
        }
        if (e instanceof ZipException) {
            return DataException.of(
                    SUBJECT,
                    file,
                    "gzip data must be sound",
                    "matching checksums",
                    DataException.oneLine(String.valueOf(e.getMessage())));
        }
        return DataException.unreadable(SUBJECT, file, "an IDX file, gzip or plain", e);
    }
}
