/**
 * How fast training steps and networks are on this machine.
 */
@NullMarked
package org.espalier.bench;

import org.jspecify.annotations.NullMarked;
