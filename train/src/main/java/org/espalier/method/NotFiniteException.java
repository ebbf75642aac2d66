package org.espalier.method;

/** A parameter of the noise became NaN or infinite: training diverged. */
public final class NotFiniteException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private final int unit;

    NotFiniteException(String parameter, int unit, double found) {
        super("noise: " + parameter + " of unit " + unit + " must be finite, found " + found);
        this.unit = unit;
    }

    /** The unit, in the numbering of the layer. */
    public int unit() {
        return unit;
    }
}
