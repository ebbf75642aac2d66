/**
 * Pictures of a folder: decoding, scaling and cutting. Not exported.
 */
@NullMarked
package org.espalier.data.pictures;

import org.jspecify.annotations.NullMarked;
