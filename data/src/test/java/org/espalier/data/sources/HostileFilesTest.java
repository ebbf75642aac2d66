package org.espalier.data.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.ImageIO;
import org.espalier.data.DataException;
import org.espalier.data.TestFiles;
import org.espalier.data.pictures.PictureDecoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that were made, or damaged, so that a reader hangs, fills memory or takes something else for data. */
class HostileFilesTest {
    private static final Duration QUICK = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private static byte[] png(int side) throws IOException {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < side * side; i++) {
            image.setRGB(i % side, i / side, 0x10305 * i);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    private static void assertRefused(String spec, String... parts) {
        assertTimeoutPreemptively(QUICK, () -> assertThatThrownBy(() -> DataSets.open(spec))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(parts));
    }

    @Test
    void arrays_pipe_isRefusedAtOnce() throws Exception {
        Path pipe = TestFiles.pipe(folder.resolve("x.npz"));
        assertRefused("arrays:" + pipe, pipe.toString(), "must be a regular file", "a pipe, a socket or a device");
    }

    @ParameterizedTest
    @ValueSource(strings = {"arrays:/dev/zero", "folder:/dev/zero"})
    void data_device_isRefusedAtOnce(String spec) {
        assumeTrue(Files.exists(Path.of("/dev/zero")), "this system has no /dev/zero");
        assertRefused(spec, "/dev/zero", "must be a regular file");
    }

    @Test
    void folder_linkToNothing_isNamed() throws IOException {
        TestFiles.write(folder.resolve("p/a/1.png"), png(4));
        TestFiles.write(folder.resolve("p/b/1.png"), png(4));
        Files.createSymbolicLink(folder.resolve("p/a/b.png"), Path.of("missing.png"));
        assertRefused(
                "folder:" + folder.resolve("p"), folder.resolve("p/a/b.png").toString(), "a link to nothing");
    }

    @Test
    void folder_linkToItself_isNamed() throws IOException {
        TestFiles.write(folder.resolve("p/a/1.png"), png(4));
        Files.createSymbolicLink(folder.resolve("p/a/b.png"), Path.of("c.png"));
        Files.createSymbolicLink(folder.resolve("p/a/c.png"), Path.of("b.png"));
        assertRefused("folder:" + folder.resolve("p"), folder.resolve("p/a").toString(), "or to itself");
    }

    @Test
    void folder_linkBackToAFolderAbove_isNamed() throws IOException {
        TestFiles.write(folder.resolve("p/a/1.png"), png(4));
        Files.createSymbolicLink(folder.resolve("p/a/up"), Path.of(".."));
        assertRefused("folder:" + folder.resolve("p"), folder.resolve("p/a/up").toString(), "no link that leads back");
    }

    @Test
    void folder_pipeAmongPictures_isNamed() throws Exception {
        TestFiles.write(folder.resolve("p/a/1.png"), png(4));
        Path pipe = TestFiles.pipe(folder.resolve("p/a/2.png"));
        assertRefused("folder:" + folder.resolve("p"), pipe.toString(), "a pipe, a socket or a device");
    }

    @Test
    void folder_hiddenBrokenLink_isPassedOverAsOtherHiddenFiles() throws IOException {
        for (String name : new String[] {"a/1", "a/2", "b/1", "b/2"}) {
            TestFiles.write(folder.resolve("p/" + name + ".png"), png(4));
        }
        Files.createSymbolicLink(folder.resolve("p/a/.lock"), Path.of("nobody"));
        assertThat(DataSets.folderClasses("folder:" + folder.resolve("p"))).containsExactly("a", "b");
    }

    @Test
    void png_anyFlippedBit_isRefused() throws IOException {
        byte[] whole = png(5);
        assertThat(PictureDecoder.decode(whole).height()).isEqualTo(5);
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> PictureDecoder.decode(flipped))
                    .as("bit %d", bit)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void png_anyCut_isRefused() throws IOException {
        byte[] whole = png(5);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> PictureDecoder.decode(cut))
                    .as("%d bytes", length)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void arrays_shapeOfMoreThanTheEntryHolds_isRefusedBeforeReading() {
        Map<String, byte[]> arrays = new LinkedHashMap<>();
        arrays.put("x.npy", TestFiles.npy("|u1", "2147483647,", new byte[100]));
        Path file = TestFiles.zip(folder.resolve("x.npz"), false, arrays);
        assertRefused("arrays:" + file, "array x", "data must be whole", "expected 2147483647 bytes");
    }

    /** An entry of 64 MiB of zeros, of which the zip's directory says that it has 4096. */
    @Test
    void arrays_entryThatUnpacksToMoreThanItDeclares_endsThere() throws IOException {
        byte[] npy = java.util.Arrays.copyOf(TestFiles.npy("|u1", "1000,", new byte[1000]), 64 << 20);
        Path file = TestFiles.zip(folder.resolve("x.npz"), false, Map.of("x.npy", npy));
        byte[] zip = Files.readAllBytes(file);
        int directory = new String(zip, StandardCharsets.ISO_8859_1).indexOf("PK\001\002");
        ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN).putInt(directory + 24, 4096);
        TestFiles.write(file, zip);
        assertRefused("arrays:" + file, "x.npz", "x.npy", "more than 4096 bytes unpacked");
    }

    @Test
    void zipEntry_thatUnpacksToMoreThanItDeclares_isRefused() throws IOException {
        Path file = TestFiles.zip(folder.resolve("p.zip"), false, Map.of("1.png", new byte[64 << 20]));
        byte[] zip = Files.readAllBytes(file);
        int directory = new String(zip, StandardCharsets.ISO_8859_1).indexOf("PK\001\002");
        ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN).putInt(directory + 24, 4096);
        TestFiles.write(file, zip);
        assertRefused("folder:" + file, "1.png", "more than 4096 bytes unpacked");
    }

    @Test
    void npy_moreAxesThanNumpyHas_isRefused() {
        byte[] npy = TestFiles.npy("|u1", "1," + "1,".repeat(100), new byte[1]);
        Path file = TestFiles.zip(folder.resolve("x.npz"), true, Map.of("x.npy", npy));
        assertRefused("arrays:" + file, "array x", "expected at most 64, found 101");
    }
}
