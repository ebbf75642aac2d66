package org.espalier.runtime;

import ai.onnxruntime.OrtEnvironment;
import java.io.File;
import java.io.IOException;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * Where ONNX Runtime's native libraries lie. Left alone it unpacks them anew in each process, which takes 0.1 to 0.4 seconds, and leaves an empty
 * folder behind; here JavaCPP, which does the same for libtorch, unpacks them once and keeps them in its cache.
 */
final class NativeLibraries {
    private static final String FOLDER = "onnxruntime.native.path";

    /** ONNX Runtime's names of platforms by JavaCPP's. */
    private static final Map<String, String> PLATFORMS = Map.of(
            "linux-x86_64", "linux-x64",
            "linux-arm64", "linux-aarch64",
            "macosx-arm64", "osx-aarch64",
            "windows-x86_64", "win-x64");

    private NativeLibraries() {}

    /** Unpacks them and tells ONNX Runtime, unless somebody told it already. Where that cannot be done it goes its own way. */
    static synchronized void unpack() {
        String platform = PLATFORMS.get(Loader.getPlatform());
        if (platform == null || System.getProperty(FOLDER) != null) {
            return;
        }
        try {
            File runtime = cached(platform, "onnxruntime");
            if (runtime != null && cached(platform, "onnxruntime4j_jni") != null) {
                System.setProperty(FOLDER, runtime.getParent());
            }
        } catch (IOException | RuntimeException e) {
            // Without a place to keep them they are unpacked for this process alone, or an error says why not.
            System.clearProperty(FOLDER);
        }
    }

    private static @Nullable File cached(String platform, String library) throws IOException {
        return Loader.cacheResource(
                OrtEnvironment.class, "/ai/onnxruntime/native/" + platform + "/" + System.mapLibraryName(library));
    }
}
