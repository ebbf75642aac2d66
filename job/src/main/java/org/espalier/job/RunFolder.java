package org.espalier.job;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.espalier.bayes.Posterior;
import org.espalier.channels.ChannelGroups;
import org.espalier.checkpoint.CheckpointStore;
import org.espalier.graph.Graph;
import org.espalier.io.AtomicFile;
import org.espalier.io.IoProblem;
import org.espalier.onnx.OnnxException;
import org.espalier.onnx.OnnxWriter;
import org.espalier.runtime.InferenceException;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a run.
 *
 * <pre>
 * run.yaml         the run's id and the effective configuration
 * run-files.json   which files the run has written ({@link OwnedFiles}): only these are replaced or removed
 * metrics.jsonl    one line per epoch
 * events.out.*     the same and more for TensorBoard
 * checkpoint/      what a run that is not finished goes on from
 * start.onnx       the network that such a run began with
 * original.onnx    the network before pruning
 * trained.onnx     the network as pruning left it, before units were removed for good
 * posterior.bin    mu and log sigma of its units
 * pruned.onnx      the result
 * pruned-unchecked.onnx  the result where it was not found to compute what it must
 * report.json      what it came to
 * .lock            held by the process that works on the run; the system frees it when the process ends, however it ends
 * </pre>
 *
 * <p>Whole files are written beside their place, forced to the disk and moved, so that a reader never sees half of one. Links inside the
 * folder are not followed.
 */
public final class RunFolder implements AutoCloseable {
    private static final ObjectMapper JSON = SettingsFile.strict(new JsonFactory());

    private final Path folder;
    private final RunLock lock;
    private final OwnedFiles files;
    private final MetricsFile metrics;
    private String advice = "make room or choose another folder";

    private RunFolder(Path folder, RunLock lock, OwnedFiles files) {
        this.folder = folder;
        this.lock = lock;
        this.files = files;
        this.metrics = new MetricsFile(folder.resolve(RunNames.METRICS), files.id());
    }

    /**
     * Makes the folder of a new run.
     *
     * @param folder where; it need not exist
     * @return the folder, locked until it is closed
     * @throws InputException as {@link RunPlace#requireFree}, or if it cannot be written, or another process works on
     *     it
     */
    public static RunFolder create(Path folder) {
        RunPlace.requireFree(folder);
        try {
            Files.createDirectories(folder);
        } catch (FileAlreadyExistsException e) {
            throw refused(folder, "is a file; choose another folder", e);
        } catch (IOException e) {
            throw unwritable(folder, e);
        }
        return locked(folder, () -> {
            RunPlace.requireFree(folder);
            return OwnedFiles.begin(folder);
        });
    }

    /**
     * Opens the folder of an earlier run.
     *
     * @param folder the run's folder
     * @return the folder, locked until it is closed
     * @throws InputException if it holds no run, or one of which the list of files is missing or another run's; if it
     *     cannot be written, or another process works on it
     */
    public static RunFolder open(Path folder) {
        if (!ConfigurationFile.in(folder).exists()) {
            throw new InputException("run folder '" + folder + "': holds no run, expected a file run.yaml in it");
        }
        // Before the lock, which is a file, too.
        OwnedFiles.open(folder, ConfigurationFile.in(folder).id());
        return locked(
                folder,
                () -> OwnedFiles.open(folder, ConfigurationFile.in(folder).id()));
    }

    /** Opens what only one process at a time may look at. */
    private interface Opening {
        OwnedFiles open() throws IOException;
    }

    private static RunFolder locked(Path folder, Opening opening) {
        RunLock lock = RunLock.take(folder);
        try {
            OwnedFiles files = opening.open();
            AtomicFile.deleteLeftovers(folder, RunNames::isWritten);
            return new RunFolder(folder, lock, files);
        } catch (IOException e) {
            lock.close();
            throw unwritable(folder, e);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /**
     * Whether a run was begun in a folder.
     *
     * @param folder a folder, which need not exist
     * @return whether a run was begun there
     */
    public static boolean holdsRun(Path folder) {
        return ConfigurationFile.in(folder).exists() && OwnedFiles.isBegun(folder);
    }

    static InputException unwritable(Path folder, IOException e) {
        return refused(folder, "cannot be written (" + IoProblem.of(e) + "); choose another folder", e);
    }

    static InputException refused(Path folder, String why, @Nullable Exception cause) {
        return new InputException(Setting.FOLDER, "run folder '" + folder + "': " + why, cause);
    }

    private JobException failed(Path file, IOException e) {
        return new JobException(
                "run folder '" + folder + "': " + file.getFileName() + " cannot be written ("
                        + IoProblem.ofWriting(folder, e) + "); " + advice,
                e);
    }

    /** TensorBoard's file could not be written. */
    JobException eventsFailed(IOException e) {
        return failed(folder.resolve("events.out.tfevents"), e);
    }

    /** What a failure to write says at its end: how the run can be gone on with, for example. */
    void setAdvice(String text) {
        advice = text;
    }

    /** {@return the folder's path} */
    public Path path() {
        return folder;
    }

    /** {@return what tells the run from all others; it stands in {@code run.yaml}, too} */
    public String id() {
        return files.id();
    }

    /** {@return the file of the network before pruning} */
    public Path original() {
        return folder.resolve(RunNames.ORIGINAL);
    }

    /** {@return the file of the pruned network} */
    public Path pruned() {
        return folder.resolve(RunNames.PRUNED);
    }

    /**
     * {@return the file of the network as pruning left it, before units were removed for good; other thresholds are
     * applied to it}
     */
    public Path trained() {
        return folder.resolve(RunNames.TRAINED);
    }

    /** {@return the file of the network that an unfinished run began with} */
    public Path start() {
        return folder.resolve(RunNames.START);
    }

    /** Bytes of a network's file, and of the file with its weights if there is one. */
    static long bytes(Path network) {
        try {
            Path data = network.resolveSibling(network.getFileName() + ".data");
            return Files.size(network) + (Files.exists(data) ? Files.size(data) : 0);
        } catch (IOException e) {
            throw new JobException("'" + network + "': its size cannot be read: " + e.getMessage(), e);
        }
    }

    /** Bytes of the network that was given, as it is written here; of the original where the run had none. */
    long originalBytes() {
        return bytes(Files.exists(start()) ? start() : original());
    }

    /** The folder of checkpoints; whoever writes one makes it. */
    Path checkpoint() {
        return folder.resolve(RunNames.CHECKPOINT);
    }

    private Path report() {
        return folder.resolve(RunNames.REPORT);
    }

    /** Whether there is anything to go on from. */
    boolean hasCheckpoint() {
        String[] there = checkpoint().toFile().list();
        return there != null && there.length > 0;
    }

    /**
     * Writes a network into this folder, or elsewhere.
     *
     * @param graph the network
     * @param file where to write it
     * @throws InputException if what is there is not a file that this run wrote
     * @throws JobException if it cannot be written; what was there before is then still there
     */
    public void writeNetwork(Graph graph, Path file) {
        try {
            OnnxWriter.write(graph, file, files);
        } catch (OnnxException e) {
            throw new JobException(e.getMessage() + "; " + advice, e);
        }
    }

    /** Writes a network that whoever calls this removes again; it does not count as one of the run's files. */
    void writeTemporary(Graph graph, Path file) {
        try {
            OnnxWriter.write(graph, file);
        } catch (OnnxException e) {
            throw new JobException(e.getMessage() + "; " + advice, e);
        }
    }

    /**
     * Writes a network and has it checked. One that fails the check is kept under another name.
     *
     * @param graph the network
     * @param file where to write it
     * @param check throws {@link InferenceException} where it is not
     * @return what the check found
     * @throws JobException if it is not, with that name
     */
    public ExportCheck writeChecked(Graph graph, Path file, Supplier<ExportCheck> check) {
        writeNetwork(graph, file);
        Path other = unchecked(file);
        try {
            ExportCheck found = check.get();
            delete(other);
            return found;
        } catch (InferenceException e) {
            writeNetwork(graph, other);
            delete(file);
            throw new JobException(e.getMessage() + "; the network is kept, but not as a result, as " + other, e);
        }
    }

    /** The name of a network that is not known to be right. */
    static Path unchecked(Path file) {
        String name = String.valueOf(file.getFileName());
        int end = name.endsWith(".onnx") ? name.length() - ".onnx".length() : name.length();
        return file.resolveSibling(name.substring(0, end) + RunNames.UNCHECKED + name.substring(end));
    }

    /** Removes a network of this run, with its weights. */
    private void delete(Path network) {
        try {
            files.delete(network);
            files.delete(network.resolveSibling(network.getFileName() + RunNames.WEIGHTS));
        } catch (IOException e) {
            throw failed(network, e);
        }
    }

    /**
     * Checks that a network may be written to a place outside the run's own files.
     *
     * @param file the place
     * @throws InputException if it is one of them, or if a file is there that this run did not write
     */
    public void requireFreePlace(Path file) {
        if (isRunsOwn(file)) {
            throw new InputException(
                    Setting.FILE, file + ": must not be one of the run's own files; choose another name", null);
        }
        for (Path p : List.of(file, unchecked(file))) {
            files.requireFree(p);
        }
    }

    private boolean isRunsOwn(Path file) {
        Path name = file.getFileName();
        Path parent = file.toAbsolutePath().normalize().getParent();
        if (name == null || parent == null || !Files.isDirectory(parent)) {
            return false;
        }
        try {
            boolean inside = Files.isSameFile(parent, folder) && RunNames.isRuns(name.toString());
            return inside || (Files.isDirectory(checkpoint()) && Files.isSameFile(parent, checkpoint()));
        } catch (IOException e) {
            throw new InputException(file + ": cannot be looked at (" + IoProblem.of(e) + ")", e);
        }
    }

    /**
     * Checks, before hours of training, that all of the run's files can be written: none is there, or one that this run wrote.
     *
     * @throws InputException if not
     */
    public void requireOwnFiles() {
        RunNames.WHOLE.stream()
                .filter(n -> !n.equals(RunNames.CONFIGURATION))
                .forEach(n -> files.requireFree(folder.resolve(n)));
        if (Files.isSymbolicLink(checkpoint())) {
            throw new InputException(checkpoint() + ": is a link, which is not followed; put the folder itself there");
        }
        try {
            metrics.requireOwn();
        } catch (IOException e) {
            throw new InputException(metrics.path() + ": cannot be read (" + IoProblem.of(e) + ")", e);
        }
    }

    /** {@return whether the run came to its end: report and result are there and hold what was written} */
    public boolean isFinished() {
        Path weights = pruned().resolveSibling(RunNames.PRUNED + RunNames.WEIGHTS);
        return files.owns(report())
                && files.owns(pruned())
                && (!Files.exists(weights, LinkOption.NOFOLLOW_LINKS) || files.owns(weights));
    }

    /**
     * Removes what only a run that is not finished needs.
     *
     * @throws JobException if the run is not finished: then nothing is removed
     */
    public void tidyUp() {
        if (!isFinished()) {
            throw new JobException("run folder '" + folder + "': " + RunNames.REPORT + " and " + RunNames.PRUNED
                    + " must hold what was written, and do not; the checkpoints are kept");
        }
        delete(start());
        if (Files.isDirectory(checkpoint(), LinkOption.NOFOLLOW_LINKS)) {
            new CheckpointStore(checkpoint()).remove();
        }
    }

    /** Puts the metrics back to none, for a run that begins again at its first step. */
    public void forgetMetrics() {
        rewindMetrics(List.of());
    }

    /**
     * Writes the effective configuration, unless it is there.
     *
     * @param configuration a record or map
     * @throws JobException if it cannot be written
     */
    void writeConfiguration(Object configuration) {
        if (!ConfigurationFile.in(folder).exists()) {
            write(RunNames.CONFIGURATION, ConfigurationFile.bytes(files.id(), configuration));
        }
    }

    /**
     * Reads the effective configuration.
     *
     * @param <T> the kind of configuration
     * @param type the kind of configuration
     * @return the configuration
     * @throws InputException if it is damaged or of another kind
     */
    public <T> T readConfiguration(Class<T> type) {
        return ConfigurationFile.in(folder).read(type);
    }

    /** Writes the posterior of {@link #trained}'s units. */
    void writePosterior(ChannelGroups groups, Posterior posterior) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            PosteriorFile.write(bytes, groups, posterior);
        } catch (IOException e) {
            throw failed(folder.resolve(RunNames.POSTERIOR), e);
        }
        write(RunNames.POSTERIOR, bytes.toByteArray());
    }

    /**
     * Reads the posterior.
     *
     * @return the posterior of the units of {@link #trained}
     * @throws InputException if the run has none, or the file is damaged
     */
    public PosteriorFile readPosterior() {
        Path file = folder.resolve(RunNames.POSTERIOR);
        try {
            return PosteriorFile.read(file);
        } catch (NoSuchFileException e) {
            throw new InputException(
                    "run folder '" + folder + "': "
                            + (isFinished()
                                    ? "has no " + RunNames.POSTERIOR
                                            + ", which sbp and sbpa leave after epochs of pruning"
                                    : "the run is not finished; go on with it first"),
                    e);
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + IoProblem.of(e) + ")", e);
        }
    }

    /** Writes what a run came to. */
    void writeReport(Map<String, ?> report) {
        write(RunNames.REPORT, (Json.pretty(report) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads what a finished run came to.
     *
     * @param folder the run's folder
     * @return what {@code report.json} holds
     * @throws InputException if the file is missing or damaged
     */
    public static JsonNode readReport(Path folder) {
        Path file = folder.resolve(RunNames.REPORT);
        JsonNode report = SettingsFile.tree(file, JSON);
        if (!report.isObject()) {
            throw new InputException(file + ": must hold what a run came to by name, found another document");
        }
        return report;
    }

    /**
     * Writes a file beside its place and moves it there.
     *
     * @param name the file's name in this folder
     * @param content what it shall hold
     * @throws InputException if what is there is not a file that this run wrote
     * @throws JobException if it cannot be written; what was there before is then still there
     */
    public void write(String name, byte[] content) {
        Path target = folder.resolve(name);
        try {
            files.write(target, content);
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    /**
     * Appends one line to the metrics: whole, or not at all.
     *
     * @throws JobException if it cannot be written
     */
    void appendMetrics(Map<String, ?> values) {
        try {
            metrics.append(values);
        } catch (IOException e) {
            throw failed(metrics.path(), e);
        }
    }

    /**
     * Puts the metrics back to what they were at the checkpoint that a run goes on from.
     *
     * @throws JobException if they cannot be written
     */
    void rewindMetrics(List<? extends Map<String, ?>> epochs) {
        try {
            metrics.rewind(epochs);
        } catch (IOException e) {
            throw failed(metrics.path(), e);
        }
    }

    /** Lets other processes work on the run. */
    @Override
    public void close() {
        lock.close();
    }
}
