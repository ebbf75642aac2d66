package org.espalier.torch;

/** In which format the products of a training step are computed. Parameters, losses and optimizer state are float32 in both. */
public enum Precision {
    /** Tensors are float32. In training, products of matrices may be rounded to bfloat16 inside (see {@link Mode#exact}). */
    FLOAT32,
    /** Convolutions and matrix products take bfloat16 weights and activations, made from float32 masters. */
    MIXED
}
