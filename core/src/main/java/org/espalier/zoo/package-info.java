/** Networks of the literature as graphs, found by name: {@link org.espalier.zoo.Zoo}. */
@NullMarked
package org.espalier.zoo;

import org.jspecify.annotations.NullMarked;
