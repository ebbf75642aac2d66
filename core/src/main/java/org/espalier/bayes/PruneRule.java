package org.espalier.bayes;

/**
 * Decides from a unit's posterior whether the unit goes. Rules are pure and thread-safe: the same parameters always give
 * the same answer, and a number that is not finite is an exception, never a decision.
 */
public interface PruneRule {
    /**
     * Returns by how much the rule is in favour of pruning. Within one rule a greater score means that the unit goes
     * earlier; scores of different rules do not compare.
     *
     * @param mu the mean of log theta before truncation; finite
     * @param logSigma the natural logarithm of its standard deviation; finite
     * @return the score, finite; its unit is that of the rule
     * @throws IllegalArgumentException if a parameter is NaN or infinite
     * @throws ArithmeticException if the score is not finite
     */
    double score(double mu, double logSigma);

    /**
     * Says whether the unit goes.
     *
     * @param mu the mean of log theta before truncation; finite
     * @param logSigma the natural logarithm of its standard deviation; finite
     * @return true to remove the unit
     * @throws IllegalArgumentException if a parameter is NaN or infinite
     * @throws ArithmeticException if the score is not finite
     */
    boolean prunes(double mu, double logSigma);
}
