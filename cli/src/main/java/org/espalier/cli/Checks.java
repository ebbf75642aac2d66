package org.espalier.cli;

/** Rules that options' values have to keep. */
final class Checks {
    private Checks() {}

    static void atLeastOne(String option, int value) {
        if (value < 1) {
            throw new InputException(option + " must be at least 1, found " + value);
        }
    }
}
