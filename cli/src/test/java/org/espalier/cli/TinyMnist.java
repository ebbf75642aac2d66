package org.espalier.cli;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.espalier.data.DataSet;
import org.espalier.data.Splits;
import org.espalier.data.sources.DataSets;

/** A few drawn digits in four files of MNIST's names and format. */
final class TinyMnist {
    static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
    static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
    static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
    static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

    private static final int IMAGES = 0x803;
    private static final int LABELS = 0x801;

    private TinyMnist() {}

    /** Writes the files. */
    static Path write(Path folder, int train, int test) throws IOException {
        Files.createDirectories(folder);
        Splits digits = DataSets.digits(train, test, 0);
        images(folder.resolve(TRAIN_IMAGES), digits.train());
        labels(folder.resolve(TRAIN_LABELS), digits.train());
        images(folder.resolve(TEST_IMAGES), digits.test());
        labels(folder.resolve(TEST_LABELS), digits.test());
        return folder;
    }

    private static void images(Path file, DataSet data) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            for (int number : new int[] {IMAGES, data.size(), 28, 28}) {
                out.writeInt(number);
            }
            for (int i = 0; i < data.size(); i++) {
                out.write(data.pixels(i));
            }
        }
        Files.write(file, bytes.toByteArray());
    }

    private static void labels(Path file, DataSet data) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(LABELS);
            out.writeInt(data.size());
            for (int i = 0; i < data.size(); i++) {
                out.writeByte(data.label(i));
            }
        }
        Files.write(file, bytes.toByteArray());
    }
}
