/**
 * What a run tells while it works: metrics of epochs, listeners, and why it ended.
 */
@NullMarked
package org.espalier.progress;

import org.jspecify.annotations.NullMarked;
