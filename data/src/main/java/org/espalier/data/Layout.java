package org.espalier.data;

/** The order of an image batch's axes. Inputs that are no images are not affected. */
public enum Layout {
    /** [N, C, H, W], as in ONNX. */
    CHANNELS_FIRST,
    /** [N, H, W, C]. */
    CHANNELS_LAST
}
