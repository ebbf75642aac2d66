package org.espalier.job;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.espalier.bayes.Posterior;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.io.AtomicFile;
import org.espalier.io.IoProblem;
import org.espalier.onnx.OnnxException;
import org.espalier.onnx.OnnxWriter;
import org.espalier.recipe.PruningTask;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a run.
 *
 * <pre>
 * run.yaml       the effective configuration
 * metrics.jsonl  one line per epoch
 * events.out.*   the same and more for TensorBoard
 * checkpoint/    what a run that is not finished goes on from
 * start.onnx     the network that such a run began with
 * original.onnx  the network before pruning
 * trained.onnx   the network as pruning left it, before units were removed for good
 * posterior.yaml mu and log sigma of its units
 * pruned.onnx    the result
 * report.json    what it came to
 * .lock          held by the process that works on the run; the system frees it when the process ends, however it ends
 * </pre>
 *
 * <p>Whole files are written beside their place, forced to the disk and moved, so that a reader never sees half of one.
 */
public final class RunFolder implements AutoCloseable {
    private static final ObjectMapper JSON = SettingsFile.strict(new JsonFactory());
    private static final ObjectMapper YAML = SettingsFile.strict(
                    new YAMLFactory().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER))
            .addMixIn(PruningTask.class, OlderTask.class)
            .findAndRegisterModules();

    /** In older files it stands here; now it is the recipe's. */
    @JsonIgnoreProperties("frozenStatistics")
    private interface OlderTask {}

    private final Path folder;
    private final RunLock lock;
    private final MetricsFile metrics;
    private String advice = "make room or choose another folder";

    private RunFolder(Path folder) {
        this.folder = folder;
        this.lock = RunLock.take(folder);
        this.metrics = new MetricsFile(folder.resolve("metrics.jsonl"));
        try {
            AtomicFile.deleteLeftovers(folder);
        } catch (IOException e) {
            close();
            throw unwritable(folder, e);
        }
    }

    /**
     * Makes the folder of a new run.
     *
     * @throws InputException if it cannot be written, already holds a run, or another process works on it
     */
    public static RunFolder create(Path folder) {
        RunFolder run = make(folder);
        if (Files.exists(run.configuration())) {
            run.close();
            throw refused(
                    folder, "already holds a run; delete it, go on with that run, or choose another folder", null);
        }
        return run;
    }

    /**
     * Checks that a folder holds no run, without making it.
     *
     * @throws InputException as {@link #create} would
     */
    public static void requireNone(Path folder) {
        if (holdsRun(folder)) {
            create(folder).close();
        }
    }

    /** Whether a run was begun in a folder. */
    public static boolean holdsRun(Path folder) {
        return Files.exists(configuration(folder));
    }

    private static RunFolder make(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (FileAlreadyExistsException e) {
            throw refused(folder, "is a file; choose another folder", e);
        } catch (IOException e) {
            throw unwritable(folder, e);
        }
        return new RunFolder(folder);
    }

    /**
     * Makes the folder of a run, taking the place of one that was not finished.
     *
     * @throws InputException if it cannot be written, or another process works on it
     */
    static RunFolder restart(Path folder) {
        RunFolder run = make(folder);
        try {
            Files.deleteIfExists(run.configuration());
            Files.deleteIfExists(run.metrics());
            Files.deleteIfExists(run.start());
            deleteAll(folder, "events.out.tfevents.*");
        } catch (IOException e) {
            run.close();
            throw unwritable(folder, e);
        }
        return run;
    }

    /**
     * Reads what a finished run came to.
     *
     * @throws InputException if the file is missing or damaged
     */
    public static JsonNode readReport(Path folder) {
        Path file = folder.resolve("report.json");
        JsonNode report = SettingsFile.tree(file, JSON);
        if (!report.isObject()) {
            throw new InputException(file + ": must hold what a run came to by name, found another document");
        }
        return report;
    }

    /**
     * Opens the folder of an earlier run.
     *
     * @throws InputException if it holds no run, cannot be written, or another process works on it
     */
    public static RunFolder open(Path folder) {
        if (!Files.isRegularFile(configuration(folder))) {
            throw new InputException("run folder '" + folder + "': holds no run, expected a file run.yaml in it");
        }
        RunFolder run = new RunFolder(folder);
        try {
            run.metrics.cutHalfLine();
        } catch (IOException e) {
            run.close();
            throw unwritable(folder, e);
        }
        return run;
    }

    static InputException unwritable(Path folder, IOException e) {
        return refused(folder, "cannot be written (" + reason(e) + "); choose another folder", e);
    }

    private static InputException refused(Path folder, String why, @Nullable Exception cause) {
        return new InputException(Setting.FOLDER, "run folder '" + folder + "': " + why, cause);
    }

    /** The JDK's messages often hold the file's name and nothing else. */
    private static String reason(IOException e) {
        if (e instanceof JsonProcessingException j) {
            return j.getCause() instanceof IllegalArgumentException i
                    ? String.valueOf(i.getMessage())
                    : j.getOriginalMessage().lines().findFirst().orElse("");
        }
        return IoProblem.of(e);
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

    /** The folder itself. */
    public Path path() {
        return folder;
    }

    /** The network before pruning. */
    public Path original() {
        return folder.resolve("original.onnx");
    }

    /** The result. */
    public Path pruned() {
        return folder.resolve("pruned.onnx");
    }

    /** The network as pruning left it, before units were removed for good: what other thresholds are applied to. */
    public Path trained() {
        return folder.resolve("trained.onnx");
    }

    /**
     * Writes a network into this folder, or elsewhere.
     *
     * @throws JobException if it cannot be written; what was there before is then still there
     */
    public static void writeGraph(Graph graph, Path file) {
        try {
            OnnxWriter.write(graph, file);
        } catch (OnnxException e) {
            throw new JobException(e.getMessage() + "; make room or choose another place", e);
        }
    }

    /** Writes a network into this folder. */
    public void writeNetwork(Graph graph, Path file) {
        try {
            OnnxWriter.write(graph, file);
        } catch (OnnxException e) {
            throw new JobException(e.getMessage() + "; " + advice, e);
        }
    }

    /** Whether a file is one that a run writes. */
    public boolean holdsOwn(Path file) {
        Path wanted = file.toAbsolutePath().normalize();
        return Stream.of(original(), trained(), pruned(), start())
                .anyMatch(own -> own.toAbsolutePath().normalize().equals(wanted));
    }

    /** The network that a run which is not finished began with. */
    public Path start() {
        return folder.resolve("start.onnx");
    }

    /** Whether the run came to its end. */
    public boolean isFinished() {
        return Files.exists(folder.resolve("report.json"));
    }

    /** Removes what only a run that is not finished needs. */
    public void tidyUp() {
        try {
            Files.deleteIfExists(start());
            Files.deleteIfExists(folder.resolve("start.onnx.data"));
            if (Files.isDirectory(checkpoint())) {
                deleteAll(checkpoint(), "*");
                Files.delete(checkpoint());
            }
        } catch (IOException e) {
            throw failed(checkpoint(), e);
        }
    }

    private static void deleteAll(Path folder, String pattern) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, pattern)) {
            for (Path p : files) {
                Files.deleteIfExists(p);
            }
        }
    }

    /** The folder of checkpoints; whoever writes one makes it. */
    Path checkpoint() {
        return folder.resolve("checkpoint");
    }

    /** Whether there is anything to go on from. */
    boolean hasCheckpoint() {
        String[] files = checkpoint().toFile().list();
        return files != null && files.length > 0;
    }

    Path metrics() {
        return metrics.path();
    }

    private Path configuration() {
        return configuration(folder);
    }

    private static Path configuration(Path folder) {
        return folder.resolve("run.yaml");
    }

    /**
     * Writes the effective configuration.
     *
     * @param configuration a record or map
     * @throws JobException if it cannot be written
     */
    void writeConfiguration(Object configuration) {
        try {
            write("run.yaml", YAML.writeValueAsBytes(configuration));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("configuration: must be writable as YAML, found " + configuration, e);
        }
    }

    /**
     * Reads the effective configuration.
     *
     * @throws InputException if it is damaged or of another kind
     */
    public <T> T readConfiguration(Class<T> type) {
        return SettingsFile.convert(SettingsFile.tree(configuration(), YAML), type, YAML, configuration() + ": ");
    }

    /** Writes the posterior of {@link #trained}'s units. */
    void writePosterior(ChannelGroups groups, Posterior posterior) {
        try {
            write("posterior.yaml", YAML.writeValueAsBytes(PosteriorFile.of(groups, posterior)));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("posterior: must be writable as YAML", e);
        }
    }

    /**
     * Reads the posterior.
     *
     * @throws InputException if the run has none, or the file is damaged
     */
    public PosteriorFile readPosterior() {
        Path file = folder.resolve("posterior.yaml");
        if (!Files.exists(file)) {
            throw new InputException("run folder '" + folder + "': "
                    + (Files.exists(folder.resolve("report.json"))
                            ? "has no posterior.yaml, which sbp and sbpa leave after epochs of pruning"
                            : "the run is not finished; go on with it first"));
        }
        return SettingsFile.convert(SettingsFile.tree(file, YAML), PosteriorFile.class, YAML, file + ": ");
    }

    /** Writes what a run came to. */
    void writeReport(Map<String, ?> report) {
        write("report.json", (Json.pretty(report) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Writes a file beside its place and moves it there.
     *
     * @throws JobException if it cannot be written; what was there before is then still there
     */
    public void write(String name, byte[] content) {
        Path target = folder.resolve(name);
        try (AtomicFile file = new AtomicFile(target)) {
            file.write(channel -> Channels.newOutputStream(channel).write(content));
            file.commit();
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    /**
     * Appends one line to the metrics: whole, or not at all. What a crash leaves of a line is cut off by the next process.
     *
     * @throws JobException if it cannot be written
     */
    void appendMetrics(Map<String, ?> values) {
        try {
            metrics.append(line(values));
        } catch (IOException e) {
            throw failed(metrics(), e);
        }
    }

    private static byte[] line(Map<String, ?> values) {
        return (Json.line(values) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Puts the metrics back to what they were at the checkpoint that a run goes on from.
     *
     * @throws JobException if they cannot be written
     */
    void rewindMetrics(List<? extends Map<String, ?>> epochs) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        epochs.forEach(e -> all.writeBytes(line(e)));
        write("metrics.jsonl", all.toByteArray());
    }

    /** Lets other processes work on the run. */
    @Override
    public void close() {
        lock.close();
    }

    /** Removes a file that turned out wrong. */
    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be removed, though it is wrong", e);
        }
    }
}
