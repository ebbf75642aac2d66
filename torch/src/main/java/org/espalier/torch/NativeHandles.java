package org.espalier.torch;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Pointer;

/**
 * Native objects that outlive the scope in which they were made: all of them go through here, so that a leak can be
 * found.
 *
 * <p>With {@code -Despalier.debug.memory=true} the place that keeps each of them is remembered: {@link #report} names
 * the places and how many objects each has not let go.
 */
public final class NativeHandles {
    /** Whether {@code espalier.debug.memory} is set. */
    public static final boolean DEBUG = Boolean.getBoolean("espalier.debug.memory");

    private static final Map<Long, String> PLACES = new ConcurrentHashMap<>();

    private NativeHandles() {}

    /**
     * Takes an object out of the scope that is open; it lives until it is {@link #release released}.
     *
     * @param <P> its class
     * @param pointer a tensor or another native object
     * @return the same object
     */
    public static <P extends Pointer> P keep(P pointer) {
        pointer.retainReference();
        if (DEBUG) {
            PLACES.put(pointer.address(), caller());
        }
        return pointer;
    }

    /**
     * Lets an object go.
     *
     * @param pointer a tensor or another native object
     */
    public static void release(Pointer pointer) {
        if (DEBUG) {
            PLACES.remove(pointer.address());
        }
        pointer.releaseReference();
    }

    /** The first frames outside of this class. */
    private static String caller() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(f -> !f.getClassName().equals(NativeHandles.class.getName()))
                        .limit(2)
                        .map(f -> f.getClassName().substring(f.getClassName().lastIndexOf('.') + 1) + "."
                                + f.getMethodName() + ":" + f.getLineNumber())
                        .collect(Collectors.joining(" < ")));
    }

    /**
     * How many objects each place keeps, most first; empty unless {@link #DEBUG}.
     *
     * @return counts by place
     */
    public static Map<String, Long> places() {
        Map<String, Long> counts =
                PLACES.values().stream().collect(Collectors.groupingBy(place -> place, Collectors.counting()));
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
    }

    /**
     * One line: resident memory, the places that keep objects, and scopes that are open.
     *
     * @return one line
     */
    public static String report() {
        return "memory " + (Pointer.physicalBytes() >> 20) + " MiB, native objects kept: " + places()
                + ", open scopes: "
                + Scope.openScopes().values().stream()
                        .map(Throwable::getMessage)
                        .toList();
    }
}
