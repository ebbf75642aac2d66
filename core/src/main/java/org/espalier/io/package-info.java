/** What readers and writers of files have in common. */
@NullMarked
package org.espalier.io;

import org.jspecify.annotations.NullMarked;
