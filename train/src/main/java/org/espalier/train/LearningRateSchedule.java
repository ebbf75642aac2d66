package org.espalier.train;

/** The published learning-rate policy: constant, then linear to 0; before both a linear rise from 0 over some steps. */
public record LearningRateSchedule(double rate, double constantShare, long steps, long warmupSteps) {
    /**
     * The rate of step {@code step}, from 0.
     *
     * @param step the step, from 0
     * @return the rate
     */
    public double at(long step) {
        if (step < warmupSteps) {
            return rate * (step + 1) / warmupSteps;
        }
        double done = (double) (step - warmupSteps) / Math.max(1, steps - warmupSteps);
        return done < constantShare ? rate : rate * (1 - done) / (1 - constantShare);
    }
}
