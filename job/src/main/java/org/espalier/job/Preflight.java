package org.espalier.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.espalier.runtime.InferenceException;
import org.espalier.runtime.OnnxSession;

/**
 * What would end a run after hours of training is found out before: ONNX Runtime loads, which also writes into the temporary folder, and the
 * network can be written into the run's folder, in the form that it has at the end, and opened again.
 */
final class Preflight {
    private Preflight() {}

    /**
     * Checks; what it writes is removed again.
     *
     * @param network where training begins
     * @throws LinkageError if ONNX Runtime cannot be loaded
     * @throws JobException if the file cannot be written
     * @throws InputException if ONNX Runtime does not open it
     */
    static void check(SourceModel network, RunFolder folder) {
        OnnxSession.load();
        // Of the form of temporary files: what is left of it where the process is killed is removed by the next one.
        Path file = folder.path()
                .resolve(String.format(
                        Locale.ROOT,
                        ".%s.%08x.espalier.tmp",
                        folder.pruned().getFileName(),
                        ThreadLocalRandom.current().nextInt()));
        try {
            folder.writeTemporary(network.asGiven(network.prepared()), file);
            OnnxSession.open(file, 1).close();
        } catch (InferenceException e) {
            // In half precision the result may be one that ONNX Runtime does not run: it is checked in float32 then.
            if (network.half() == null) {
                throw new InputException(
                        network.name() + ": ONNX Runtime must open what is written at the end, found: "
                                + e.getMessage(),
                        e);
            }
        } finally {
            delete(folder, file);
            delete(folder, file.resolveSibling(file.getFileName() + ".data"));
        }
    }

    private static void delete(RunFolder folder, Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw RunFolder.unwritable(folder.path(), e);
        }
    }
}
