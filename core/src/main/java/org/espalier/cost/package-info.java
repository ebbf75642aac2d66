/** What a network costs: parameters, multiply-accumulates, activations. */
@NullMarked
package org.espalier.cost;

import org.jspecify.annotations.NullMarked;
