package org.espalier.data.formats;

/** Room for data, asked for before they are read: filling memory for minutes to fail then helps nobody. */
public final class Memory {
    /** What the JVM takes for one array beside its elements, and for the reference to it. */
    private static final int PER_ROW = 24;

    private Memory() {}

    /** Bytes that rows of a data set take; what does not fit a long is more than there is. */
    public static long ofRows(long rows, long bytesPerRow) {
        try {
            return Math.multiplyExact(rows, Math.addExact(bytesPerRow, PER_ROW));
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    /** Whether the JVM may have as many bytes. */
    public static boolean holds(long bytes) {
        return bytes <= Runtime.getRuntime().maxMemory();
    }

    public static String megabytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
