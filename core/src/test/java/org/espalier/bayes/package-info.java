/** Tests of the distributions and decision rules. */
@NullMarked
package org.espalier.bayes;

import org.jspecify.annotations.NullMarked;
