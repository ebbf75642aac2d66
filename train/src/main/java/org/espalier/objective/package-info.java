/**
 * What training minimises and measures: the labelled output, the loss, the teacher, the error, and how hard the
 * divergence may push.
 */
@NullMarked
package org.espalier.objective;

import org.jspecify.annotations.NullMarked;
