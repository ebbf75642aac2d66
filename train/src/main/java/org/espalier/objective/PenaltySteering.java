package org.espalier.objective;

/**
 * How hard the divergence pushes, where that follows from how much worse the network may get, or from what it may cost.
 *
 * <p>By how much worse it may get: while the loss with
 * noise is further below its bound than it need be, the share of the divergence grows, and above the bound it falls.
 * The bound is the original network's loss on the same examples, and the tolerance more (Rezende, Viola: "Taming
 * VAEs", 2018, whose multiplier of the constraint is the inverse of the share here).
 *
 * <p>By what it may cost: the share is the Lagrange multiplier of the expected cost. While that is above where it
 * should be by now, the share grows, and below it falls; see {@link #aim}.
 */
public final class PenaltySteering {
    /**
     * What counts as a loss even where the original has none, in nats: a network that knows its examples by heart may
     * forget a little.
     */
    static final double LEAST_LOSS = 0.2;

    /** Share of the divergence's weights to begin with. */
    static final double START = 0.02;

    /** The smallest share of the divergence's weights. */
    public static final double LEAST = 1e-4;

    /** The largest share of the divergence's weights. */
    public static final double MOST = 1e3;

    /** By how many e-folds the share grows over the whole phase where the loss never gets near its bound. */
    private static final double GROWTH = 20;

    /** It falls faster, since units that left do not come back. */
    private static final double FALL = 2;

    /** The loss is averaged over this share of the phase's steps. */
    private static final double WINDOW = 0.015;

    /** By this factor above or below where the expected cost should be, the share changes as fast as it can. */
    private static final double COST_BAND = 1.1;

    private final double tolerance;
    private final double rate;
    private final double newest;
    private double share;
    private double excess;

    /**
     * Begins anew, or where a checkpoint stopped.
     *
     * @param tolerance by how much of the original's loss the loss may be above it
     * @param steps of the phase
     * @param from where to go on
     */
    public PenaltySteering(double tolerance, long steps, State from) {
        this.tolerance = tolerance;
        this.rate = GROWTH / steps;
        this.newest = 1 / Math.max(10, WINDOW * steps);
        this.share = from.share();
        this.excess = from.excess();
    }

    /**
     * Steers by cost, as {@link #aim} says; from the beginning, or where a checkpoint stopped.
     *
     * @param steps of the phase
     * @param from where to go on
     * @return the steering
     */
    public static PenaltySteering byCost(long steps, State from) {
        return new PenaltySteering(0, steps, from);
    }

    /**
     * Whether the share follows from the cost, not from the loss.
     *
     * @return true if {@link #aim} tells where to steer
     */
    public boolean isByCost() {
        return tolerance == 0;
    }

    /**
     * What changes from step to step.
     *
     * @param share of the divergence's weights
     * @param excess average of how far the loss is above the original's, in units of how far it may be; by cost, 1 where
     *     the cost is what it should be, and less where it is more
     */
    public record State(double share, double excess) {
        /** Where steering begins. */
        public static final State BEGIN = new State(START, 0);
    }

    /**
     * By what the weights of the divergence are to be multiplied in the next step.
     *
     * @return a positive number
     */
    public double share() {
        return share;
    }

    /**
     * How far a loss is above the original's, in units of how far it may be.
     *
     * @param loss with noise
     * @param original the original network's
     * @return 1 at the bound
     */
    public double excess(double loss, double original) {
        return (loss - original) / (tolerance * (Math.abs(original) + LEAST_LOSS));
    }

    /**
     * Begins with another share, of which the loss is known.
     *
     * @param newShare of the divergence's weights
     * @param newExcess how far the loss is above the original's there
     */
    public void begin(double newShare, double newExcess) {
        share = newShare;
        excess = newExcess;
    }

    /**
     * Takes a step into account.
     *
     * @param loss of a batch, with noise
     * @param original the original network's loss on it
     */
    public void step(double loss, double original) {
        excess += newest * (excess(loss, original) - excess);
        step();
    }

    /**
     * Says how the expected cost compares with what it should be by now.
     *
     * @param ratio the expected cost by the one wanted; above 0
     */
    public void aim(double ratio) {
        excess = 1 - Math.log(ratio) / Math.log(COST_BAND);
    }

    /** Takes a step in the direction of the last {@link #aim}. */
    public void step() {
        double room = Math.max(-1, Math.min(1, 1 - excess));
        share = Math.max(LEAST, Math.min(MOST, share * Math.exp(rate * (room < 0 ? FALL * room : room))));
    }

    /**
     * What a checkpoint must hold.
     *
     * @return its numbers
     */
    public State state() {
        return new State(share, excess);
    }
}
