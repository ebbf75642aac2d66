/** Writes what training reports to event files that TensorBoard shows. */
@NullMarked
package org.espalier.tensorboard;

import org.jspecify.annotations.NullMarked;
