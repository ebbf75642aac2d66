@NullMarked
package org.espalier.tensorboard;

import org.jspecify.annotations.NullMarked;
