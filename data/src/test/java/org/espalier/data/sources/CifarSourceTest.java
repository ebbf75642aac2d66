package org.espalier.data.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.espalier.data.DataException;
import org.espalier.data.DataProgress;
import org.espalier.data.DataSet;
import org.espalier.data.SeededRandom;
import org.espalier.data.Splits;
import org.espalier.data.TestFiles;
import org.espalier.data.formats.CifarBatch;
import org.espalier.data.formats.PickleReader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarSourceTest {
    private static final int RECORDS = 3;
    private static final List<String> BATCHES =
            List.of("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch");
    private static final CifarSource TINY =
            new CifarSource(List.of(), new RemoteFile("cifar-10-binary.tar.gz", "", 1, false), RECORDS);

    private final Path folder;

    CifarSourceTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private Splits open() {
        DataPlaces places = new DataPlaces(folder, folder.resolve("cache"));
        Downloader downloader = new Downloader(DataProgress.silent(), Duration.ofSeconds(1));
        return TINY.open(places, DataOptions.defaults().withDownload(false), downloader);
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(this::open)
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(parts)
                .message()
                .doesNotContain("\n");
    }

    private static byte[] pixels(int batch) {
        return TestFiles.bytes(RECORDS * 3072, batch);
    }

    private static int label(int batch, int record) {
        return (3 * batch + record) % 10;
    }

    private static byte[] binary(int batch) {
        byte[] file = new byte[RECORDS * 3073];
        for (int i = 0; i < RECORDS; i++) {
            file[i * 3073] = (byte) label(batch, i);
            System.arraycopy(pixels(batch), i * 3072, file, i * 3073 + 1, 3072);
        }
        return file;
    }

    /** What Python 2 wrote: protocol 2, byte strings, a numpy array by _reconstruct and its state. */
    private static byte[] pickle(int batch) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        text(out, "\u0080\u0002}q\u0001(U\u0004dataq\u0002cnumpy.core.multiarray\n_reconstruct\nq\u0003");
        text(out, "cnumpy\nndarray\nq\u0004K\u0000\u0085U\u0001b\u0087Rq\u0005(K\u0001K\u0003M\u0000\u000c\u0086");
        text(out, "cnumpy\ndtype\nq\u0006U\u0002u1K\u0000K\u0001\u0087Rq\u0007(K\u0003U\u0001|NNN");
        text(out, "J\u00ff\u00ff\u00ff\u00ffJ\u00ff\u00ff\u00ff\u00ffK\u0000tb\u0089");
        text(out, "T\u0000$\u0000\u0000");
        out.writeBytes(pixels(batch));
        text(out, "tbU\u0006labels]q\u0008(");
        for (int i = 0; i < RECORDS; i++) {
            text(out, "K" + (char) label(batch, i));
        }
        text(out, "eU\u000bbatch_labelU\u0005helloU\tfilenames]u.");
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void assertContents(Splits splits) {
        assertThat(splits.train().size()).isEqualTo(5 * RECORDS);
        assertThat(splits.test().size()).isEqualTo(RECORDS);
        assertThat(splits.train().input().shape()).containsExactly(3, 32, 32);
        assertThat(splits.train().classNames().get(3)).isEqualTo("cat");
        for (int batch = 0; batch < 6; batch++) {
            DataSet part = batch < 5 ? splits.train() : splits.test();
            for (int i = 0; i < RECORDS; i++) {
                int example = batch < 5 ? batch * RECORDS + i : i;
                assertThat(part.label(example)).isEqualTo(label(batch, i));
                assertThat(part.pixels(example)).isEqualTo(Arrays.copyOfRange(pixels(batch), i * 3072, (i + 1) * 3072));
            }
        }
    }

    @Test
    void open_binaryBatches_areRead() {
        for (int i = 0; i < 6; i++) {
            TestFiles.write(folder.resolve("cifar-10-batches-bin/" + BATCHES.get(i) + ".bin"), binary(i));
        }
        assertContents(open());
    }

    @Test
    void open_pythonBatches_areRead() {
        for (int i = 0; i < 6; i++) {
            TestFiles.write(folder.resolve("cifar10/cifar-10-batches-py/" + BATCHES.get(i)), pickle(i));
        }
        assertContents(open());
    }

    @Test
    void open_archives_areRead() {
        for (boolean python : new boolean[] {false, true}) {
            ByteArrayOutputStream tar = new ByteArrayOutputStream();
            tar.writeBytes(TestFiles.tarEntry("cifar/readme.html", new byte[700]));
            for (int i = 5; i >= 0; i--) {
                String name = "cifar/" + BATCHES.get(i) + (python ? "" : ".bin");
                tar.writeBytes(TestFiles.tarEntry(name, python ? pickle(i) : binary(i)));
            }
            tar.writeBytes(new byte[1024]);
            byte[] packed = TestFiles.gzip(tar.toByteArray());
            String name = python ? "cifar-10-python.tar.gz" : "cifar-10-binary.tar.gz";
            Path file = TestFiles.write(folder.resolve(name), packed);
            assertContents(open());
            TestFiles.write(file, Arrays.copyOf(packed, packed.length - 100));
            assertRefused("CIFAR-10 archive '" + file, "whole .tar.gz");
            TestFiles.write(file, TestFiles.gzip(new byte[1024]));
            assertRefused("all batches must be there", "found []");
            assertThat(file.toFile().delete()).isTrue();
        }
    }

    @Test
    void open_damagedBatches_areRefused() {
        for (int i = 0; i < 6; i++) {
            TestFiles.write(folder.resolve(BATCHES.get(i) + ".bin"), binary(i));
        }
        Path file = folder.resolve("data_batch_2.bin");
        TestFiles.write(file, Arrays.copyOf(binary(1), 3073 * 2));
        assertRefused("CIFAR-10 batch '" + file, "expected 9219 bytes (3 images), found 6146 bytes");
        byte[] bad = binary(1);
        bad[3073] = 10;
        TestFiles.write(file, bad);
        assertRefused("label must be a class, expected 0 to 9, found 10 at example 1");
        assertThat(file.toFile().delete()).isTrue();
        assertRefused("CIFAR-10 batch '" + file, "NoSuchFileException");
    }

    @Test
    void open_archivesThatAskForTooMuch_areRefused() {
        Path file = folder.resolve("cifar-10-binary.tar.gz");
        byte[] header = TestFiles.tarEntry("data_batch_1.bin", new byte[0]);
        TestFiles.write(file, TestFiles.gzip(TestFiles.withTarSize(header, "07777777777")));
        assertRefused("CIFAR-10 archive '" + file, "tar entry of 1073741823 bytes, more than 1060864");
        for (String size : List.of("-0000000001", "9", "\u0080\u00ff\u00ff\u00ff\n")) {
            TestFiles.write(file, TestFiles.gzip(TestFiles.withTarSize(header, size)));
            assertRefused("CIFAR-10 archive '" + file, "a number that is not octal");
        }
        TestFiles.write(file, TestFiles.gzip(new byte[20 << 20]));
        assertRefused("CIFAR-10 archive '" + file, "more than 16973824 bytes unpacked");
    }

    @Test
    void open_batchThatGoesOnAndOn_isRefused() {
        TestFiles.write(folder.resolve("test_batch"), pickle(5));
        Path file = TestFiles.write(folder.resolve("data_batch_1"), new byte[2 << 20]);
        assertRefused("CIFAR-10 batch '" + file, "must hold one batch, expected <= 1060864 bytes, found more");
    }

    @Test
    void open_nothing_saysWhatToPutWhere() {
        assertRefused(folder.resolve("cifar10").toString(), "cifar-10-binary.tar.gz", "downloads are off");
    }

    @Test
    void pickle_anyCut_isRefused() {
        byte[] whole = pickle(0);
        SeededRandom random = new SeededRandom(3);
        for (int round = 0; round < 400; round++) {
            int length = round < 150 ? round : random.nextInt(whole.length);
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> CifarBatch.parse(Path.of("data_batch_1"), cut, RECORDS))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("plain values");
        }
    }

    @Test
    void pickle_damage_neverThrowsAnythingElse() {
        SeededRandom random = new SeededRandom(4);
        int answers = 0;
        for (int round = 0; round < 3_000; round++) {
            byte[] damaged = pickle(0);
            damaged[random.nextInt(round % 2 == 0 ? 200 : damaged.length)] = (byte) random.nextInt(256);
            try {
                CifarBatch.parse(Path.of("data_batch_1"), damaged, RECORDS);
                answers++;
            } catch (DataException e) {
                answers++;
            }
        }
        assertThat(answers).isEqualTo(3_000);
    }

    @Test
    void pickle_hostileNames_areRefusedUnread() {
        for (String program : List.of(
                "cos\nsystem\n(S'echo hello'\ntR.",
                "\u0080\u0002cposix\nsystem\nU\u0004echo\u0085R.",
                "\u0080\u0004\u008c\u0008builtins\u008c\u0004eval\u0093\u008c\u00011\u0085R.",
                "cnumpy\nload\n)R.")) {
            byte[] bytes = program.getBytes(StandardCharsets.ISO_8859_1);
            assertThatThrownBy(() -> PickleReader.read(bytes))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not on the list");
        }
    }

    /** Few bytes that would become gigabytes: refused before they do. */
    @Test
    void pickle_thatWouldFillTheMemory_isRefused() {
        StringBuilder nested = new StringBuilder("}]q\u0000");
        for (char i = 0; i < 100; i++) {
            nested.append("h").append(i).append("h").append(i).append("\u0086q").append((char) (i + 1));
        }
        String encode = "c_codecs\nencode\nh\u0000\u0085R";
        Map.of(
                        "]".repeat(2_000_000),
                        "more than 1048576 opcodes",
                        nested + "}hdNs.",
                        "a name that is no text",
                        "X\u00a0\u0086\u0001\u0000" + "a".repeat(100_000) + "q\u0000" + encode.repeat(50_000),
                        "encoded many times",
                        "c" + "a".repeat(1_000_000),
                        "a name longer than 128 characters",
                        "X\u00ff\u00ff\u00ff\u007f",
                        "the end at byte 5",
                        "T\u00ff\u00ff\u00ff\u00ff",
                        "the end at byte 5",
                        "\u008c\u0002a\n\u008c\u0001b\u0093",
                        "the name 'a; b'")
                .forEach((program, reason) -> assertThatThrownBy(
                                () -> PickleReader.read(program.getBytes(StandardCharsets.ISO_8859_1)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(reason)
                        .message()
                        .hasSizeLessThan(200)
                        .doesNotContain("\n"));
    }

    @Test
    void pickle_typeWithoutName_isRefused() {
        String program =
                new String(pickle(0), StandardCharsets.ISO_8859_1).replace("U\u0002u1K\u0000K\u0001\u0087R", ")R");
        byte[] bytes = program.getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> CifarBatch.parse(Path.of("data_batch_1"), bytes, RECORDS))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("no array of unsigned bytes");
    }

    @Test
    @Tag("slow")
    void open_realPictures_allAreRead() {
        Path data = TestFiles.realData("cifar10-jpeg.zip");
        long start = System.nanoTime();
        Splits splits = DataSets.open("cifar10", data);
        System.out.printf(
                java.util.Locale.ROOT, "60,000 CIFAR-10 pictures: %.1f s%n", (System.nanoTime() - start) / 1e9);
        assertThat(splits.train().size()).isEqualTo(50_000);
        assertThat(splits.test().size()).isEqualTo(10_000);
        assertThat(splits.train().measureNormalization().mean().get(0)).isBetween(0.48, 0.50);
    }
}
