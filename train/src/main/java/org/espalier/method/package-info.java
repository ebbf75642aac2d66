/**
 * Pruning methods: what is attached to the units or weights of a network while it trains, what that adds to the loss,
 * and what it drops. {@link org.espalier.method.NoiseLayer} is Structured Bayesian Pruning's noise by itself, for any
 * libtorch program.
 */
@NullMarked
package org.espalier.method;

import org.jspecify.annotations.NullMarked;
