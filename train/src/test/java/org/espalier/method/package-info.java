@NullMarked
package org.espalier.method;

import org.jspecify.annotations.NullMarked;
