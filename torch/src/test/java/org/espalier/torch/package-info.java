@NullMarked
package org.espalier.torch;

import org.jspecify.annotations.NullMarked;
