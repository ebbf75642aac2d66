package org.espalier.torch;

/**
 * In which format the products of a training step are computed. Parameters, losses and optimizer state are float32 in
 * both.
 */
public enum Precision {
    /** Tensors are float32, and so are the products of recipes that train in it (see {@link PassMode#exact}). */
    FLOAT32,
    /** Convolutions and matrix products take bfloat16 weights and activations, made from float32 masters. */
    MIXED
}
