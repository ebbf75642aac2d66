/**
 * What is done to a network from a file before it is worked on: constants folded, half precision widened, the
 * batch size freed.
 */
@NullMarked
package org.espalier.prepare;

import org.jspecify.annotations.NullMarked;
