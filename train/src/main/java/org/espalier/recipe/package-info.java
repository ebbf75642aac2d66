/**
 * The settings of a run and their defaults, by network.
 */
@NullMarked
package org.espalier.recipe;

import org.jspecify.annotations.NullMarked;
