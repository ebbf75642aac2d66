package org.espalier.job;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.espalier.io.AtomicFile;
import org.espalier.io.IoProblem;
import org.espalier.io.Sha256;

/**
 * The whole files that a run has written, by name, size and SHA-256: these and no others it replaces and removes. A file counts as the run's
 * if it holds what the run wrote there last, or the time before. A link never does.
 *
 * <p>They stand in {@code run-files.json}, together with the run's id. A new content is noted there before it is moved into its place, so
 * that at whatever moment the process is killed both the old content and the new one count.
 */
final class OwnedFiles implements AtomicFile.Guard {
    private static final ObjectMapper JSON =
            SettingsFile.strict(new JsonFactory()).enable(SerializationFeature.INDENT_OUTPUT);
    private static final int REMEMBERED = 2;

    private final Path folder;
    private final String id;

    /**
     * What a file was when the run wrote it.
     *
     * @param size in bytes
     */
    private record Content(long size, String sha256) {}

    /**
     * The list as it stands in the file.
     *
     * @param run the run's id
     * @param files by name, those outside of the run's folder by their whole path; the last content comes last
     */
    private record Listing(String run, Map<String, List<Content>> files) {
        @SuppressWarnings("ConstantValue") // what a file does not have arrives as null
        private Listing {
            if (run == null || files == null) {
                throw new IllegalArgumentException("'run' and 'files' must be given");
            }
        }
    }

    private OwnedFiles(Path folder, String id) {
        this.folder = folder;
        this.id = id;
    }

    /**
     * Begins the list of a new run, or goes on with that of a run whose process was killed before it wrote its configuration.
     *
     * @throws IOException if it cannot be written
     */
    static OwnedFiles begin(Path folder) throws IOException {
        if (isBegun(folder)) {
            return new OwnedFiles(folder, load(folder).run());
        }
        OwnedFiles files = new OwnedFiles(folder, UUID.randomUUID().toString());
        files.save(Map.of());
        return files;
    }

    /** Whether there is a list. */
    static boolean isBegun(Path folder) {
        return Files.exists(folder.resolve(RunNames.OWNED), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Goes on with the list of a run.
     *
     * @throws InputException if it is missing or damaged, or another run's
     */
    static OwnedFiles open(Path folder, String id) {
        String found = load(folder).run();
        if (!found.equals(id)) {
            throw new InputException("run folder '" + folder + "': " + RunNames.CONFIGURATION + " and " + RunNames.OWNED
                    + " must be of one run, expected its id " + id + ", found " + found);
        }
        return new OwnedFiles(folder, id);
    }

    /**
     * The entries of a folder that have names of a run's files and were written by no run, in the order of their names; nothing is touched.
     *
     * @throws InputException if there is a list, and it is damaged
     */
    static List<String> foreign(Path folder) {
        OwnedFiles known = isBegun(folder) ? new OwnedFiles(folder, load(folder).run()) : null;
        return Stream.concat(
                        RunNames.WHOLE.stream()
                                .filter(n -> exists(folder.resolve(n)))
                                .filter(n -> known == null || !known.owns(folder.resolve(n))),
                        Stream.of(RunNames.METRICS, RunNames.CHECKPOINT).filter(n -> exists(folder.resolve(n))))
                .sorted()
                .toList();
    }

    private static boolean exists(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** What tells the run from all others. */
    String id() {
        return id;
    }

    /** Whether a file is there and holds what this run wrote to it. */
    boolean owns(Path file) {
        List<Content> written = load(folder).files().getOrDefault(key(file), List.of());
        try {
            BasicFileAttributes found =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!found.isRegularFile() || written.stream().noneMatch(c -> c.size() == found.size())) {
                return false;
            }
            Content there = content(file);
            return written.contains(there);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + IoProblem.of(e) + ")", e);
        }
    }

    /**
     * Checks that a file may be written: none is there, or one that this run wrote.
     *
     * @throws InputException if not
     */
    void requireFree(Path file) {
        if (exists(file) && !owns(file)) {
            String what = Files.isSymbolicLink(file)
                    ? "is a link"
                    : Files.isDirectory(file) ? "is a folder" : "does not hold what this run wrote there";
            throw new InputException(file + ": " + what + ", so it is not replaced; move it elsewhere first");
        }
    }

    /** Notes what is about to be moved into place, if it may be. */
    @Override
    public void check(Path target, Path written) throws IOException {
        requireFree(target);
        Map<String, List<Content>> files = new LinkedHashMap<>(current().files());
        List<Content> contents = new ArrayList<>(files.getOrDefault(key(target), List.of()));
        Content next = content(written);
        contents.remove(next);
        contents.add(next);
        files.put(
                key(target), List.copyOf(contents.subList(Math.max(0, contents.size() - REMEMBERED), contents.size())));
        save(files);
    }

    /** Writes a whole file. */
    void write(Path target, byte[] bytes) throws IOException {
        try (AtomicFile file = new AtomicFile(target)) {
            file.write(channel -> Channels.newOutputStream(channel).write(bytes));
            file.check(this);
            file.commit();
        }
    }

    /** Removes a file if it holds what this run wrote. */
    void delete(Path file) throws IOException {
        if (owns(file)) {
            Files.deleteIfExists(file);
        }
    }

    private static Content content(Path file) throws IOException {
        return new Content(Files.size(file), Sha256.of(file));
    }

    /** Names in the run's folder stay what they are when it is moved. */
    private String key(Path file) {
        try {
            Path parent = file.toAbsolutePath().getParent();
            Path there =
                    parent == null ? file.toAbsolutePath() : parent.toRealPath().resolve(file.getFileName());
            Path here = folder.toRealPath();
            return (there.startsWith(here) ? here.relativize(there) : there).toString();
        } catch (IOException e) {
            return file.toAbsolutePath().normalize().toString();
        }
    }

    /** The list now; another one means that the folder was removed, and made again by another run. */
    private Listing current() {
        Listing there = load(folder);
        if (!there.run().equals(id)) {
            throw new JobException(
                    "run folder '" + folder + "': is another run's by now, which began while this one worked");
        }
        return there;
    }

    private static Listing load(Path folder) {
        Path file = folder.resolve(RunNames.OWNED);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new InputException(file + ": must be a file that says which files are the run's, found "
                    + (exists(file) ? "a link or a folder" : "none"));
        }
        return SettingsFile.convert(SettingsFile.tree(file, JSON), Listing.class, JSON, file + ": ");
    }

    private void save(Map<String, List<Content>> files) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(new Listing(id, files));
        try (AtomicFile file = new AtomicFile(folder.resolve(RunNames.OWNED))) {
            file.write(channel -> Channels.newOutputStream(channel).write(bytes));
            file.commit();
        }
    }
}
