package org.espalier.runtime;

import ai.onnxruntime.OrtException;

/** ONNX Runtime refused a network or its inputs, or two networks that should compute the same do not. The message is one line. */
public final class InferenceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean modelRefused;

    InferenceException(String message) {
        super(message);
        this.modelRefused = false;
    }

    private InferenceException(String message, OrtException cause, boolean modelRefused) {
        super(message, cause);
        this.modelRefused = modelRefused;
    }

    static InferenceException refused(String model, OrtException cause) {
        return new InferenceException(model + ": ONNX Runtime cannot open it: " + reason(cause), cause, true);
    }

    static InferenceException failed(String model, OrtException cause) {
        return new InferenceException(model + ": ONNX Runtime cannot run it: " + reason(cause), cause, false);
    }

    /** {@return whether ONNX Runtime could not even open the network, so that the file is at fault} */
    public boolean isModelRefused() {
        return modelRefused;
    }

    private static String reason(OrtException e) {
        String message = e.getMessage() == null ? e.getCode().toString() : e.getMessage();
        return message.strip().replaceAll("\\s*\\R\\s*", "; ").replaceAll("\\p{Cntrl}", "?");
    }
}
