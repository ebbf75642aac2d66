package org.espalier.job;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.onnx.OnnxReader;
import org.espalier.prepare.HalfPrecision;
import org.espalier.runtime.InferenceException;
import org.espalier.runtime.OnnxSession;
import org.espalier.zoo.Zoo;

/** Finds the network that a text means: a file, or a network of the zoo. */
public final class ModelNames {
    /** How other kinds of files become ONNX, by their ending. */
    private static final Map<String, String> EXPORTS = exports();

    private ModelNames() {}

    private static Map<String, String> exports() {
        Map<String, String> by = new LinkedHashMap<>();
        String torch = "torch.onnx.export(model, example, 'model.onnx')";
        String keras = "tf2onnx.convert.from_keras(model, output_path='model.onnx')";
        for (String ending : List.of(".pt", ".pth", ".ckpt", ".safetensors")) {
            by.put(ending, torch);
        }
        by.put(".h5", keras);
        by.put(".keras", keras);
        by.put(".pb", "python -m tf2onnx.convert, from the saved model's folder");
        by.put(".tflite", "tf2onnx.convert.from_tflite(file, output_path='model.onnx')");
        for (String ending : List.of(".pkl", ".joblib")) {
            by.put(ending, "skl2onnx.to_onnx(model, example), written with SerializeToString()");
        }
        return by;
    }

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
        EXPORTS.forEach((ending, how) -> {
            if (spec.toLowerCase(Locale.ROOT).endsWith(ending)) {
                throw new InputException("'" + spec + "': a model must be an ONNX file, expected .onnx, found " + ending
                        + "; export it first: " + how);
            }
        });
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
