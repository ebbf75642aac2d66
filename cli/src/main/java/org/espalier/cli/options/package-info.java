/** What several commands let the user choose. */
@NullMarked
package org.espalier.cli.options;

import org.jspecify.annotations.NullMarked;
