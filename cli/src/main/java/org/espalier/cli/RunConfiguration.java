package org.espalier.cli;

import org.espalier.data.ImageOptions;
import org.espalier.train.Recipe;
import org.espalier.train.Task;
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
 * @param task what to do beside the hyper-parameters
 * @param recipe all hyper-parameters
 */
record RunConfiguration(
        String network,
        String data,
        @Nullable String dataDir,
        @Nullable ImageOptions images,
        MethodChoice method,
        int threads,
        Task task,
        Recipe recipe) {
    /** A run of a file from before there were tasks, too, does the usual thing. */
    @SuppressWarnings("ConstantValue") // a missing field of the file arrives as null
    RunConfiguration {
        task = task == null ? Task.DEFAULT : task;
    }

    /** The usual thing with the usual pictures. */
    RunConfiguration(
            String network, String data, @Nullable String dataDir, MethodChoice method, int threads, Recipe recipe) {
        this(network, data, dataDir, null, method, threads, Task.DEFAULT, recipe);
    }
}
