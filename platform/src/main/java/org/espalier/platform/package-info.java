/** What the machine has to give: places for caches, native libraries, the process's environment, threads. */
@NullMarked
package org.espalier.platform;

import org.jspecify.annotations.NullMarked;
