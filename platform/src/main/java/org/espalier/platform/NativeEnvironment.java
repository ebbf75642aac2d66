package org.espalier.platform;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Sets environment variables of this process before the native libraries that read them are loaded.
 *
 * <p>GNU OpenMP reads {@code OMP_WAIT_POLICY} and {@code GOMP_SPINCOUNT} once, when it is loaded, and without them
 * lets idle workers spin for milliseconds; next to OpenBLAS's own workers or any other busy process a training step
 * then takes many times as long. Java cannot change the environment, but C's {@code environ} may be pointed to a
 * larger copy. Variables that the user has set are left as they are.
 */
public final class NativeEnvironment {
    private NativeEnvironment() {}

    /**
     * Adds {@code name=value} where the process has no such variable. Does nothing where the C library does not
     * export environ.
     *
     * @param name the variable
     * @param value what native libraries then read
     */
    public static synchronized void setIfAbsent(String name, String value) {
        if (System.getenv(name) != null) {
            return;
        }
        NativeLibraries.load(Loader.class);
        Pointer symbol = Loader.addressof("environ");
        if (symbol == null || symbol.isNull()) {
            return;
        }
        PointerPointer<BytePointer> environ = new PointerPointer<>(symbol);
        List<Pointer> entries = new ArrayList<>();
        Pointer old = environ.get(0L);
        if (old != null && !old.isNull()) {
            PointerPointer<BytePointer> array = new PointerPointer<>(old);
            for (Pointer p = array.get(0L); p != null && !p.isNull(); p = array.get(entries.size())) {
                entries.add(p);
            }
        }
        // Never freed: the C library reads both for as long as the process lives.
        byte[] text = (name + "=" + value + "\0").getBytes(StandardCharsets.US_ASCII);
        BytePointer entry = new BytePointer(Pointer.malloc(text.length));
        entry.put(text);
        PointerPointer<BytePointer> fresh = new PointerPointer<>(Pointer.calloc(entries.size() + 2L, 8));
        for (int i = 0; i < entries.size(); i++) {
            fresh.put((long) i, entries.get(i));
        }
        fresh.put((long) entries.size(), entry);
        environ.put(0L, fresh);
    }
}
