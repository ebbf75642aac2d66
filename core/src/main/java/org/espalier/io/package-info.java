/**
 * Files that appear whole or not at all, what an I/O error means, checksums, and the nearest of known names. For
 * the other modules of Espalier alone.
 */
@NullMarked
package org.espalier.io;

import org.jspecify.annotations.NullMarked;
