package org.espalier.torch;

import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.torch.ops.Kernel;
import org.espalier.torch.ops.KernelCall;
import org.espalier.torch.ops.TensorConversions;
import org.jspecify.annotations.Nullable;

/**
 * A layer whose weights are independent Gaussians, sampled at its outputs instead: for y = Σ xᵢwᵢ + c with wᵢ ~
 * Normal(mᵢ, vᵢ), y ~ Normal(Σ xᵢmᵢ + c, Σ xᵢ²vᵢ). Each example gets noise of its own, and fewer numbers are drawn
 * than there are weights (Kingma, Salimans, Welling: "Variational Dropout and the Local Reparameterization Trick",
 * NIPS 2015). Outputs of one example that share a weight, such as the positions of a convolution, are drawn
 * independently, as is usual.
 */
public final class LocalReparametrization {
    /** Operators that are linear in their second input. */
    private static final Set<String> LINEAR = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");

    /**
     * The least variance: the root's derivative stays finite where all inputs are 0, or where a product's rounding
     * went below.
     */
    private static final double TINY = 1e-8;

    private LocalReparametrization() {}

    /**
     * Whether a node is linear in its second input.
     *
     * @param n a node
     * @return true if it is
     */
    public static boolean applies(Node n) {
        return LINEAR.contains(n.opType());
    }

    /**
     * Whether a constant is read as the second input of such nodes, and nowhere else.
     *
     * @param graph the network
     * @param constant its name
     * @return true if it is
     */
    public static boolean isWeight(Graph graph, String constant) {
        return !graph.isOutput(constant)
                && graph.consumers(constant).stream()
                        .allMatch(n -> applies(n)
                                && n.inputs().indexOf(constant) == 1
                                && n.inputs().lastIndexOf(constant) == 1);
    }

    /**
     * One draw of a layer's output.
     *
     * @param variance of each weight, of the weight's shape
     */
    static Tensor[] sample(Kernel layer, KernelCall call, Tensor variance) {
        Tensor mean = layer.run(call)[0];
        // No bias: it has no variance.
        @Nullable Tensor[] squared = {call.in(0).square(), variance};
        @Nullable TensorData[] unknown = new TensorData[2];
        Tensor spread =
                layer.run(new KernelCall(call.node(), call.opset(), squared, unknown, call.settings(), call.pass()))[0];
        float alpha = call.node().getFloat("alpha", 1);
        if (call.node().opType().equals("Gemm") && alpha != 1) {
            spread = spread.mul(new Scalar((double) alpha));
        }
        return new Tensor[] {mean.add(spread.clamp_min(new Scalar(TINY)).sqrt().mul(standardNormal(mean)))};
    }

    /**
     * One number for each of a tensor, laid out as they are. libtorch fills float32 without gaps several numbers at a
     * time; bfloat16, or channels last, one by one on one core, which took half of a VGG-like's step.
     */
    private static Tensor standardNormal(Tensor like) {
        Tensor flat = torch.randn(
                new long[] {like.numel()}, like.options().dtype(new ScalarTypeOptional(torch.ScalarType.Float)));
        return TensorConversions.laidOutAs(like, flat).to(like.scalar_type());
    }
}
