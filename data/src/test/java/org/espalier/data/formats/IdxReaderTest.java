package org.espalier.data.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.espalier.data.DataException;
import org.espalier.data.DataSet;
import org.espalier.data.Normalization;
import org.espalier.data.Splits;
import org.espalier.data.TestFiles;
import org.espalier.data.sources.DataSets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxReaderTest {
    private static final List<String> TEN = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    private static final byte[] PIXELS = TestFiles.bytes(3 * 2 * 4, 1);

    private final Path folder;

    IdxReaderTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private Path images(byte[] bytes) {
        return TestFiles.write(folder.resolve("train-images-idx3-ubyte"), bytes);
    }

    private Path labels(int... labels) {
        byte[] data = new byte[labels.length];
        for (int i = 0; i < labels.length; i++) {
            data[i] = (byte) labels[i];
        }
        byte[] file = TestFiles.idx(0x801, new int[] {labels.length}, data);
        return TestFiles.write(folder.resolve("train-labels-idx1-ubyte"), file);
    }

    private static byte[] threeImages() {
        return TestFiles.idx(0x803, new int[] {3, 2, 4}, PIXELS);
    }

    private static void assertRefused(Runnable reading, Path file, String... parts) {
        assertThatThrownBy(reading::run)
                .isInstanceOfSatisfying(
                        DataException.class, e -> assertThat(e.path()).contains(file))
                .hasMessageStartingWith("IDX file '" + file + "': ")
                .hasMessageContainingAll(parts)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void read_plainAndGzip_givesTheSameExamples() {
        Path plain = images(threeImages());
        Path packed = TestFiles.write(folder.resolve("packed.gz"), TestFiles.gzip(threeImages()));
        Path labels = labels(3, 0, 9);
        for (Path file : List.of(plain, packed)) {
            DataSet data = IdxReader.read("tiny", file, labels, TEN);
            assertThat(data.size()).isEqualTo(3);
            assertThat(data.input().shape()).containsExactly(1, 2, 4);
            assertThat(data.pixels(1)).isEqualTo(Arrays.copyOfRange(PIXELS, 8, 16));
            assertThat(data.label(0)).isEqualTo(3);
            assertThat(data.label(2)).isEqualTo(9);
            assertThat(data.example(0)[5]).isEqualTo((PIXELS[5] & 0xff) / 255f);
        }
    }

    @Test
    void readImages_missingFile_isRefusedByName() {
        Path missing = folder.resolve("nothing");
        assertRefused(() -> IdxReader.readImages(missing), missing, "file must exist", "found none");
    }

    @Test
    void readImages_anyCut_isRefused() {
        byte[] whole = threeImages();
        for (int length = 0; length < whole.length; length++) {
            Path file = images(Arrays.copyOf(whole, length));
            assertRefused(() -> IdxReader.readImages(file), file, "expected", "found");
        }
    }

    @Test
    void readImages_anyCutOfGzip_isRefused() {
        byte[] whole = TestFiles.gzip(threeImages());
        for (int length = 0; length < whole.length; length++) {
            Path file = images(Arrays.copyOf(whole, length));
            assertRefused(() -> IdxReader.readImages(file), file, "expected", "found");
        }
    }

    @Test
    void readImages_damagedGzip_isRefused() {
        byte[] whole = TestFiles.gzip(threeImages());
        whole[whole.length - 6] ^= 0x10; // inside the CRC
        Path file = images(whole);
        assertRefused(() -> IdxReader.readImages(file), file, "gzip data must be sound");
    }

    @Test
    void readImages_trailingBytes_areRefused() {
        byte[] whole = threeImages();
        Path file = images(Arrays.copyOf(whole, whole.length + 5));
        assertRefused(() -> IdxReader.readImages(file), file, "expected 24 bytes, found more");
        Path packed = images(TestFiles.gzip(Arrays.copyOf(whole, whole.length + 1)));
        assertRefused(() -> IdxReader.readImages(packed), packed, "expected 24 bytes, found more");
    }

    @Test
    void readImages_wrongMagic_isRefused() {
        Path file = images(TestFiles.idx(0x801, new int[] {3, 2, 4}, PIXELS));
        assertRefused(() -> IdxReader.readImages(file), file, "0x00000803", "found magic 0x00000801");
    }

    @Test
    void readImages_absurdDimensions_areRefusedWithoutMemory() {
        Path huge = images(TestFiles.idx(0x803, new int[] {1, 1 << 20, 1 << 20}, PIXELS));
        assertRefused(() -> IdxReader.readImages(huge), huge, "image size must be sane", "1048576x1048576");
        Path many = images(TestFiles.idx(0x803, new int[] {Integer.MAX_VALUE, 2, 4}, PIXELS));
        assertRefused(() -> IdxReader.readImages(many), many, "expected 17179869176 bytes, found at most");
        Path negative = images(TestFiles.idx(0x803, new int[] {-1, 2, 4}, PIXELS));
        assertRefused(() -> IdxReader.readImages(negative), negative, "count must be positive", "found 4294967295");
    }

    @Test
    void readLabels_outOfRange_isRefusedWithItsPlace() {
        Path file = labels(1, 10, 3);
        assertRefused(() -> IdxReader.readLabels(file, 10), file, "expected 0 to 9, found 10 at example 1");
    }

    @Test
    void read_labelCountDiffers_isRefused() {
        Path images = images(threeImages());
        Path labels = labels(1, 2);
        assertRefused(
                () -> IdxReader.read("tiny", images, labels, TEN),
                labels,
                "one label per image",
                "expected 3, found 2");
    }

    @Test
    void open_realMnist_hasItsKnownShape() {
        Splits mnist = DataSets.open("mnist", TestFiles.realData("mnist/t10k-images-idx3-ubyte.gz"));
        assertThat(mnist.train().size()).isEqualTo(60_000);
        assertThat(mnist.test().size()).isEqualTo(10_000);
        assertThat(mnist.test().classCount()).isEqualTo(10);
        assertThat(mnist.test().label(0)).isEqualTo(7);
        assertThat(mnist.train().label(0)).isEqualTo(5);
        Normalization measured = mnist.train().measureNormalization();
        assertThat(measured.mean().get(0)).isBetween(0.13065, 0.13067);
        assertThat(measured.std().get(0)).isBetween(0.3080, 0.3082);
    }
}
