package org.espalier.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Damaged and missing data: exit code 2, one line that names the file, no run folder. */
class DataErrorsTest {
    private static final String HOME = "user.home";

    @TempDir
    private Path folder;

    private Path data;
    private String home = "";

    /** Native libraries are kept below the home of the moment when the first one is looked for: not the one of these tests. */
    @BeforeAll
    static void findNativeLibraries() throws IOException {
        Loader.getCacheDir();
    }

    /** Without the user's own cache of downloads. */
    @BeforeEach
    void write() throws IOException {
        home = System.getProperty(HOME);
        System.setProperty(HOME, folder.resolve("home").toString());
        data = TinyMnist.write(folder.resolve("mnist"), 20, 10);
    }

    @AfterEach
    void restore() {
        System.setProperty(HOME, home);
    }

    private void change(String file, UnaryOperator<byte[]> change) throws IOException {
        Path path = data.resolve(file);
        Files.write(path, change.apply(Files.readAllBytes(path)));
    }

    /** The error of both commands that read data. */
    private void assertRefused(String... parts) {
        Path out = folder.resolve("run");
        RunAssert.assertError(
                Run.of("train", "lenet-fc", "--data=mnist", "--offline", "--data-dir=" + data, "--out=" + out),
                2,
                parts);
        RunAssert.assertError(Run.of("eval", "lenet-fc", "--data=mnist", "--offline", "--data-dir=" + data), 2, parts);
        org.assertj.core.api.Assertions.assertThat(out).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({TinyMnist.TRAIN_IMAGES, TinyMnist.TRAIN_LABELS, TinyMnist.TEST_IMAGES, TinyMnist.TEST_LABELS})
    void missingFile_saysWhatToPutWhere(String file) throws IOException {
        Files.delete(data.resolve(file));
        assertRefused("data set 'mnist'", data.toString(), file, "downloads are off");
    }

    @ParameterizedTest
    @CsvSource({TinyMnist.TRAIN_IMAGES, TinyMnist.TRAIN_LABELS, TinyMnist.TEST_IMAGES, TinyMnist.TEST_LABELS})
    void cutFile_isNamed(String file) throws IOException {
        change(file, bytes -> Arrays.copyOf(bytes, bytes.length - 5));
        assertRefused(data.resolve(file).toString(), "expected", "found");
    }

    @Test
    void cutInTheHeader_isNamed() throws IOException {
        change(TinyMnist.TRAIN_IMAGES, bytes -> Arrays.copyOf(bytes, 6));
        assertRefused(TinyMnist.TRAIN_IMAGES);
    }

    @Test
    void cutGzip_isNamed() throws IOException {
        Files.delete(data.resolve(TinyMnist.TRAIN_IMAGES));
        Files.write(data.resolve(TinyMnist.TRAIN_IMAGES + ".gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0, 0});
        assertRefused(TinyMnist.TRAIN_IMAGES + ".gz");
    }

    @Test
    void wrongMagic_saysWhichIsExpected() throws IOException {
        change(
                TinyMnist.TRAIN_IMAGES,
                bytes -> ByteBuffer.wrap(bytes).putInt(0, 0x1234).array());
        assertRefused(TinyMnist.TRAIN_IMAGES, "expected", "found");
    }

    @Test
    void labelOutOfRange_isFound() throws IOException {
        change(
                TinyMnist.TRAIN_LABELS,
                bytes -> ByteBuffer.wrap(bytes).put(8 + 7, (byte) 10).array());
        assertRefused(TinyMnist.TRAIN_LABELS, "label", "10");
    }

    @Test
    void countsThatDiffer_areBothNamed() throws IOException {
        change(TinyMnist.TRAIN_LABELS, bytes -> ByteBuffer.wrap(Arrays.copyOf(bytes, bytes.length - 1))
                .putInt(4, 19)
                .array());
        assertRefused(TinyMnist.TRAIN_LABELS, "20", "19");
    }

    @ParameterizedTest
    @CsvSource({"mnits, mnist", "digit, digits", "fashion, fashion-mnist", "cifar100, cifar10", "fodler:x, folder:PATH"
    })
    void unknownName_suggestsTheNearest(String name, String nearest) {
        RunAssert.assertError(
                Run.of("train", "lenet-fc", "--data=" + name), 2, "'" + name + "'", "did you mean '" + nearest + "'?");
    }

    @Test
    void folderOrArrays_thatAreMissing_areNamed() {
        RunAssert.assertError(Run.of("eval", "lenet-fc", "--data=folder:" + data.resolve("no")), 2, "no");
        RunAssert.assertError(Run.of("eval", "lenet-fc", "--data=arrays:" + data.resolve("no.npz")), 2, "no.npz");
    }
}
