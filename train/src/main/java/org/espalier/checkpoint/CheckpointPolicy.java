package org.espalier.checkpoint;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where checkpoints go, and how often one is written. Besides, one is written at the end of each phase, at the end of
 * an epoch as long as writing takes less than a twentieth of the time, and when training stops on request.
 *
 * @param folder is made where it is missing; holds the last two checkpoints. One run at a time may use it
 * @param interval at most this long without a checkpoint, within an epoch too
 * @param everySteps also after so many steps; 0 for never
 */
public record CheckpointPolicy(Path folder, Duration interval, int everySteps) {
    /**
     * Checks the intervals.
     *
     * @param folder is made where it is missing; holds the last two checkpoints. One run at a time may use it
     * @param interval at most this long without a checkpoint, within an epoch too
     * @param everySteps also after so many steps; 0 for never
     */
    public CheckpointPolicy {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException(
                    "checkpoints 'interval': out of range, expected a positive time, found " + interval);
        }
        if (everySteps < 0) {
            throw new IllegalArgumentException(
                    "checkpoints 'everySteps': out of range, expected 0 or more, found " + everySteps);
        }
    }

    /**
     * Checkpoints at least every ten minutes.
     *
     * @param folder where it lies
     * @return the policy
     */
    public static CheckpointPolicy in(Path folder) {
        return new CheckpointPolicy(folder, Duration.ofMinutes(10), 0);
    }
}
