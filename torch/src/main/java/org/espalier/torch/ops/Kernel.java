package org.espalier.torch.ops;

import org.bytedeco.pytorch.Tensor;

/** What one ONNX operator computes. */
@FunctionalInterface
public interface Kernel {
    /**
     * The outputs, in the node's order; there may be more than the node names.
     *
     * @param call the call
     * @return what it computes
     */
    Tensor[] run(KernelCall call);

    /** An operator with one output. */
    @FunctionalInterface
    interface Single {
        /**
         * The only output.
         *
         * @param call the call
         * @return what it computes
         */
        Tensor run(KernelCall call);
    }

    /**
     * Wraps an operator with one output.
     *
     * @param single a kernel with one result
     * @return the same with a list of one
     */
    static Kernel of(Single single) {
        return call -> new Tensor[] {single.run(call)};
    }
}
