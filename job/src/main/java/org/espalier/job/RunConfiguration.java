package org.espalier.job;

import org.espalier.data.ImageOptions;
import org.espalier.method.PruningMethods;
import org.espalier.recipe.PruningTask;
import org.espalier.recipe.Recipe;
import org.espalier.torch.Precision;
import org.jspecify.annotations.Nullable;

/**
 * All that a run depends on: what {@code run.yaml} holds.
 *
 * @param network a network of the zoo, or a model file
 * @param data the data set's name as on the command line
 * @param dataDir where data sets lie; null for the default places
 * @param images how pictures of a folder became examples; null for as they are
 * @param method what prunes
 * @param threads of libtorch
 * @param device of libtorch; one from before there was a choice means the CPU
 * @param task what to do beside the hyper-parameters
 * @param recipe all hyper-parameters
 * @param labels the array of an {@code .npz} file that holds the labels, empty where none does; null for y
 * @param start SHA-256 of the model file where it may be made anew, as originals of {@code reproduce} may; null elsewhere
 */
public record RunConfiguration(
        String network,
        String data,
        @Nullable String dataDir,
        @Nullable ImageOptions images,
        PruningMethods method,
        int threads,
        String device,
        PruningTask task,
        Recipe recipe,
        @Nullable String labels,
        @Nullable String start) {
    /** Where libtorch computes unless something else is asked for. */
    public static final String CPU = "cpu";

    /** Whoever reads a file may find anything in it; one from before there were tasks means the usual thing. */
    @SuppressWarnings("ConstantValue") // what a file does not have arrives as null
    public RunConfiguration {
        require("network", network);
        require("data", data);
        require("method", method);
        require("recipe", recipe);
        device = device == null ? CPU : device;
        task = task == null ? PruningTask.DEFAULT : task;
    }

    /** A run of a network that stays what it is. */
    public RunConfiguration(
            String network,
            String data,
            @Nullable String dataDir,
            @Nullable ImageOptions images,
            PruningMethods method,
            int threads,
            String device,
            PruningTask task,
            Recipe recipe) {
        this(network, data, dataDir, images, method, threads, device, task, recipe, null, null);
    }

    /** The same on another number of threads. */
    public RunConfiguration withThreads(int other) {
        return new RunConfiguration(network, data, dataDir, images, method, other, device, task, recipe, labels, start);
    }

    /** The same with what depends on the machine decided: the precision. */
    RunConfiguration decided() {
        return withRecipe(recipe.on(device));
    }

    /** The same; what is left to the machine is what was decided when the run was begun. */
    public RunConfiguration decidedAs(RunConfiguration begun) {
        return recipe.batches().precision() == Precision.AUTO
                ? withRecipe(recipe.withPrecision(begun.recipe.batches().precision()))
                : this;
    }

    private RunConfiguration withRecipe(Recipe other) {
        return new RunConfiguration(
                network, data, dataDir, images, method, threads, device, task, other, labels, start);
    }

    /** The same with labels in an array of this name; see {@link #labels}. */
    public RunConfiguration withLabels(@Nullable String array) {
        return new RunConfiguration(
                network, data, dataDir, images, method, threads, device, task, recipe, array, start);
    }

    /** The same run, which knows its model file by more than its name. */
    RunConfiguration withStart(@Nullable String sha256) {
        return new RunConfiguration(
                network, data, dataDir, images, method, threads, device, task, recipe, labels, sha256);
    }

    private static void require(String name, @Nullable Object value) {
        if (value == null) {
            throw new IllegalArgumentException("'" + name + "' must be given");
        }
    }
}
