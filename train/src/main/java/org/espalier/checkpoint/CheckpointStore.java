package org.espalier.checkpoint;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.espalier.graph.GraphException;
import org.espalier.io.AtomicFile;
import org.espalier.io.IoProblem;
import org.espalier.io.Sha256;
import org.espalier.progress.TrainingException;
import org.jspecify.annotations.Nullable;

/**
 * The last two checkpoints of a run in a folder. A file is {@link #MAGIC}, the content, and the SHA-256 of both; it
 * appears complete or not at all.
 */
public final class CheckpointStore {
    private static final long MAGIC = 0x4553_5041_4C43_4B33L; // ESPALCK3: the last digit is the format's version
    private static final int KEPT = 2;
    private static final int HASH = 32;
    private static final int BUFFER = 1 << 16;

    private final Path folder;

    /** A file is not what was written. */
    private static final class DamagedException extends Exception {
        private static final long serialVersionUID = 1;

        DamagedException(String what) {
            super(what);
        }
    }

    /**
     * Opens a folder, which is made where it is missing, and removes files that a run that was killed left
     * half-written.
     *
     * @param folder where it lies
     * @throws TrainingException if it cannot be used
     */
    public CheckpointStore(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            AtomicFile.deleteLeftovers(folder);
        } catch (IOException e) {
            throw problem("folder " + folder, "cannot be used", e);
        }
    }

    /** Checkpoints by number, oldest first. */
    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(p -> p.getFileName().toString().matches("checkpoint-[0-9]{8}\\.bin"))
                    .sorted()
                    .toList();
        }
    }

    /** Forgets all checkpoints. */
    public void clear() {
        try {
            for (Path p : files()) {
                Files.deleteIfExists(p);
            }
        } catch (IOException e) {
            throw problem("folder " + folder, "cannot be emptied", e);
        }
    }

    /**
     * Writes one more and removes all but the last two.
     *
     * @param checkpoint what to write
     * @return the file
     * @throws TrainingException if the disk is full, for example; the checkpoints before are still there then
     */
    public Path write(Checkpoint checkpoint) {
        Path file = folder;
        try {
            List<Path> before = files();
            int next = before.isEmpty() ? 1 : number(before.get(before.size() - 1)) + 1;
            file = folder.resolve(String.format(Locale.ROOT, "checkpoint-%08d.bin", next));
            try (AtomicFile atomic = new AtomicFile(file)) {
                atomic.write(channel -> writeTo(Channels.newOutputStream(channel), checkpoint));
                atomic.commit();
            }
            for (Path old : before.subList(0, Math.max(0, before.size() - KEPT + 1))) {
                Files.deleteIfExists(old);
            }
            return file;
        } catch (IOException e) {
            throw problem("checkpoint " + file, "cannot be written", e);
        }
    }

    private static int number(Path file) {
        return Integer.parseInt(file.getFileName().toString().substring(11, 19));
    }

    private static void writeTo(OutputStream raw, Checkpoint checkpoint) throws IOException {
        MessageDigest digest = Sha256.digest();
        DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(new DigestOutputStream(raw, digest), BUFFER));
        out.writeLong(MAGIC);
        new CheckpointWriter(out).write(checkpoint);
        out.flush();
        raw.write(digest.digest());
    }

    /**
     * The latest checkpoint that is intact; null where there is none. Damaged ones after it are removed, so that they
     * do not count among the last two that are kept.
     *
     * @param warnings hears of each one that is damaged
     * @return the checkpoint; null for none
     * @throws OtherRunException if one cannot be read for another reason: to begin anew would lose what it holds
     */
    @Nullable
    public Checkpoint latest(Consumer<String> warnings) {
        List<Path> damaged = new ArrayList<>();
        for (Path p : newestFirst()) {
            try {
                Checkpoint intact = read(p);
                delete(damaged);
                return intact;
            } catch (DamagedException e) {
                warnings.accept("checkpoint " + p + " is damaged (" + e.getMessage() + "); taking the one before");
                damaged.add(p);
            } catch (IOException e) {
                throw unreadable("checkpoint " + p, e);
            }
        }
        return null;
    }

    private List<Path> newestFirst() {
        try {
            List<Path> files = new ArrayList<>(files());
            Collections.reverse(files);
            return files;
        } catch (IOException e) {
            throw unreadable("folder " + folder, e);
        }
    }

    private void delete(List<Path> useless) {
        try {
            for (Path p : useless) {
                Files.deleteIfExists(p);
            }
        } catch (IOException e) {
            throw problem("folder " + folder, "cannot be used", e);
        }
    }

    private static OtherRunException unreadable(String what, IOException e) {
        return new OtherRunException(
                what + ": cannot be read (" + IoProblem.of(e) + "); make it readable, or begin again in another folder",
                e);
    }

    private static Checkpoint read(Path file) throws IOException, DamagedException {
        verify(file);
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER))) {
            in.readLong();
            return new CheckpointReader(in, file.toString()).read();
        } catch (IllegalArgumentException | GraphException | EOFException e) {
            // Not damaged, so that another program must have written it.
            throw otherVersion(file, String.valueOf(e.getMessage()), e);
        }
    }

    private static OtherRunException otherVersion(Path file, String found, @Nullable Exception cause) {
        return new OtherRunException(
                "checkpoint " + file + ": must have this version's format, expected " + version(MAGIC) + ", found "
                        + found + "; go on with the version that wrote it, or begin again in another folder",
                cause);
    }

    /** The last letter of a file's first eight bytes. */
    private static char version(long magic) {
        return (char) (magic & 0xFF);
    }

    private static void verify(Path file) throws IOException, DamagedException {
        if (!Files.isRegularFile(file)) {
            throw new DamagedException("it is no regular file");
        }
        long left = Files.size(file) - HASH;
        MessageDigest digest = Sha256.digest();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] first = in.readNBytes(Long.BYTES);
            long magic = first.length < Long.BYTES ? 0 : ByteBuffer.wrap(first).getLong();
            // Another version's file may have its checksum elsewhere.
            if (magic != MAGIC && magic >>> 8 == MAGIC >>> 8) {
                throw otherVersion(file, String.valueOf(version(magic)), null);
            }
            digest.update(first);
            left -= first.length;
            byte[] piece = new byte[BUFFER];
            while (left > 0) {
                int n = in.read(piece, 0, (int) Math.min(piece.length, left));
                if (n < 0) {
                    break;
                }
                digest.update(piece, 0, n);
                left -= n;
            }
            if (magic != MAGIC || left != 0 || !MessageDigest.isEqual(digest.digest(), in.readNBytes(HASH))) {
                throw new DamagedException("its checksum is wrong");
            }
        }
    }

    private TrainingException problem(String what, String rule, IOException e) {
        return new TrainingException(what + ": " + rule + ": " + IoProblem.ofWriting(folder, e), e);
    }
}
