package org.espalier.train;

/** The published learning-rate policy: constant, then linear to 0; before it a linear rise from 0 over some steps. */
record Schedule(double rate, double constantShare, long steps, long warmupSteps) {
    /** The rate of step {@code step}, from 0. */
    double at(long step) {
        double done = (double) step / Math.max(1, steps);
        if (step < warmupSteps) {
            return rate * (step + 1) / warmupSteps;
        }
        return done < constantShare ? rate : rate * (1 - done) / (1 - constantShare);
    }
}
