package org.espalier.data.formats;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.espalier.data.DataException;

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
     * Reads a batch: records of one label byte and 3,072 pixels.
     *
     * @param file the file
     * @param contents its bytes
     * @param records how many images it must have
     * @return the batch
     * @throws DataException if it has another size, or a label is no class
     */
    public static CifarBatch parse(Path file, byte[] contents, int records) {
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
            if (labels[i] >= CLASSES) {
                throw DataException.of(
                        SUBJECT, file, "label must be a class", "0 to 9", labels[i] + " at example " + i);
            }
            images.add(Arrays.copyOfRange(contents, i * length + 1, (i + 1) * length));
        }
        return new CifarBatch(images, labels);
    }
}
