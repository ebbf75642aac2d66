package org.espalier.data.formats;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.espalier.data.DataException;

/** Zip files whose entries are read to the end and checked by their CRC, which {@link ZipFile} alone does not do. */
public final class ZipEntries {
    private ZipEntries() {}

    /**
     * What is done with an entry's bytes.
     *
     * @param <T> what comes of them
     */
    public interface Reader<T> {
        /**
         * Reads an entry.
         *
         * @param in the bytes
         * @return what comes of it
         * @throws IOException if it cannot be read
         */
        T read(InputStream in) throws IOException;
    }

    /**
     * Opens a zip file.
     *
     * @param subject what the file is, for messages
     * @param file the file
     * @return the zip file
     */
    public static ZipFile open(String subject, Path file) {
        if (!Files.exists(file)) {
            throw DataException.of(subject, file, "file must exist", "a zip file", "none");
        }
        RegularFile.require(subject, file);
        try {
            return new ZipFile(file.toFile());
        } catch (ZipException e) {
            throw DataException.of(
                    subject, file, "file must be a whole zip file", "its directory", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw DataException.unreadable(subject, file, "a zip file", e);
        }
    }

    /**
     * Reads an entry: no further than the file says that it goes.
     *
     * @param <T> what the reader makes of it
     * @param subject what the file is, for messages
     * @param file the file
     * @param zip the zip file
     * @param entry the entry
     * @param reader what reads it
     * @return what the reader made of it
     */
    public static <T> T read(String subject, Path file, ZipFile zip, ZipEntry entry, Reader<T> reader) {
        CRC32 sum = new CRC32();
        try (InputStream in =
                new CheckedInputStream(new BoundedStream(zip.getInputStream(entry), entry.getSize()), sum)) {
            T result = reader.read(in);
            in.transferTo(OutputStream.nullOutputStream());
            if (sum.getValue() != entry.getCrc()) {
                throw DataException.of(
                        subject,
                        file,
                        "entry " + entry.getName() + " must be sound",
                        String.format(Locale.ROOT, "CRC %08x", entry.getCrc()),
                        String.format(Locale.ROOT, "CRC %08x", sum.getValue()));
            }
            return result;
        } catch (IOException e) {
            throw DataException.of(
                    subject,
                    file,
                    "entry " + entry.getName() + " must be sound",
                    "stored or deflated data",
                    e.getClass().getSimpleName() + " (" + DataException.oneLine(String.valueOf(e.getMessage())) + ")");
        }
    }
}
