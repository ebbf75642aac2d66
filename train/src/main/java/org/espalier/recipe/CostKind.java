package org.espalier.recipe;

import java.util.Locale;

/** In what a network's cost is counted. */
public enum CostKind {
    /** Multiply-accumulates of one example. */
    MACS,
    /** Floating-point constants. */
    PARAMS,
    /** Bytes of the file. */
    SIZE,
    /** Time in ONNX Runtime, measured where the run is; in milliseconds. */
    LATENCY;

    /** The name as it is typed. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
