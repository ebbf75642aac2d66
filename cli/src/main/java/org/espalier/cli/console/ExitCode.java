package org.espalier.cli.console;

/** How the process ends, beside 129, 130 and 143 for a run that was interrupted. */
public final class ExitCode {
    /** The command did what it was asked for. */
    public static final int DONE = 0;
    /** The job failed. */
    public static final int FAILED = 1;
    /** The command line or an input file is wrong. */
    public static final int WRONG_INPUT = 2;

    private ExitCode() {}
}
