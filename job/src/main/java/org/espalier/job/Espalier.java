package org.espalier.job;

import java.nio.file.Path;
import org.espalier.graph.Graph;

/**
 * The library's entry: whole jobs in one call.
 *
 * <pre>{@code
 * PruningResult result = Espalier.prune(Path.of("model.onnx"))
 *         .data("arrays:examples.npz")
 *         .tolerance(0.1)
 *         .into(Path.of("runs/model"));
 * }</pre>
 *
 * <p>Jobs of one process take turns where they train, since libtorch's random numbers belong to all of it; their folders must differ.
 */
public final class Espalier {
    private Espalier() {}

    /**
     * Prunes a trained network.
     *
     * @param model an ONNX file
     * @return a request with default settings
     * @throws InputException if it cannot be read
     */
    public static PruneRequest prune(Path model) {
        return new PruneRequest(model.toString(), ModelNames.read(model));
    }

    /**
     * Prunes a trained network.
     *
     * @param name by which messages and {@code run.yaml} call it
     * @param network the network, which keeps its weights
     * @return a request with default settings
     */
    public static PruneRequest prune(String name, Graph network) {
        return new PruneRequest(name, network);
    }

    /**
     * Prunes a trained network. A run of it cannot be found again by a file's name.
     *
     * @param network the network, which keeps its weights
     * @return a request with default settings
     */
    public static PruneRequest prune(Graph network) {
        return new PruneRequest(network.name(), network);
    }

    /**
     * Trains a network and prunes it.
     *
     * @param network a network of the zoo such as lenet5, or an ONNX file to start from
     * @return a request with default settings
     */
    public static TrainRequest train(String network) {
        return new TrainRequest(network);
    }
}
