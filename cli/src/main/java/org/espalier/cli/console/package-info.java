/** What the user sees of any command: lines, tables, progress, errors of one line, exit codes. */
@NullMarked
package org.espalier.cli.console;

import org.jspecify.annotations.NullMarked;
