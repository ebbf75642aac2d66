package org.espalier.job;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.onnx.OnnxReader;
import org.espalier.prepare.HalfPrecision;
import org.espalier.runtime.InferenceException;
import org.espalier.runtime.OnnxSession;
import org.espalier.zoo.Zoo;

/** Finds the network that a text means: a file, or a network of the zoo. */
public final class ModelNames {
    private ModelNames() {}

    /** Whether a text names a file, not a built-in network. */
    static boolean isFile(String spec) {
        if (Zoo.contains(spec)) {
            return false;
        }
        boolean looksLikeOne = spec.endsWith(".onnx") || spec.contains("/") || spec.contains("\\");
        return looksLikeOne || Files.exists(path(spec));
    }

    private static Path path(String spec) {
        try {
            return Path.of(spec);
        } catch (InvalidPathException e) {
            throw new InputException("'" + spec + "': is not a file name", e);
        }
    }

    /**
     * Reads a file, or builds a network with random weights.
     *
     * @param spec a path, or a name of the zoo
     * @param seed of the random weights
     * @return the network
     * @throws InputException if there is no such file or network, or the file is wrong
     */
    public static Graph load(String spec, long seed) {
        try {
            return isFile(spec) ? read(path(spec)) : Zoo.build(spec, seed);
        } catch (IllegalArgumentException e) {
            throw new InputException(e);
        }
    }

    /**
     * Reads a file.
     *
     * @throws InputException if there is none, or it is wrong
     */
    static Graph read(Path file) {
        try {
            return OnnxReader.read(file);
        } catch (GraphException e) {
            throw new InputException(e);
        }
    }

    /**
     * Opens in ONNX Runtime what {@link #load} gave. A network in bfloat16 that ONNX Runtime does not run is opened
     * in float32, and the listener is told.
     *
     * @param spec a path, or a name of the zoo
     * @param graph what {@link #load} gave for it
     * @param threads how many compute one operator
     * @param listener is told when the network runs in another precision
     * @return the open network; the caller closes it
     * @throws InferenceException if ONNX Runtime does not run it
     */
    public static OnnxSession open(String spec, Graph graph, int threads, JobListener listener) {
        try {
            return isFile(spec) ? OnnxSession.open(path(spec), threads) : OnnxSession.open(graph, threads);
        } catch (InferenceException e) {
            if (HalfPrecision.of(graph) == null) {
                throw e;
            }
            OnnxSession wide = OnnxSession.open(HalfPrecision.widen(graph), threads);
            listener.onMessage(JobMessage.Code.RUN_IN_FLOAT32, "run in float32: " + e.getMessage());
            return wide;
        }
    }
}
