package org.espalier.data.formats;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.espalier.data.DataException;
import org.jspecify.annotations.Nullable;

/** One batch file of CIFAR-10: images [3, 32, 32] and their classes. */
public final class CifarBatch {
    /** What such a file is called in messages. */
    public static final String SUBJECT = "CIFAR-10 batch";

    private static final int PIXELS = 3 * 32 * 32;
    private static final int CLASSES = 10;

    private final List<byte[]> images;
    private final int[] labels;

    private CifarBatch(List<byte[]> images, int[] labels) {
        this.images = images;
        this.labels = labels;
    }

    /** {@return the images, [3, 32, 32] bytes each} */
    public Stream<byte[]> images() {
        return images.stream();
    }

    /** {@return the class of each image} */
    public IntStream labels() {
        return Arrays.stream(labels);
    }

    /**
     * Reads a batch in the form that its name tells: {@code .bin}, else a Python pickle.
     *
     * @param file the file
     * @param contents its bytes
     * @param records how many images it must have
     * @return the batch
     * @throws DataException if it has not
     */
    public static CifarBatch parse(Path file, byte[] contents, int records) {
        boolean binary = file.toString().endsWith(".bin");
        CifarBatch batch = binary ? binary(file, contents, records) : pickle(file, contents, records);
        for (int i = 0; i < records; i++) {
            if (batch.labels[i] < 0 || batch.labels[i] >= CLASSES) {
                throw DataException.of(
                        SUBJECT, file, "label must be a class", "0 to 9", batch.labels[i] + " at example " + i);
            }
        }
        return batch;
    }

    /** Records of one label byte and 3,072 pixels. */
    private static CifarBatch binary(Path file, byte[] contents, int records) {
        int length = 1 + PIXELS;
        if (contents.length != (long) records * length) {
            throw DataException.of(
                    SUBJECT,
                    file,
                    "file must hold whole records",
                    (long) records * length + " bytes (" + records + " images)",
                    contents.length + " bytes");
        }
        int[] labels = new int[records];
        List<byte[]> images = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            labels[i] = contents[i * length] & 0xff;
            images.add(Arrays.copyOfRange(contents, i * length + 1, (i + 1) * length));
        }
        return new CifarBatch(images, labels);
    }

    /** A dictionary with {@code data}, a numpy array of bytes [N, 3072], and {@code labels}, a list. */
    private static CifarBatch pickle(Path file, byte[] contents, int records) {
        byte[] pixels;
        List<?> list;
        try {
            Object value = PickleReader.read(contents);
            Map<?, ?> batch = value instanceof Map<?, ?> map ? map : Map.of();
            pixels = arrayBytes(batch.get("data"), records);
            list = batch.get("labels") instanceof List<?> labels ? labels : List.of();
        } catch (IllegalArgumentException e) {
            throw DataException.of(
                    SUBJECT, file, "pickle must hold plain values", "data and labels", String.valueOf(e.getMessage()));
        }
        if (pixels.length != (long) records * PIXELS || list.size() != records) {
            throw DataException.of(
                    SUBJECT,
                    file,
                    "there must be " + records + " images of 3072 bytes and as many labels",
                    (long) records * PIXELS + " bytes and " + records + " labels",
                    pixels.length + " bytes and " + list.size() + " labels");
        }
        int[] labels = new int[records];
        List<byte[]> images = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            labels[i] = list.get(i) instanceof Long label ? (int) Math.max(-1, Math.min(CLASSES, label)) : -1;
            images.add(Arrays.copyOfRange(pixels, i * PIXELS, (i + 1) * PIXELS));
        }
        return new CifarBatch(images, labels);
    }

    /** The bytes of a numpy array whose state is (version, shape, dtype, Fortran order, bytes). */
    private static byte[] arrayBytes(@Nullable Object array, int records) {
        if (array instanceof PickleReader.Call call
                && call.name().endsWith("_reconstruct")
                && call.state() instanceof List<?> state
                && state.size() == 5
                && List.of((long) records, (long) PIXELS).equals(state.get(1))
                && isUnsignedByte(state.get(2))
                && Boolean.FALSE.equals(state.get(3))
                && state.get(4) instanceof byte[] bytes) {
            return bytes;
        }
        throw new IllegalArgumentException("no array of unsigned bytes [" + records + ", 3072] in C order");
    }

    private static boolean isUnsignedByte(@Nullable Object type) {
        if (!(type instanceof PickleReader.Call call)
                || !call.name().equals("numpy dtype")
                || call.arguments().isEmpty()) {
            return false;
        }
        Object code = call.arguments().get(0);
        return code instanceof byte[] bytes ? Arrays.equals(bytes, new byte[] {'u', '1'}) : "u1".equals(code);
    }
}
