package org.espalier.torch;

/**
 * In which format the products of a training step are computed. Parameters, losses and optimizer state are float32 in
 * all.
 */
public enum Precision {
    /** Tensors are float32, and so are the products of recipes that train in it (see {@link PassMode#exact}). */
    FLOAT32,
    /** Convolutions and matrix products take bfloat16 weights and activations, made from float32 masters. */
    MIXED,
    /** {@link #MIXED} where that is faster, {@link #FLOAT32} elsewhere: decided once, before training, by {@link #on}. */
    AUTO;

    /**
     * What this means on a device; never {@link #AUTO}.
     *
     * @param device as for {@link Engine#device(String)}
     * @return this precision, or for {@link #AUTO} the one that suits the device
     */
    public Precision on(String device) {
        return this != AUTO ? this : Bfloat16.isFast(device) ? MIXED : FLOAT32;
    }
}
