/** From a graph and the units to keep to a smaller graph that computes the same. */
@NullMarked
package org.espalier.shrink;

import org.jspecify.annotations.NullMarked;
