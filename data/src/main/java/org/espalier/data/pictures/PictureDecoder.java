package org.espalier.data.pictures;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes JPEG and PNG to bytes. Sample values are taken as the file has them, without colour management; transparency
 * is dropped, 16 bits become 8, four inks become three colours.
 */
public final class PictureDecoder {
    private static final int MAX_PIXELS = 1 << 26;

    private PictureDecoder() {}

    /**
     * A decoded picture.
     *
     * @param file the file
     * @return a decoded picture
     * @throws IOException with one line that says what is wrong with the bytes
     */
    public static Picture decode(byte[] file) throws IOException {
        if (PngChunks.isPng(file)) {
            PngChunks.check(file);
        }
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new IOException("neither JPEG nor PNG");
            }
            ImageReader reader = readers.next();
            try {
                return decode(reader, in);
            } catch (RuntimeException e) {
                // The platform's readers answer some damaged files with whatever their arithmetic runs into.
                throw new IOException("undecodable: " + e, e);
            } finally {
                reader.dispose();
            }
        }
    }

    private static Picture decode(ImageReader reader, ImageInputStream in) throws IOException {
        String format = reader.getFormatName().toLowerCase(Locale.ROOT);
        boolean jpeg = format.equals("jpeg") || format.equals("jpg");
        if (!jpeg && !format.equals("png")) {
            throw new IOException("neither JPEG nor PNG but " + format);
        }
        List<String> warnings = new ArrayList<>();
        reader.addIIOReadWarningListener((source, warning) -> {
            if (!jpeg || isSerious(warning)) {
                warnings.add(warning);
            }
        });
        reader.setInput(in, true, true);
        if ((long) reader.getWidth(0) * reader.getHeight(0) > MAX_PIXELS) {
            throw new IOException(reader.getWidth(0) + "x" + reader.getHeight(0) + " pixels");
        }
        if (jpeg && !reader.getImageTypes(0).hasNext()) {
            throw new IOException("a JPEG whose channels have no known meaning; convert it to RGB");
        }
        BufferedImage image = reader.read(0);
        if (!warnings.isEmpty()) {
            throw new IOException(warnings.get(0));
        }
        return planes(image);
    }

    /** Whether a JPEG warning means that pixels are missing, which the platform's reader fills with grey. */
    private static boolean isSerious(String warning) {
        String text = warning.toLowerCase(Locale.ROOT);
        return text.contains("premature") || text.contains("truncated") || text.contains("huffman");
    }

    private static Picture planes(BufferedImage image) {
        if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_CMYK) {
            return fromInks(image.getRaster());
        }
        int width = image.getWidth();
        int height = image.getHeight();
        Raster raster = image.getRaster();
        boolean direct = image.getColorModel() instanceof ComponentColorModel;
        int bands = raster.getNumBands();
        if (image.getColorModel() instanceof IndexColorModel || (!direct && bands < 3)) {
            return fromRgb(image);
        }
        int channels = bands < 3 ? 1 : 3;
        int shift = Math.max(0, image.getSampleModel().getSampleSize(0) - 8);
        byte[] pixels = new byte[channels * width * height];
        int[] samples = new int[width];
        for (int c = 0, i = 0; c < channels; c++) {
            for (int y = 0; y < height; y++) {
                raster.getSamples(0, y, width, 1, c, samples);
                for (int x = 0; x < width; x++) {
                    pixels[i++] = (byte) (samples[x] >> shift);
                }
            }
        }
        return new Picture(channels, height, width, pixels);
    }

    /** Cyan, magenta, yellow and black as the platform's reader gives them, 255 for all ink: what an ink and black leave white, multiplied. */
    private static Picture fromInks(Raster raster) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        byte[] pixels = new byte[3 * width * height];
        int[] ink = new int[width];
        int[] black = new int[width];
        for (int c = 0, i = 0; c < 3; c++) {
            for (int y = 0; y < height; y++) {
                raster.getSamples(0, y, width, 1, c, ink);
                raster.getSamples(0, y, width, 1, 3, black);
                for (int x = 0; x < width; x++) {
                    pixels[i++] = (byte) (((255 - ink[x]) * (255 - black[x]) + 127) / 255);
                }
            }
        }
        return new Picture(3, height, width, pixels);
    }

    /** Palettes: grey if all colours are. */
    private static Picture fromRgb(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int plane = width * height;
        int[] colours = image.getRGB(0, 0, width, height, null, 0, width);
        byte[] pixels = new byte[3 * plane];
        boolean grey = true;
        for (int i = 0; i < plane; i++) {
            pixels[i] = (byte) (colours[i] >> 16);
            pixels[plane + i] = (byte) (colours[i] >> 8);
            pixels[2 * plane + i] = (byte) colours[i];
            grey &= pixels[i] == pixels[plane + i] && pixels[i] == pixels[2 * plane + i];
        }
        Picture colour = new Picture(3, height, width, pixels);
        return grey ? colour.withChannels(1) : colour;
    }
}
