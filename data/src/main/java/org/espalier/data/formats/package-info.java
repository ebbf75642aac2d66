/**
 * File formats that data sets come in. Not exported.
 */
@NullMarked
package org.espalier.data.formats;

import org.jspecify.annotations.NullMarked;
