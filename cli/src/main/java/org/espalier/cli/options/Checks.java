package org.espalier.cli.options;

import org.espalier.job.InputException;
import org.espalier.platform.ThreadLimit;
import org.jspecify.annotations.Nullable;

/** Rules that options' values have to keep. */
public final class Checks {
    private Checks() {}

    /**
     * Refuses a number below 1.
     *
     * @param option the option's name
     * @param value its value
     * @throws InputException that names the option
     */
    public static void atLeastOne(String option, int value) {
        if (value < 1) {
            throw new InputException(option + " must be at least 1, found " + value);
        }
    }

    /**
     * Checks a number of threads, and the variables of the environment that give native libraries one.
     *
     * @param option the option's name
     * @param value its value
     * @throws InputException that names the option
     * @throws org.espalier.platform.PlatformException that names the variable
     */
    public static void threads(String option, int value) {
        try {
            ThreadLimit.require(option, value);
            ThreadLimit.requireEnvironment();
        } catch (IllegalArgumentException e) {
            throw new InputException(e);
        }
    }

    /**
     * Checks that a parameter is given which only {@code --resume} can do without.
     *
     * @param parameter the parameter's name
     * @param value its value
     * @return the value
     * @throws InputException if it is null
     */
    public static String given(String parameter, @Nullable String value) {
        if (value == null) {
            throw new InputException(parameter + " must be given, or --resume RUN for a run that was interrupted");
        }
        return value;
    }
}
