package org.espalier.data.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.espalier.data.DataException;
import org.espalier.data.DataProgress;
import org.espalier.data.DataSet;
import org.espalier.data.Splits;
import org.espalier.data.TestFiles;
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
    void open_archive_isRead() {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        tar.writeBytes(TestFiles.tarEntry("cifar/readme.html", new byte[700]));
        for (int i = 5; i >= 0; i--) {
            tar.writeBytes(TestFiles.tarEntry("cifar/" + BATCHES.get(i) + ".bin", binary(i)));
        }
        tar.writeBytes(new byte[1024]);
        byte[] packed = TestFiles.gzip(tar.toByteArray());
        Path file = TestFiles.write(folder.resolve("cifar-10-binary.tar.gz"), packed);
        assertContents(open());
        TestFiles.write(file, Arrays.copyOf(packed, packed.length - 100));
        assertRefused("CIFAR-10 archive '" + file, "whole .tar.gz");
        TestFiles.write(file, TestFiles.gzip(new byte[1024]));
        assertRefused("all batches must be there", "found []");
    }

    @Test
    void open_pythonBatches_saysThatTheyAreNotRead() {
        BATCHES.forEach(name -> TestFiles.write(folder.resolve("cifar-10-batches-py/" + name), new byte[10]));
        assertRefused("cifar-10-binary.tar.gz or what is in it (not the Python form)", "downloads are off");
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
        TestFiles.write(folder.resolve("test_batch.bin"), binary(5));
        Path file = TestFiles.write(folder.resolve("data_batch_1.bin"), new byte[2 << 20]);
        assertRefused("CIFAR-10 batch '" + file, "must hold one batch, expected <= 1060864 bytes, found more");
    }

    @Test
    void open_nothing_saysWhatToPutWhere() {
        assertRefused(folder.resolve("cifar10").toString(), "cifar-10-binary.tar.gz", "downloads are off");
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
