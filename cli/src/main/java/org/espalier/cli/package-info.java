/** The command line: commands, run folders, reports. Nothing else in the project prints or exits. */
@NullMarked
package org.espalier.cli;

import org.jspecify.annotations.NullMarked;
