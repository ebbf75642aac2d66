package org.espalier.torch;

import java.util.Optional;

/** Tells that libtorch failed, and says why in one line: its own message goes on with the frames of its stack. */
public final class NativeFailure {
    /** Where libtorch's message ends and its stack begins. */
    private static final String STACK = "Exception raised from ";

    private NativeFailure() {}

    /**
     * Why libtorch failed, if that is what was thrown. JavaCPP throws what C++ throws as an ordinary exception.
     *
     * @param failure what was thrown
     * @return a line; empty where something else failed
     */
    public static Optional<String> of(Throwable failure) {
        String message = failure.getMessage();
        if (failure.getClass() != RuntimeException.class || message == null) {
            return Optional.empty();
        }
        StackTraceElement[] stack = failure.getStackTrace();
        boolean isNative = stack.length > 0 && stack[0].isNativeMethod();
        return isNative || message.contains(STACK) ? Optional.of(line(message)) : Optional.empty();
    }

    /** The first line of libtorch's message, without its stack. */
    static String line(String message) {
        int stack = message.indexOf(STACK);
        String text = (stack > 0 ? message.substring(0, stack) : message).strip();
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end).strip();
    }
}
