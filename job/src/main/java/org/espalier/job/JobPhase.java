package org.espalier.job;

/** The parts of a job, in their order. */
public enum JobPhase {
    /** The network is read and checked, and the data are opened. */
    PREPARE,
    /** The network is trained, pruned and fine-tuned. */
    TRAIN,
    /** The networks are written into the run's folder. */
    EXPORT,
    /** The file with the pruned network is compared with the masked network of full size. */
    CHECK,
    /** The original and the pruned network are timed. */
    TIME,
    /** The report is written. */
    REPORT
}
