package org.espalier.method;

import org.jspecify.annotations.Nullable;

/** A parameter of the noise became NaN or infinite: training diverged. */
public final class NotFiniteException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private final int unit;
    private final @Nullable String weight;

    NotFiniteException(String parameter, int unit, double found) {
        super("noise: " + parameter + " of unit " + unit + " must be finite, found " + found);
        this.unit = unit;
        this.weight = null;
    }

    NotFiniteException(String parameter, String weight, double found) {
        super("noise: " + parameter + " of weight '" + weight + "' must be finite, found " + found);
        this.unit = -1;
        this.weight = weight;
    }

    /**
     * The unit, in the numbering of the layer; −1 where the noise is a weight's.
     *
     * @return its number
     */
    public int unit() {
        return unit;
    }

    /**
     * The weight whose noise it is; null where it is a unit's.
     *
     * @return its name
     */
    public @Nullable String weight() {
        return weight;
    }
}
