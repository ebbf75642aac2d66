package org.espalier.bayes;

/**
 * A gradient with respect to the two parameters of a unit's posterior.
 *
 * @param mu the derivative with respect to mu at fixed log sigma
 * @param logSigma the derivative with respect to log sigma at fixed mu
 */
public record Gradient(double mu, double logSigma) {}
