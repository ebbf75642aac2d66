package org.espalier.job;

/** What an {@link InputException} may be about, for whoever knows under which name the user sets it. */
public enum Setting {
    /** The folder of a run, or of several. */
    FOLDER,
    /** The file that a network goes to. */
    FILE,
    /** To begin a run again at its first step. */
    START_OVER,
    /** Examples held out of the training part. */
    HOLD_OUT,
    /** Examples per step. */
    BATCH_SIZE,
    /** Statistics of batches while training. */
    BATCH_STATISTICS,
    /** Whether to learn from the original network's outputs. */
    TEACHER,
    /** Weights of the divergence by group. */
    KL_WEIGHTS,
    /** The greatest costs of the result. */
    TARGET,
    /** How much worse the result may be. */
    MAX_ERROR,
    /** Inputs of one number that hold a value for good. */
    FIXED_INPUTS
}
