package org.espalier.cli.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.espalier.cli.console.Console;
import org.espalier.cli.console.InputException;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.train.Checkpointing;
import org.espalier.train.Recipe;
import org.jspecify.annotations.Nullable;

/**
 * A folder of runs that are made once: one that is finished is taken as it is, one that was interrupted goes on from its last checkpoint.
 *
 * @param out the folder
 * @param data the data set's name
 * @param dataDir where data sets lie; null for the default places
 * @param splits the data set
 * @param threads of libtorch
 * @param device of libtorch
 * @param timing how long each network is timed
 */
public record RunShelf(
        Path out,
        String data,
        @Nullable Path dataDir,
        Splits splits,
        int threads,
        String device,
        Duration timing,
        Console console) {
    /** The folder of a run. */
    public Path folder(String name) {
        return out.resolve(name);
    }

    /**
     * The report of a run, made now unless it is there.
     *
     * @param network a network of the zoo, or a model file
     * @throws InputException if the folder holds a finished run with other data or hyper-parameters
     */
    public JsonNode report(String name, String network, MethodChoice method, Recipe recipe) {
        Path folder = folder(name);
        if (Files.exists(folder.resolve("report.json"))) {
            requireSame(folder, method, recipe);
            console.note("espalier: " + folder + " is finished already");
        } else {
            make(folder, network, method, recipe);
        }
        return RunFolder.readReport(folder);
    }

    private void make(Path folder, String network, MethodChoice method, Recipe recipe) {
        Graph graph = Models.load(network, recipe.seed());
        UserModel.of(network, graph).requireFit(splits, null, recipe);
        String dir = dataDir == null ? null : dataDir.toAbsolutePath().toString();
        RunConfiguration c = new RunConfiguration(network, data, dir, method, threads, device, recipe);
        boolean begun = isBegun(folder, c);
        PruneJob.Lasting lasting = new PruneJob.Lasting(Checkpointing.in(folder).interval(), begun, "the same command");
        try (RunFolder run = begun ? RunFolder.open(folder) : RunFolder.restart(folder)) {
            new PruneJob(c, run, console).timing(timing).lasting(lasting).run(graph, splits);
        }
    }

    /** Whether the same run was interrupted there, so that it can go on. */
    private static boolean isBegun(Path folder, RunConfiguration c) {
        if (!Files.exists(folder.resolve("run.yaml"))) {
            return false;
        }
        try (RunFolder run = RunFolder.open(folder)) {
            return c.equals(run.configurationOnThreads(c.threads()));
        } catch (InputException e) {
            // A damaged configuration: the run begins anew.
            return false;
        }
    }

    private void requireSame(Path folder, MethodChoice method, Recipe recipe) {
        try (RunFolder run = RunFolder.open(folder)) {
            RunConfiguration c = run.readConfiguration(RunConfiguration.class);
            if (!c.data().equals(data) || c.method() != method || !c.recipe().equals(recipe)) {
                throw new InputException(
                        "run folder '" + folder
                                + "': holds a run with other hyper-parameters or data; choose another with --out, or delete it");
            }
        }
    }
}
