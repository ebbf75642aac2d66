package org.espalier.data;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** Small files for tests, and where the real ones lie. */
public final class TestFiles {
    private TestFiles() {}

    /** The folder of real data sets: ESPALIER_DATA, else ../shared/data seen from here or any folder above. */
    public static Path realData(String... needed) {
        String variable = System.getenv("ESPALIER_DATA");
        Path found = variable == null ? null : Path.of(variable);
        for (Path at = Path.of("").toAbsolutePath(); found == null && at != null; at = at.getParent()) {
            Path sibling = at.resolveSibling("shared").resolve("data");
            found = Files.isDirectory(sibling) ? sibling : null;
        }
        for (String name : needed) {
            boolean there = found != null && Files.exists(found.resolve(name));
            assumeTrue(there, "real data '" + name + "' is not in ESPALIER_DATA or ../shared/data");
        }
        if (found == null) {
            throw new IllegalStateException("an assumption above has failed");
        }
        return found;
    }

    /** An IDX file's bytes: magic, dimensions, data. */
    public static byte[] idx(int magic, int[] dimensions, byte[] data) {
        ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * dimensions.length + data.length);
        buffer.putInt(magic);
        for (int dimension : dimensions) {
            buffer.putInt(dimension);
        }
        return buffer.put(data).array();
    }

    public static byte[] gzip(byte[] data) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    public static Path write(Path file, byte[] data) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            return Files.write(file, data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes that follow from a seed. */
    public static byte[] bytes(int count, long seed) {
        SeededRandom random = new SeededRandom(seed);
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    /** A zip file of entries by name, deflated or stored. */
    public static Path zip(Path file, boolean stored, Map<String, byte[]> entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                ZipEntry header = new ZipEntry(entry.getKey());
                if (stored) {
                    CRC32 crc = new CRC32();
                    crc.update(entry.getValue());
                    header.setMethod(ZipEntry.STORED);
                    header.setSize(entry.getValue().length);
                    header.setCrc(crc.getValue());
                }
                out.putNextEntry(header);
                out.write(entry.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return write(file, bytes.toByteArray());
    }

    /** A numpy array file, version 1, little-endian unless {@code descr} says otherwise. */
    public static byte[] npy(String descr, String shape, byte[] data) {
        return npy(1, descr, false, shape, data);
    }

    public static byte[] npy(int version, String descr, boolean fortran, String shape, byte[] data) {
        String header = "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': ("
                + shape + "), }\n";
        byte[] text = header.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer out = ByteBuffer.allocate(12 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
        out.put((byte) version).put((byte) 0);
        if (version == 1) {
            out.putShort((short) text.length);
        } else {
            out.putInt(text.length);
        }
        out.put(text).put(data);
        return Arrays.copyOf(out.array(), out.position());
    }

    /** Little-endian float32. */
    public static byte[] floats(float... values) {
        ByteBuffer out = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            out.putFloat(value);
        }
        return out.array();
    }

    /** Little-endian int64. */
    public static byte[] longs(long... values) {
        ByteBuffer out = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            out.putLong(value);
        }
        return out.array();
    }

    /** A picture of one colour per quarter, encoded. */
    public static byte[] picture(String format, int width, int height, int type, int seed) {
        BufferedImage image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int band = 0; band < image.getRaster().getNumBands(); band++) {
                    int value = seed * 31 + band * 60 + (2 * x / width) * 40 + (2 * y / height) * 80;
                    image.getRaster().setSample(x, y, band, value & 0xff);
                }
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, format, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A JPEG of four bands of one value each. Adobe's segment says whether they are CMYK (0) or YCCK (2). */
    public static byte[] fourBandJpeg(int transform, int... values) {
        WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 4, null);
        for (int i = 0; i < 256; i++) {
            raster.setPixel(i % 16, i / 16, values);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(raster, null, null), null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        byte[] plain = bytes.toByteArray();
        ByteBuffer file = ByteBuffer.allocate(plain.length + 16);
        file.put(plain, 0, 2);
        file.putShort((short) 0xffee).putShort((short) 14).put("Adobe".getBytes(StandardCharsets.US_ASCII));
        file.put(new byte[] {0, 100, 0, 0, 0, 0, (byte) transform});
        return file.put(plain, 2, plain.length - 2).array();
    }

    /** One file of a tar archive: header and padded contents. */
    public static byte[] tarEntry(String name, byte[] contents) {
        byte[] block = new byte[512 + (contents.length + 511) / 512 * 512];
        put(block, 0, name);
        put(block, 100, "0000644");
        put(block, 124, String.format(Locale.ROOT, "%011o", contents.length));
        block[156] = '0';
        put(block, 257, "ustar");
        sign(block);
        System.arraycopy(contents, 0, block, 512, contents.length);
        return block;
    }

    /** The same entry with another size in its header, sound otherwise. */
    public static byte[] withTarSize(byte[] entry, String size) {
        byte[] changed = entry.clone();
        Arrays.fill(changed, 124, 136, (byte) 0);
        put(changed, 124, size);
        sign(changed);
        return changed;
    }

    private static void sign(byte[] block) {
        put(block, 148, "        ");
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += block[i] & 0xff;
        }
        put(block, 148, String.format(Locale.ROOT, "%06o", sum));
        block[154] = 0;
    }

    private static void put(byte[] block, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    /** A named pipe; the test is skipped where there are none. */
    public static Path pipe(Path pipe) throws IOException, InterruptedException {
        Files.createDirectories(pipe.getParent());
        int code = -1;
        try {
            code = new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
        } catch (IOException e) {
            // No such program here.
        }
        assumeTrue(code == 0, "this system makes no named pipes");
        return pipe;
    }
}
