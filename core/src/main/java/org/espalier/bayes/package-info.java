/**
 * The distributions of Structured Bayesian Pruning in double precision: the truncated log-normal posterior of a unit's
 * multiplier, its log-uniform prior, divergences with gradients, moments, samples, and the rules that decide which units
 * go.
 *
 * <p>{@link org.espalier.bayes.TruncatedLogNormal} is one unit; {@link org.espalier.bayes.PosteriorBatch} is the same
 * mathematics over arrays. Logarithms are natural throughout. A result that is not finite is an exception, never a
 * decision. The formulas and where each is used stand in {@code docs/explain/mathematics.md}.
 */
@NullMarked
package org.espalier.bayes;

import org.jspecify.annotations.NullMarked;
