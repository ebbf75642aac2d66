/**
 * Data sets in memory, and the batches that training takes from them.
 *
 * <p>{@link org.espalier.data.DataSet} holds the examples of a data set; {@link org.espalier.data.BatchLoader} turns them into batches of floats, in an order that depends on nothing
 * but the seed and the epoch. No native code.
 */
@NullMarked
package org.espalier.data;

import org.jspecify.annotations.NullMarked;
