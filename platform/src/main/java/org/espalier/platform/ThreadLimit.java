package org.espalier.platform;

import java.util.List;
import java.util.Map;

/** How many threads may be asked for. Native libraries start as many as they are told to, and end the process where there is no room. */
public final class ThreadLimit {
    private static final int PER_PROCESSOR = 4;

    /** Variables that the native libraries read when they are loaded. */
    private static final List<String> VARIABLES =
            List.of("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS");

    private ThreadLimit() {}

    /** {@return the largest number of threads that is accepted: four for each processor} */
    public static int most() {
        return PER_PROCESSOR * Runtime.getRuntime().availableProcessors();
    }

    /**
     * Checks a number of threads.
     *
     * @param name what it is called where it was given
     * @param threads the number
     * @return the same number
     * @throws IllegalArgumentException if it is below 1 or above {@link #most}
     */
    public static int require(String name, long threads) {
        if (threads < 1 || threads > most()) {
            throw new IllegalArgumentException(problem(name, threads));
        }
        return (int) threads;
    }

    private static String problem(String name, long threads) {
        return name + ": must be at least 1 and at most four times the "
                + Runtime.getRuntime().availableProcessors() + " processors, expected 1 to " + most() + ", found "
                + threads;
    }

    /**
     * Checks the variables of the environment that native libraries take a number of threads from.
     *
     * @throws PlatformException that names the variable
     */
    public static void requireEnvironment() {
        requireEnvironment(System.getenv());
    }

    static void requireEnvironment(Map<String, String> environment) {
        for (String name : VARIABLES) {
            // One number for each level of nesting; what is no number is ignored by the libraries, too.
            for (String level : environment.getOrDefault(name, "").split(",", -1)) {
                String digits = level.strip();
                if (digits.matches("0*[1-9][0-9]*")) {
                    long threads = digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(digits);
                    if (threads > most()) {
                        throw new PlatformException(problem("environment variable " + name, threads));
                    }
                }
            }
        }
    }
}
