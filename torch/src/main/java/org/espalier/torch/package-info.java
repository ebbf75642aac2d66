/** Executes a graph with libtorch and autograd: set-up of the engine, parameters, forward passes, the optimizer. */
@NullMarked
package org.espalier.torch;

import org.jspecify.annotations.NullMarked;
