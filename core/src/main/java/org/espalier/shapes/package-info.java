/**
 * Types, shapes and known values of all values of a graph, the sizes that are asked for free axes, and what a
 * network costs at them.
 */
@NullMarked
package org.espalier.shapes;

import org.jspecify.annotations.NullMarked;
