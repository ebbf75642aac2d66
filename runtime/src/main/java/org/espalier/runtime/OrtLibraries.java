package org.espalier.runtime;

import ai.onnxruntime.OrtEnvironment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.espalier.platform.NativeEnvironment;
import org.espalier.platform.NativeLibraries;

/**
 * What has to be done before ONNX Runtime's native libraries are loaded.
 *
 * <p>Its telemetry is turned off: left on, it writes files about models and the machine below the user's home and into the temporary folder,
 * looks up a collector's host name, and crashes where the process's command line is longer than some 4,000 characters. It looks at the
 * environment when it is loaded; its own switch comes too late.
 *
 * <p>Left alone it unpacks its libraries anew in each process, which takes 0.1 to 0.4 seconds; here they are unpacked once.
 */
final class OrtLibraries {
    private static final String FOLDER = "onnxruntime.native.path";

    /** ONNX Runtime's names of platforms by JavaCPP's. */
    private static final Map<String, String> PLATFORMS = Map.of(
            "linux-x86_64", "linux-x64",
            "linux-arm64", "linux-aarch64",
            "macosx-arm64", "osx-aarch64",
            "windows-x86_64", "win-x64");

    private static boolean prepared;

    private OrtLibraries() {}

    /** Does it once; a folder that somebody told ONNX Runtime already stays. */
    static synchronized void prepare() {
        if (prepared) {
            return;
        }
        NativeEnvironment.setIfAbsent("ORT_DISABLE_TELEMETRY", "1");
        String platform = PLATFORMS.get(Loader.getPlatform());
        if (platform != null && System.getProperty(FOLDER) == null) {
            Path folder = NativeLibraries.unpack(
                    OrtEnvironment.class,
                    List.of(resource(platform, "onnxruntime"), resource(platform, "onnxruntime4j_jni")));
            if (folder != null) {
                System.setProperty(FOLDER, folder.toString());
            }
        }
        prepared = true;
    }

    private static String resource(String platform, String library) {
        return "/ai/onnxruntime/native/" + platform + "/" + System.mapLibraryName(library);
    }
}
