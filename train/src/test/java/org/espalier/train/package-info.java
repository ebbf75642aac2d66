@NullMarked
package org.espalier.train;

import org.jspecify.annotations.NullMarked;
