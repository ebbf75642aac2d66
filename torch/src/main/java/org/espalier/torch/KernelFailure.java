package org.espalier.torch;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.torch.ops.TensorConversions;
import org.jspecify.annotations.Nullable;

/** What libtorch rejects, in one line: the node, the reason, and the shapes that it got. */
final class KernelFailure {
    private KernelFailure() {}

    static GraphException of(Node n, @Nullable Tensor[] in, RuntimeException e) {
        return new GraphException(
                n.label() + ": " + NativeFailure.line(String.valueOf(e.getMessage())) + describe(n, in), e);
    }

    private static String describe(Node n, @Nullable Tensor[] in) {
        StringBuilder text = new StringBuilder(", inputs");
        for (int i = 0; i < in.length; i++) {
            Tensor t = in[i];
            if (t != null) {
                text.append(i == 0 ? " " : ", ").append(n.input(i)).append(Arrays.toString(TensorConversions.shape(t)));
            }
        }
        return text.toString();
    }
}
