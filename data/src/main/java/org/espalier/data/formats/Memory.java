package org.espalier.data.formats;

/** Room for data, asked for before they are read: filling memory for minutes to fail then helps nobody. */
public final class Memory {
    /** What the JVM takes for one array beside its elements, and for the reference to it. */
    private static final int PER_ROW = 24;

    private Memory() {}

    /**
     * Bytes that rows of a data set take; what does not fit a long is more than there is.
     *
     * @param rows how many rows
     * @param bytesPerRow bytes of a row
     * @return bytes that rows of a data set take
     */
    public static long ofRows(long rows, long bytesPerRow) {
        try {
            return Math.multiplyExact(rows, Math.addExact(bytesPerRow, PER_ROW));
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    /**
     * Whether the JVM may have as many bytes.
     *
     * @param bytes the bytes
     * @return whether the JVM may have as many bytes
     */
    public static boolean holds(long bytes) {
        return bytes <= Runtime.getRuntime().maxMemory();
    }

    /**
     * Bytes as messages give them, in MB.
     *
     * @param bytes the bytes
     * @return bytes as messages give them, in MB
     */
    public static String megabytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
