package org.espalier.data.sources;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.espalier.data.DataException;
import org.espalier.data.TestFiles;
import org.espalier.data.formats.CifarBatch;
import org.espalier.data.formats.IdxReader;
import org.espalier.data.pictures.PictureDecoder;
import org.espalier.testing.Fuzzer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All readers of data under damaged files: {@link Fuzzer}. */
@Tag("slow")
class ReaderFuzzTest {
    private static final int RECORDS = 2;

    @TempDir
    Path folder;

    private interface Opening {
        void open(Path file);
    }

    /** A reader of files, which refuses by {@link DataException} and names the file. */
    private Fuzzer.Reader refusing(String name, Opening opening) {
        Path file = folder.resolve(name);
        return bytes -> {
            TestFiles.write(file, bytes);
            try {
                opening.open(file);
                return "";
            } catch (DataException e) {
                String message = String.valueOf(e.getMessage());
                return message.contains(file.toString())
                        ? "refused: " + message
                        : "crash: does not name the file: " + e;
            }
        };
    }

    private static Map<String, byte[]> arrays() {
        Map<String, byte[]> arrays = new LinkedHashMap<>();
        arrays.put("x.npy", TestFiles.npy("<f4", "2, 2", TestFiles.floats(1, 2, 3, 4)));
        arrays.put("y.npy", TestFiles.npy("<i8", "2,", TestFiles.longs(0, 1)));
        return arrays;
    }

    @Test
    void npz_damaged_isTakenOrRefused() throws IOException {
        Path stored = TestFiles.zip(folder.resolve("s.npz"), true, arrays());
        Path deflated = TestFiles.zip(folder.resolve("d.npz"), false, arrays());
        Fuzzer.assertTakenOrRefused(
                "npz",
                List.of(java.nio.file.Files.readAllBytes(stored), java.nio.file.Files.readAllBytes(deflated)),
                List.of("PK\1\2", "PK\3\4", "PK\5\6", "x.npy", "y.npy", "test_"),
                refusing("m.npz", file -> DataSets.open("arrays:" + file)));
    }

    @Test
    void npy_damagedInASoundZip_isTakenOrRefused() {
        Fuzzer.Reader reader = refusing("n.npz", file -> DataSets.open("arrays:" + file));
        Path zip = folder.resolve("inner.npz");
        byte[] labels = TestFiles.npy("|u1", "2,", new byte[] {0, 1});
        Fuzzer.assertTakenOrRefused(
                "npy",
                List.of(
                        TestFiles.npy("<f4", "2, 2", TestFiles.floats(1, 2, 3, 4)),
                        TestFiles.npy("|u1", "2, 3, 1", new byte[6]),
                        TestFiles.npy(2, "<f8", true, "2, 2", TestFiles.longs(0, 0, 0, 0)),
                        TestFiles.npy("<i8", "2,", TestFiles.longs(5, 6))),
                List.of(
                        "'descr'",
                        "'shape': (",
                        "fortran_order",
                        "True",
                        "|b1",
                        ">u8",
                        "<f2",
                        "2147483647",
                        "1,",
                        "0,",
                        ")"),
                npy -> {
                    Map<String, byte[]> arrays = new LinkedHashMap<>();
                    arrays.put("x.npy", npy);
                    arrays.put("y.npy", labels);
                    return reader.read(java.nio.file.Files.readAllBytes(TestFiles.zip(zip, true, arrays)));
                });
    }

    @Test
    void idxImages_damaged_areTakenOrRefused() {
        byte[] images = TestFiles.idx(0x803, new int[] {2, 3, 3}, TestFiles.bytes(18, 1));
        Path labels = TestFiles.write(folder.resolve("labels"), TestFiles.idx(0x801, new int[] {2}, new byte[] {0, 1}));
        Fuzzer.assertTakenOrRefused(
                "IDX images",
                List.of(images, TestFiles.gzip(images)),
                List.of(),
                refusing("images", file -> IdxReader.read("idx", file, labels, List.of("a", "b"))));
    }

    @Test
    void idxLabels_damaged_areTakenOrRefused() {
        byte[] labels = TestFiles.idx(0x801, new int[] {2}, new byte[] {0, 1});
        Path images =
                TestFiles.write(folder.resolve("images"), TestFiles.idx(0x803, new int[] {2, 1, 1}, new byte[] {5, 6}));
        Fuzzer.Reader reader = refusing("labels", file -> IdxReader.read("idx", images, file, List.of("a", "b")));
        Fuzzer.assertTakenOrRefused("IDX labels", List.of(labels, TestFiles.gzip(labels)), List.of(), reader);
    }

    @Test
    void cifar_damaged_isTakenOrRefused() {
        byte[] batch = new byte[RECORDS * 3073];
        Arrays.fill(batch, 1, 3073, (byte) 77);
        Fuzzer.assertTakenOrRefused("CIFAR binary", List.of(batch), List.of(), bytes -> {
            try {
                CifarBatch.parse(Path.of("data_batch_1.bin"), bytes, RECORDS);
                return "";
            } catch (DataException e) {
                return "refused: " + e.getMessage();
            }
        });
    }

    private static byte[] picture(String format, int type) throws IOException {
        BufferedImage image = new BufferedImage(6, 5, type);
        for (int i = 0; i < 30; i++) {
            image.setRGB(i % 6, i / 6, 0x050301 * i);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, format, out);
        return out.toByteArray();
    }

    private static String decode(byte[] file) {
        try {
            PictureDecoder.decode(file);
            return "";
        } catch (IOException e) {
            return "refused: " + e.getMessage();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg"})
    void picture_damaged_isTakenOrRefused(String format) throws IOException {
        List<byte[]> corpus =
                List.of(picture(format, BufferedImage.TYPE_INT_RGB), picture(format, BufferedImage.TYPE_BYTE_GRAY));
        Fuzzer.assertTakenOrRefused(
                format,
                corpus,
                List.of("IHDR", "PLTE", "IDAT", "IEND", "tRNS", "iCCP", "zTXt"),
                ReaderFuzzTest::decode);
    }

    /** Checksums are made to fit, as only who does so gets past them. */
    @Test
    void png_damagedUnderFittingChecksums_isTakenOrRefused() throws IOException {
        List<byte[]> corpus = List.of(
                picture("png", BufferedImage.TYPE_INT_RGB),
                picture("png", BufferedImage.TYPE_BYTE_INDEXED),
                picture("png", BufferedImage.TYPE_USHORT_GRAY));
        Fuzzer.assertTakenOrRefused(
                "PNG with fitting checksums",
                corpus,
                List.of("IHDR", "PLTE", "IDAT", "IEND", "tRNS", "iCCP", "zTXt", "iTXt", "sBIT", "bKGD"),
                file -> decode(withChecksums(file)));
    }

    private static byte[] withChecksums(byte[] file) {
        byte[] out = file.clone();
        ByteBuffer buffer = ByteBuffer.wrap(out);
        for (int at = 8; at + 12 <= out.length; ) {
            int length = buffer.getInt(at);
            if (length < 0 || length > out.length - at - 12) {
                break;
            }
            CRC32 sum = new CRC32();
            sum.update(out, at + 4, length + 4);
            buffer.putInt(at + 8 + length, (int) sum.getValue());
            at += 12 + length;
        }
        return out;
    }
}
