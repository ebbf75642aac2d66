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

    /** What is done with an entry's bytes. */
    public interface Reader<T> {
        T read(InputStream in) throws IOException;
    }

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

    /** Reads an entry: no further than the file says that it goes. */
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
