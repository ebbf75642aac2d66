package org.espalier.torch;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells that memory did not do. libtorch says so in the message of an ordinary exception and nowhere else. */
public final class MemoryShortage {
    private static final Pattern LIBTORCH =
            Pattern.compile("(DefaultCPUAllocator|CUDA out of memory|std::bad_alloc)[^\\n]*");

    private MemoryShortage() {}

    /**
     * What did not get memory, in words, if that is why something failed; empty where it failed otherwise.
     *
     * @param failure what was thrown
     * @return a line that says so; empty where something else failed
     */
    public static Optional<String> of(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            String message = String.valueOf(t.getMessage());
            Matcher libtorch = LIBTORCH.matcher(message);
            if (libtorch.find()) {
                return Optional.of(libtorch.group());
            }
            if (t instanceof OutOfMemoryError) {
                return Optional.of(message);
            }
        }
        return Optional.empty();
    }
}
