/**
 * Data sets by name or path: {@link org.espalier.data.sources.DataSets} opens them. Adding one is a class here and
 * a line there.
 */
@NullMarked
package org.espalier.data.sources;

import org.jspecify.annotations.NullMarked;
