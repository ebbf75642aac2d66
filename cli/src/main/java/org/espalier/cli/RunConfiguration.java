package org.espalier.cli;

import org.espalier.train.Recipe;
import org.jspecify.annotations.Nullable;

/**
 * All that a run depends on: what {@code run.yaml} holds.
 *
 * @param network a network of the zoo, or a model file
 * @param data the data set's name as on the command line
 * @param dataDir where data sets lie; null for the default places
 * @param method what prunes
 * @param threads of libtorch
 * @param recipe all hyper-parameters
 */
record RunConfiguration(
        String network, String data, @Nullable String dataDir, MethodChoice method, int threads, Recipe recipe) {
    /** Whoever reads a file may find anything in it. */
    RunConfiguration {
        require("network", network);
        require("data", data);
        require("method", method);
        require("recipe", recipe);
    }

    private static void require(String name, @Nullable Object value) {
        if (value == null) {
            throw new IllegalArgumentException("'" + name + "' must be given");
        }
    }
}
