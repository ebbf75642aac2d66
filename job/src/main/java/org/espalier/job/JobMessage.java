package org.espalier.job;

/**
 * Something worth knowing beside a job's result.
 *
 * @param code what it is about
 * @param text one line without an end of line, for people
 */
public record JobMessage(Code code, String text) {
    /** How much it matters. */
    public enum Level {
        /** The job goes as expected. */
        INFO,
        /** The result may not be what one expects. */
        WARNING
    }

    /** What a message is about. */
    public enum Code {
        /** What is about to be done. */
        PLAN(Level.INFO),
        /** Examples were held out, as the data has no test part. */
        TEST_PART_HELD_OUT(Level.INFO),
        /** The file was not in plain operators, and how it was read. */
        REWRITTEN(Level.INFO),
        /** Layers that stay as they are, and why. */
        FROZEN_LAYERS(Level.INFO),
        /** Outputs that have no row for each example, and so are not compared. */
        OUTPUTS_WITHOUT_EXAMPLES(Level.INFO),
        /** Batches are smaller than usual, as memory may not suffice. */
        SMALLER_BATCHES(Level.INFO),
        /** A run goes on from a checkpoint. */
        RESUMED(Level.INFO),
        /** A run of several was finished before. */
        ALREADY_FINISHED(Level.INFO),
        /** What training decided: how hard it pushes, which groups kept their best unit. */
        TRAINING(Level.INFO),
        /** Native memory in use, where it is being looked for. */
        MEMORY(Level.INFO),
        /** No unit was removed. */
        NOTHING_REMOVED(Level.WARNING),
        /** The result costs more than its target, or is worse than it may be. */
        BUDGET_MISSED(Level.WARNING),
        /** Units left while the run trained, and no other threshold brings them back. */
        UNITS_GONE(Level.INFO),
        /** A network in half precision is run in float32. */
        RUN_IN_FLOAT32(Level.WARNING),
        /** The pruned network errs much more than the original. */
        MUCH_WORSE(Level.WARNING),
        /** An output, or one of its channels, is far from what it was. */
        OUTPUT_MUCH_WORSE(Level.WARNING),
        /** There are too few test examples to tell whether the pruned network is worse. */
        TEST_PART_TOO_SMALL(Level.WARNING),
        /** An output that numbers decide, such as a label, differs where these are nearly equal. */
        DECIDED_OUTPUT_DIFFERS(Level.INFO),
        /** Half precision changes a network's outputs more than rounding explains. */
        HALF_PRECISION_DIFFERS(Level.WARNING),
        /** A batch size is not timed, as memory may not suffice. */
        BATCH_NOT_TIMED(Level.WARNING);

        private final Level level;

        Code(Level level) {
            this.level = level;
        }

        /** {@return whether messages of this code are a warning} */
        public Level level() {
            return level;
        }
    }

    /** {@return whether the message is a warning} */
    public Level level() {
        return code.level();
    }
}
