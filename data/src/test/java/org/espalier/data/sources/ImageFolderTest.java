package org.espalier.data.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.espalier.data.DataException;
import org.espalier.data.DataProgress;
import org.espalier.data.ImageOptions;
import org.espalier.data.LabelKind;
import org.espalier.data.SeededRandom;
import org.espalier.data.Splits;
import org.espalier.data.TestFiles;
import org.espalier.data.formats.FileTree;
import org.espalier.data.pictures.Picture;
import org.espalier.data.pictures.PictureDecoder;
import org.espalier.data.pictures.PictureLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFolderTest {
    private static final int RGB = BufferedImage.TYPE_INT_RGB;
    private static final int GREY = BufferedImage.TYPE_BYTE_GRAY;

    private final Path root;

    ImageFolderTest(@TempDir Path folder) {
        this.root = folder.resolve("pictures");
    }

    private static byte[] png(int seed) {
        return TestFiles.picture("png", 8, 6, RGB, seed);
    }

    private Splits open(ImageOptions images) {
        return DataSets.open("folder:" + root, DataOptions.defaults().withImages(images));
    }

    private Splits open() {
        return open(ImageOptions.asTheyAre());
    }

    private void put(String file, byte[] bytes) {
        TestFiles.write(root.resolve(file), bytes);
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(this::open)
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(parts)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void open_trainAndTest_folderAndZipAgree() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("train/zebra/a.png", png(1));
        files.put("train/ape/a.png", png(2));
        files.put("train/ape/b.PNG", png(3));
        files.put("test/zebra/c.png", png(4));
        files.put("train/.DS_Store", new byte[] {1});
        files.put("README.txt", new byte[] {1});
        files.forEach(this::put);
        Splits splits = open();
        assertThat(splits.train().classNames()).containsExactly("ape", "zebra");
        assertThat(splits.train().size()).isEqualTo(3);
        assertThat(splits.train().label(2)).isEqualTo(1);
        assertThat(splits.test().size()).isEqualTo(1);
        assertThat(splits.test().label(0)).isEqualTo(1);
        assertThat(splits.train().input().shape()).containsExactly(3, 6, 8);
        // Seed 2, band 1, lower right quarter.
        assertThat(splits.train().pixels(0)[48 + 47] & 0xff).isEqualTo(2 * 31 + 60 + 40 + 80);

        Map<String, byte[]> wrapped = new LinkedHashMap<>();
        files.forEach((name, bytes) -> wrapped.put("outer/" + name, bytes));
        wrapped.put("__MACOSX/outer/._x", new byte[] {1});
        Path zip = TestFiles.zip(root.resolveSibling("pictures.zip"), false, wrapped);
        Splits same = DataSets.open("folder:" + zip, (Path) null);
        for (int i = 0; i < 3; i++) {
            assertThat(same.train().pixels(i)).isEqualTo(splits.train().pixels(i));
            assertThat(same.train().label(i)).isEqualTo(splits.train().label(i));
        }
    }

    /** Written by older programs on Windows. */
    @Test
    void open_zipWithBackslashes_hasFolders() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("pictures\\", new byte[0]);
        files.put("pictures\\zebra\\a.png", png(1));
        files.put("pictures\\ape\\a.png", png(2));
        files.put("pictures\\ape\\b.png", png(3));
        Path zip = TestFiles.zip(root.resolveSibling("pictures.zip"), false, files);
        Splits splits = DataSets.open("folder:" + zip, (Path) null);
        assertThat(splits.train().classNames()).containsExactly("ape", "zebra");
        assertThat(splits.train().size() + splits.test().size()).isEqualTo(3);
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void open_backslashInAName_isPartOfTheName() {
        put("a/1\\2.png", png(1));
        put("a/3.png", png(2));
        put("b/1\\2.png", png(3));
        put("b/3.png", png(4));
        Splits splits = open();
        assertThat(splits.train().size() + splits.test().size()).isEqualTo(4);
        assertThat(splits.train().classNames()).containsExactly("a", "b");
    }

    @Test
    void open_noTestPart_holdsOutTheSameExamples() {
        for (int i = 0; i < 10; i++) {
            put("a/" + i + ".png", png(i));
            put("b/" + i + ".png", png(i));
        }
        DataOptions options = DataOptions.defaults().withHoldOut(0.2, 5);
        Splits splits = DataSets.open("folder:" + root, options);
        assertThat(splits.test().size()).isEqualTo(4);
        assertThat(splits.test().label(1)).isZero();
        assertThat(splits.test().label(2)).isEqualTo(1);
        assertThat(DataSets.open("folder:" + root, options).test().pixels(3))
                .isEqualTo(splits.test().pixels(3));
    }

    @Test
    void open_greyAndColour_becomeColour() {
        put("a/1.png", TestFiles.picture("png", 8, 6, GREY, 1));
        put("b/1.png", TestFiles.picture("png", 8, 6, GREY, 2));
        Splits grey = open();
        assertThat(grey.train().input().shape()).containsExactly(1, 6, 8);
        put("b/2.png", png(3));
        put("b/3.png", TestFiles.picture("png", 8, 6, BufferedImage.TYPE_BYTE_BINARY, 3));
        put("b/4.png", TestFiles.picture("png", 8, 6, BufferedImage.TYPE_4BYTE_ABGR, 3));
        put("b/5.png", TestFiles.picture("png", 8, 6, BufferedImage.TYPE_USHORT_GRAY, 3));
        assertThat(open().train().input().shape()).containsExactly(3, 6, 8);
        Splits forced = open(ImageOptions.asTheyAre().withChannels(1));
        assertThat(forced.train().input().shape()).containsExactly(1, 6, 8);
    }

    @Test
    void decode_greyPng_keepsItsSamples() throws IOException {
        Picture picture = PictureDecoder.decode(TestFiles.picture("png", 8, 6, GREY, 1));
        assertThat(picture.pixels()[0] & 0xff).isEqualTo(31);
        assertThat(picture.pixels()[47] & 0xff).isEqualTo(31 + 120);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void fit_constantPicture_staysConstantAtAnySize(int channels) {
        byte[] pixels = new byte[3 * 11 * 7];
        Arrays.fill(pixels, (byte) 200);
        for (int size = 1; size < 20; size += channels) {
            Picture fitted = new Picture(3, 11, 7, pixels).fit(size, size + 1, 0);
            assertThat(fitted.height()).isEqualTo(size);
            assertThat(fitted.width()).isEqualTo(size + 1);
            assertThat(fitted.pixels()).containsOnly((byte) 200);
        }
    }

    @Test
    void fit_halfSize_averagesAndCropsTheCentre() {
        byte[] ramp = new byte[4 * 8];
        for (int i = 0; i < 32; i++) {
            ramp[i] = (byte) (10 * (i % 8));
        }
        // The whole of 4×8 at half size is 2×4; its centre 2×2 lies on columns 2 to 5, whose values are a ramp.
        Picture fitted = new Picture(1, 4, 8, ramp).fit(2, 2, 0);
        assertThat(fitted.pixels()).containsExactly(25, 45, 25, 45);
    }

    @Test
    void open_resizeAndMeasuredNormalization_giveUnitChannels() {
        put("train/a/1.png", png(1));
        put("train/b/1.jpg", TestFiles.picture("jpg", 20, 31, RGB, 5));
        put("test/b/1.jpeg", TestFiles.picture("jpg", 9, 9, RGB, 2));
        ImageOptions options =
                ImageOptions.asTheyAre().withSize(5, 4).withResize(7).withNormalization(null);
        Splits splits = open(options);
        assertThat(splits.test().input().shape()).containsExactly(3, 5, 4);
        assertThat(splits.test().input()).isEqualTo(splits.train().input());
        double sum = 0;
        for (int i = 0; i < 2; i++) {
            float[] values = splits.train().example(i);
            for (int p = 0; p < 20; p++) {
                sum += values[p];
            }
        }
        assertThat(sum / 40).isEqualTo(0, within(1e-5));
        assertRefused("1.jpg", "one size unless one is asked for", "expected 6x8", "found 31x20");
    }

    @Test
    void open_badFolders_areRefused() throws IOException {
        assertRefused("file must exist");
        Files.createDirectories(root);
        assertRefused("one folder per class");
        put("loose.png", png(1));
        assertRefused("left to hold out");
        put("a/1.png", png(1));
        assertRefused("must lie in class folders", "found loose.png");
        Files.delete(root.resolve("loose.png"));
        assertRefused("left to hold out");
        put("a/notes.txt", new byte[3]);
        assertRefused("image '" + root.resolve("a/notes.txt"), "pictures only");
        Files.delete(root.resolve("a/notes.txt"));
        put("a/0.png", new byte[] {1, 2, 3});
        assertRefused("image '" + root.resolve("a/0.png"), "neither JPEG nor PNG");
        put("a/0.png", TestFiles.picture("gif", 8, 6, BufferedImage.TYPE_BYTE_INDEXED, 1));
        assertRefused("but gif");
    }

    @Test
    void open_picturesWithoutFolders_haveNoLabels() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (int i = 0; i < 10; i++) {
            files.put(i + ".png", png(i));
        }
        files.forEach(this::put);
        Path zip = TestFiles.zip(root.resolveSibling("pictures.zip"), false, files);
        for (Splits splits : List.of(open(), DataSets.open("folder:" + zip))) {
            assertThat(splits.train().labelKind()).isEqualTo(LabelKind.NONE);
            assertThat(splits.train().size()).isEqualTo(9);
            assertThat(splits.test().size()).isEqualTo(1);
            assertThat(splits.heldOut()).isTrue();
        }
        put("notes.txt", new byte[3]);
        assertRefused("folders must hold pictures only");
    }

    @Test
    void load_moreThanThereIsRoomFor_isRefusedBeforeAllAreDecoded() throws IOException {
        List<String> files = List.of("a/1.png", "b/2.png", "b/3.png");
        put("a/1.png", png(1));
        try (FileTree tree = FileTree.open(root)) {
            assertThatThrownBy(() ->
                            new PictureLoader(tree, ImageOptions.asTheyAre(), DataProgress.silent(), 10).load(files))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("must fit into Java's memory")
                    .hasMessageContaining("3 pictures");
        }
    }

    /** Names of parts are names of classes, too. */
    @Test
    void open_classCalledTrain_isOne() {
        for (String part : List.of("train", "test")) {
            put("data/" + part + "/train/1.png", png(1));
            put("data/" + part + "/bus/2.png", png(2));
            put("data/" + part + "/test/3.png", png(3));
        }
        Splits splits = open();
        assertThat(splits.train().classNames()).containsExactly("bus", "test", "train");
        assertThat(splits.test().size()).isEqualTo(3);
        assertThat(splits.heldOut()).isFalse();
        put("data/test/4.png", png(4));
        assertRefused("must lie in class folders", "found data/test/4.png");
    }

    /** The innermost folder used to be the class, whatever lay around it. */
    @Test
    void open_foldersInClassFolders_areRefused() {
        put("ape/1.png", png(1));
        put("cat/2.png", png(2));
        put("cat/sub/3.png", png(3));
        assertRefused("must not hold folders, expected CLASS/picture, found cat/sub/3.png");
    }

    @Test
    void open_foldersInClassFoldersOfAPart_areRefused() {
        for (String part : List.of("train", "test")) {
            put("data/" + part + "/ape/1.png", png(1));
            put("data/" + part + "/cat/2.png", png(2));
        }
        put("data/test/cat/sub/3.png", png(3));
        assertRefused("expected data/test/CLASS/picture, found data/test/cat/sub/3.png");
        put("data/train/sub/cat/3.png", png(3));
        assertRefused("expected data/train/CLASS/picture, found data/train/sub/cat/3.png");
    }

    /** What looks like a folder around everything may be the only class. */
    @Test
    void open_picturesBesideTheOnlyFolders_areRefused() {
        put("cat/1.png", png(1));
        put("cat/tabby/2.png", png(2));
        put("cat/black/3.png", png(3));
        assertRefused("must lie in class folders, expected cat/CLASS/picture, found cat/1.png");
    }

    @Test
    void open_symbolicLinks_areFollowed() throws IOException {
        Path elsewhere = root.resolveSibling("elsewhere");
        TestFiles.write(elsewhere.resolve("zebra/1.png"), png(1));
        put("ape/2.png", png(2));
        Files.createSymbolicLink(root.resolve("zebra"), elsewhere.resolve("zebra"));
        Splits splits = open();
        assertThat(splits.train().classNames()).containsExactly("ape", "zebra");
        assertThat(splits.heldOut()).isTrue();
    }

    @Test
    void open_unknownTestClass_isRefused() {
        put("train/a/1.png", png(1));
        put("test/b/1.png", png(1));
        assertRefused("test classes must occur in training", "[a]", "found b");
        put("train/1.png", png(1));
        assertRefused("must lie in class folders", "found train/1.png");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg"})
    void decode_anyCut_isRefusedOrWhole(String format) throws IOException {
        byte[] whole = TestFiles.picture(format, 40, 40, RGB, 3);
        Picture expected = PictureDecoder.decode(whole);
        int refused = 0;
        for (int length = 0; length < whole.length; length++) {
            try {
                Picture found = PictureDecoder.decode(Arrays.copyOf(whole, length));
                assertThat(found.pixels()).as("cut at %d", length).isEqualTo(expected.pixels());
            } catch (IOException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(whole.length * 3 / 4);
    }

    /** Stored as 255 less the ink: cyan 55, magenta 155, yellow 205, and black none or half. Inks were once taken as colours. */
    @Test
    void decode_cmykJpeg_isWhatTheInksLeaveWhite() throws IOException {
        assertColour(TestFiles.fourBandJpeg(0, 200, 100, 50, 255), 200, 100, 50);
        assertColour(TestFiles.fourBandJpeg(0, 200, 100, 50, 128), 100, 50, 25);
        assertColour(TestFiles.fourBandJpeg(0, 255, 255, 255, 0), 0, 0, 0);
        assertThatThrownBy(() -> PictureDecoder.decode(TestFiles.fourBandJpeg(1, 200, 100, 50, 255)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no known meaning");
    }

    /** The inks 55, 155 and 205 as luma and differences: Y = 0.299 C + 0.587 M + 0.114 Y, 0.564 (Y − luma) and 0.713 (C − luma) beside 128. */
    @Test
    void decode_ycckJpeg_isWhatTheInksLeaveWhite() throws IOException {
        assertColour(TestFiles.fourBandJpeg(2, 131, 170, 74, 255), 200, 100, 50);
        assertColour(TestFiles.fourBandJpeg(2, 131, 170, 74, 128), 100, 50, 25);
        assertColour(TestFiles.fourBandJpeg(2, 0, 128, 128, 255), 255, 255, 255);
    }

    private static void assertColour(byte[] file, int... colour) throws IOException {
        Picture picture = PictureDecoder.decode(file);
        assertThat(picture.channels()).isEqualTo(3);
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < 256; i++) {
                assertThat(picture.pixels()[256 * c + i] & 0xff).isCloseTo(colour[c], within(3));
            }
        }
    }

    /** Whatever the bytes are, the answer is a picture or an IOException. Seeded. */
    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg"})
    void decode_randomDamage_neverThrowsAnythingElse(String format) {
        byte[] whole = TestFiles.picture(format, 20, 20, RGB, 3);
        SeededRandom random = new SeededRandom(77);
        int answers = 0;
        for (int round = 0; round < 300; round++) {
            byte[] damaged = whole.clone();
            for (int i = 0; i < 3; i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                answers += PictureDecoder.decode(damaged).channels() > 0 ? 1 : 0;
            } catch (IOException e) {
                answers++;
            }
        }
        assertThat(answers).isEqualTo(300);
    }

    @Test
    void decode_realCifarPictures_areThirtyTwoSquare() throws IOException {
        Path file = TestFiles.realData("cifar10-jpeg.zip").resolve("cifar10-jpeg.zip");
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (String name : new String[] {"train/cat/0001.jpg", "test/truck/0999.jpg", "train/airplane/4999.jpg"}) {
                byte[] bytes = zip.getInputStream(zip.getEntry(name)).readAllBytes();
                Picture picture = PictureDecoder.decode(bytes);
                assertThat(picture.channels()).isEqualTo(3);
                assertThat(picture.height()).isEqualTo(32);
                assertThat(picture.width()).isEqualTo(32);
            }
        }
    }
}
