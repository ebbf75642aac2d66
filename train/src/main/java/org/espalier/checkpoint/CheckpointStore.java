package org.espalier.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.espalier.graph.GraphException;
import org.espalier.io.AtomicFile;
import org.espalier.io.ChecksummedFile;
import org.espalier.io.IoProblem;
import org.espalier.progress.TrainingException;
import org.jspecify.annotations.Nullable;

/**
 * The last two checkpoints of a run in a folder, files {@code checkpoint-NNNNNNNN.bin} that appear complete or not at
 * all. Files of other names are never touched, and links are not followed.
 */
public final class CheckpointStore {
    private static final ChecksummedFile FORMAT = new ChecksummedFile("ESPALCK3");
    private static final Pattern NAME = Pattern.compile("checkpoint-([0-9]{8})\\.bin");
    private static final int KEPT = 2;

    private final Path folder;

    /**
     * Opens a folder, which is made where it is missing, and removes files that a run that was killed left
     * half-written.
     *
     * @param folder where it lies
     * @throws TrainingException if it cannot be used, or is a link
     */
    public CheckpointStore(Path folder) {
        this.folder = folder;
        try {
            if (Files.isSymbolicLink(folder)) {
                throw new IOException("it is a link to another place");
            }
            Files.createDirectories(folder);
            AtomicFile.deleteLeftovers(folder, CheckpointStore::isCheckpoint);
        } catch (IOException e) {
            throw problem("folder " + folder, "cannot be used", e);
        }
    }

    private static boolean isCheckpoint(String name) {
        return NAME.matcher(name).matches();
    }

    /** Checkpoints by number, oldest first. */
    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(p -> isCheckpoint(p.getFileName().toString()))
                    .sorted()
                    .toList();
        }
    }

    /** Forgets all checkpoints. */
    public void clear() {
        try {
            delete(files());
        } catch (IOException e) {
            throw problem("folder " + folder, "cannot be emptied", e);
        }
    }

    /** Forgets all checkpoints, and removes the folder unless something else lies in it. */
    public void remove() {
        clear();
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            // What is left is not ours.
        } catch (IOException e) {
            throw problem("folder " + folder, "cannot be removed", e);
        }
    }

    /** A link or a folder of a checkpoint's name is not one. */
    private static void delete(List<Path> checkpoints) throws IOException {
        for (Path p : checkpoints) {
            if (Files.isRegularFile(p, LinkOption.NOFOLLOW_LINKS)) {
                Files.deleteIfExists(p);
            }
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
                atomic.write(channel -> FORMAT.write(
                        Channels.newOutputStream(channel), out -> new CheckpointWriter(out).write(checkpoint)));
                atomic.commit();
            }
            delete(before.subList(0, Math.max(0, before.size() - KEPT + 1)));
            return file;
        } catch (IOException e) {
            throw problem("checkpoint " + file, "cannot be written", e);
        }
    }

    private static int number(Path file) {
        return Integer.parseInt(file.getFileName().toString().replaceAll("[^0-9]", ""));
    }

    /**
     * The latest checkpoint that is intact; null where there are none. Damaged ones after it are removed, so that they
     * do not count among the last two that are kept.
     *
     * @param warnings hears of each one that is passed over
     * @return the checkpoint; null where there are none
     * @throws DamagedCheckpointsException if there are checkpoints and all are damaged; they are kept
     * @throws OtherRunException if one cannot be read for another reason: to begin anew would lose what it holds
     */
    @Nullable
    public Checkpoint latest(Consumer<String> warnings) {
        List<Path> damaged = new ArrayList<>();
        String why = "";
        for (Path p : newestFirst()) {
            try {
                Checkpoint intact = read(p);
                passOver(damaged, why, warnings);
                return intact;
            } catch (ChecksummedFile.DamagedException e) {
                damaged.add(p);
                why = String.valueOf(e.getMessage());
            } catch (IOException e) {
                throw unreadable("checkpoint " + p, e);
            }
        }
        if (!damaged.isEmpty()) {
            throw new DamagedCheckpointsException(folder, damaged.size(), why);
        }
        return null;
    }

    private void passOver(List<Path> damaged, String why, Consumer<String> warnings) {
        damaged.forEach(p -> warnings.accept("checkpoint " + p + " is damaged (" + why + "); taking the one before"));
        try {
            delete(damaged);
        } catch (IOException e) {
            throw problem("folder " + folder, "cannot be used", e);
        }
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

    private static OtherRunException unreadable(String what, IOException e) {
        return new OtherRunException(
                what + ": cannot be read (" + IoProblem.of(e) + "); make it readable, or begin again in another folder",
                e);
    }

    private static Checkpoint read(Path file) throws IOException {
        try {
            return FORMAT.read(file, in -> new CheckpointReader(in, file.toString()).read());
        } catch (ChecksummedFile.VersionException e) {
            throw otherVersion(file, String.valueOf(e.getMessage()), e);
        } catch (IllegalArgumentException | GraphException | EOFException e) {
            // Not damaged, so that another program must have written it.
            throw otherVersion(
                    file,
                    "must have this version's format, expected " + FORMAT.version() + ", found " + e.getMessage(),
                    e);
        }
    }

    private static OtherRunException otherVersion(Path file, String problem, Exception cause) {
        return new OtherRunException(
                "checkpoint " + file + ": " + problem
                        + "; go on with the version that wrote it, or begin again in another folder",
                cause);
    }

    private TrainingException problem(String what, String rule, IOException e) {
        return new TrainingException(what + ": " + rule + ": " + IoProblem.ofWriting(folder, e), e);
    }
}
