/**
 * Checkpoints: what a run goes on from after it was stopped.
 */
@NullMarked
package org.espalier.checkpoint;

import org.jspecify.annotations.NullMarked;
