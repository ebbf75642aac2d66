package org.espalier.job;

import java.util.Map;
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
 * @param fixed inputs of one number that hold a value for good, by name; null for none
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
        @Nullable String start,
        @Nullable Map<String, String> fixed) {
    /** Where libtorch computes unless something else is asked for. */
    public static final String CPU = "cpu";

    /**
     * Checks what a file must hold, and puts the usual value where a file says nothing.
     *
     * @param network a name of the zoo, or a path
     * @param data the data set's name
     * @param dataDir where data sets lie; null for the default places
     * @param images how pictures become examples; null for as they are
     * @param method what trains
     * @param threads of libtorch
     * @param device of libtorch; null for the CPU
     * @param task what to do beside the hyper-parameters; null for the usual
     * @param recipe all hyper-parameters
     * @param start SHA-256 of the model file; null for none
     * @param labels the array that holds the labels, empty where none does; null for y
     * @param fixed values that inputs hold for good, by the inputs' names
     */
    @SuppressWarnings("ConstantValue") // what a file does not have arrives as null
    public RunConfiguration {
        require("network", network);
        require("data", data);
        require("method", method);
        require("recipe", recipe);
        device = device == null ? CPU : device;
        task = task == null ? PruningTask.DEFAULT : task;
    }

    /**
     * Creates the configuration of a run whose model file is not made anew.
     *
     * @param network a name of the zoo, or a path
     * @param data the data set's name
     * @param dataDir where data sets lie; null for the default places
     * @param images how pictures become examples; null for as they are
     * @param method what trains
     * @param threads of libtorch
     * @param device of libtorch
     * @param task what to do beside the hyper-parameters
     * @param recipe all hyper-parameters
     */
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
        this(network, data, dataDir, images, method, threads, device, task, recipe, null, null, null);
    }

    /**
     * Gives the same configuration with another number of threads.
     *
     * @param other the number
     * @return the changed copy
     */
    public RunConfiguration withThreads(int other) {
        return new RunConfiguration(
                network, data, dataDir, images, method, other, device, task, recipe, labels, start, fixed);
    }

    /** The same with what depends on the machine decided: the precision. */
    RunConfiguration decided() {
        return withRecipe(recipe.on(device));
    }

    /**
     * Gives the same configuration, with the precision and the number of threads that an earlier part of the run
     * decided on.
     *
     * @param begun the configuration that the run was begun with
     * @return the changed copy
     */
    public RunConfiguration decidedAs(RunConfiguration begun) {
        return recipe.batches().precision() == Precision.AUTO
                ? withRecipe(recipe.withPrecision(begun.recipe.batches().precision()))
                : this;
    }

    private RunConfiguration withRecipe(Recipe other) {
        return new RunConfiguration(
                network, data, dataDir, images, method, threads, device, task, other, labels, start, fixed);
    }

    /**
     * Gives the same configuration with labels in another array.
     *
     * @param array its name; see {@link #labels}
     * @return the changed copy
     */
    public RunConfiguration withLabels(@Nullable String array) {
        return new RunConfiguration(
                network, data, dataDir, images, method, threads, device, task, recipe, array, start, fixed);
    }

    /** The same run, which knows its model file by more than its name. */
    RunConfiguration withStart(@Nullable String sha256) {
        return new RunConfiguration(
                network, data, dataDir, images, method, threads, device, task, recipe, labels, sha256, fixed);
    }

    /**
     * Gives the same configuration with other inputs that hold a value for good.
     *
     * @param values by the inputs' names; null or empty for none
     * @return the changed copy
     */
    public RunConfiguration withFixed(@Nullable Map<String, String> values) {
        Map<String, String> some = values == null || values.isEmpty() ? null : values;
        return new RunConfiguration(
                network, data, dataDir, images, method, threads, device, task, recipe, labels, start, some);
    }

    private static void require(String name, @Nullable Object value) {
        if (value == null) {
            throw new IllegalArgumentException("'" + name + "' must be given");
        }
    }
}
