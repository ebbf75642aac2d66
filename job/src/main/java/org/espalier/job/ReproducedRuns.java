package org.espalier.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.espalier.checkpoint.CheckpointPolicy;
import org.espalier.data.ImageOptions;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.io.IoProblem;
import org.espalier.io.Sha256;
import org.espalier.method.PruningMethods;
import org.espalier.recipe.PruningTask;
import org.espalier.recipe.Recipe;
import org.espalier.zoo.Zoo;
import org.jspecify.annotations.Nullable;

/**
 * A folder of runs that are made once: one that is finished is taken as it is, one that was interrupted goes on from its last checkpoint.
 *
 * @param out the folder
 * @param data the data set's name
 * @param dataDir where data sets lie; null for the default places
 * @param images how pictures of a folder become examples; null for as they are
 * @param splits the data set
 * @param threads of libtorch
 * @param device of libtorch
 * @param timing how long each network is timed
 * @param listener hears of each run
 */
public record ReproducedRuns(
        Path out,
        String data,
        @Nullable Path dataDir,
        @Nullable ImageOptions images,
        Splits splits,
        int threads,
        String device,
        Duration timing,
        JobListener listener) {
    /**
     * Says where a run lies.
     *
     * @param name the run's name
     * @return its folder, which need not exist
     */
    public Path folder(String name) {
        return out.resolve(name);
    }

    /**
     * Gives the report of a run. A run that is not finished is made, or gone on with, first.
     *
     * @param name the run's name
     * @param network a network of the zoo, or a model file
     * @param method what prunes
     * @param recipe its hyper-parameters
     * @return what {@code report.json} holds
     * @throws InputException if the folder holds a run with other data or hyper-parameters, finished or not
     */
    public JsonNode report(String name, String network, PruningMethods method, Recipe recipe) {
        Path folder = folder(name);
        String dir =
                dataDir == null ? null : dataDir.toAbsolutePath().normalize().toString();
        RunConfiguration wanted = new RunConfiguration(
                        network, data, dir, images, method, threads, device, PruningTask.DEFAULT, recipe)
                .withStart(sha256(network));
        RunConfiguration begun = null;
        if (Files.exists(folder.resolve(RunNames.CONFIGURATION))) {
            try (RunFolder run = RunFolder.open(folder)) {
                begun = run.readConfiguration(RunConfiguration.class);
                requireSame(folder, begun, wanted);
                if (run.isFinished()) {
                    run.tidyUp();
                    listener.onMessage(JobMessage.Code.ALREADY_FINISHED, folder + " is finished already");
                    return RunFolder.readReport(folder);
                }
                run.requireOwnFiles();
            }
        } else {
            RunPlace.requireFree(folder);
            RunPlace.requireOutside(folder, data);
        }
        make(folder, wanted, begun);
        return RunFolder.readReport(folder);
    }

    private void make(Path folder, RunConfiguration wanted, @Nullable RunConfiguration begun) {
        Graph graph =
                ModelNames.load(wanted.network(), wanted.recipe().batches().seed());
        SourceModel.of(wanted.network(), graph).requireFit(splits, wanted.recipe(), PruningTask.DEFAULT);
        PruningJob.Checkpointing checkpointing =
                new PruningJob.Checkpointing(CheckpointPolicy.in(folder).interval(), begun != null, "the same command");
        try (RunFolder run = begun != null ? RunFolder.open(folder) : RunFolder.create(folder)) {
            // As for every other run, so that 'train --resume' can go on with this one, too.
            if (!Files.exists(run.start())) {
                run.writeNetwork(graph, run.start());
            }
            RunConfiguration c = begun == null ? wanted : wanted.decidedAs(begun);
            new PruningJob(c, run, listener)
                    .timing(timing)
                    .checkpoints(checkpointing)
                    .run(graph, splits);
        }
    }

    /** Folders may be named in another way, and threads and device may be others. */
    private static void requireSame(Path folder, RunConfiguration found, RunConfiguration wanted) {
        Map<String, @Nullable Object> there = said(found);
        Map<String, @Nullable Object> asked = said(wanted.decidedAs(found));
        if (isSameStart(found.network(), wanted.network())) {
            asked.put("network", there.get("network"));
        }
        String differing = asked.keySet().stream()
                .filter(key -> !Objects.equals(there.get(key), asked.get(key)))
                .map(key -> key + " " + there.get(key) + " and not " + asked.get(key))
                .collect(Collectors.joining(", "));
        if (!differing.isEmpty()) {
            throw new InputException(
                    Setting.FOLDER,
                    "run folder '" + folder + "': holds another run, with " + differing
                            + "; choose another folder, or delete it",
                    null);
        }
        if (found.start() != null && !found.start().equals(wanted.start())) {
            throw new InputException(
                    Setting.FOLDER,
                    "run folder '" + folder + "': began with another network than what " + wanted.network()
                            + " holds now; delete the folder, or choose another folder",
                    null);
        }
    }

    /** What tells runs apart, by name. */
    private static Map<String, @Nullable Object> said(RunConfiguration c) {
        Map<String, @Nullable Object> said = new LinkedHashMap<>();
        said.put("network", c.network());
        said.put("data", c.data());
        said.put("images", c.images());
        said.put("method", Format.lower(c.method()));
        said.putAll(RecipeFile.values(c.recipe()));
        return said;
    }

    /** What tells a model file from another one of the same name; null for a network of the zoo. */
    private static @Nullable String sha256(String network) {
        Path file = file(network);
        if (file == null || !Files.isRegularFile(file)) {
            return null;
        }
        try {
            return Sha256.of(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + IoProblem.of(e) + ")", e);
        }
    }

    private static boolean isSameStart(String found, String wanted) {
        Path one = file(found);
        Path other = file(wanted);
        return found.equals(wanted)
                || (one != null && other != null && one.normalize().equals(other.normalize()));
    }

    /** Where a model file lies; null for a network of the zoo, whose name may hold a colon, which not every system takes for a path. */
    private static @Nullable Path file(String network) {
        return Zoo.contains(network) ? null : Path.of(network).toAbsolutePath();
    }
}
