/** A run and its folder: configuration, files, the job itself, proof and report. */
@NullMarked
package org.espalier.job;

import org.jspecify.annotations.NullMarked;
