/**
 * The training loop: {@link org.espalier.train.PruningRun} takes a network and data through pre-training, pruning and
 * fine-tuning to a smaller network.
 */
@NullMarked
package org.espalier.train;

import org.jspecify.annotations.NullMarked;
