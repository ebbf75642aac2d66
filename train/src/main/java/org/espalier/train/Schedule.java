package org.espalier.train;

/** The published learning-rate policy: constant, then linear to 0. */
record Schedule(double rate, double constantShare, long steps) {
    /** The rate of step {@code step}, from 0. */
    double at(long step) {
        double done = (double) step / Math.max(1, steps);
        return done < constantShare ? rate : rate * (1 - done) / (1 - constantShare);
    }
}
