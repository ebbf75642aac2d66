package org.espalier.torch.ops;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Gemm, MatMul and Einsum. */
final class MatMulKernels {
    private MatMulKernels() {}

    static void register(Map<String, Kernel> table) {
        table.put("Gemm", Kernel.of(MatMulKernels::gemm));
        table.put("MatMul", Kernel.of(c -> torch.matmul(c.factor(c.in(0)), c.factor(c.in(1)))));
        table.put("Einsum", Kernel.of(MatMulKernels::einsum));
    }

    private static Tensor einsum(KernelCall c) {
        TensorVector factors = new TensorVector();
        for (int i = 0; i < c.count(); i++) {
            factors.push_back(c.factor(c.in(i)));
        }
        return torch.einsum(c.node().getString("equation", ""), factors);
    }

    private static Tensor gemm(KernelCall c) {
        float alpha = c.node().getFloat("alpha", 1);
        float beta = c.node().getFloat("beta", 1);
        Tensor a = c.factor(c.in(0));
        if (c.node().getLong("transA", 0) != 0) {
            a = a.t();
        }
        Tensor b = c.factor(c.in(1));
        boolean rows = c.node().getLong("transB", 0) != 0;
        if (alpha == 1 && beta == 1 && c.has(2) && c.in(2).dim() == 1) {
            return torch.linear(a, rows ? b : b.t(), new TensorOptional(c.factor(c.in(2))));
        }
        Tensor product = torch.linear(a, rows ? b : b.t());
        if (alpha != 1) {
            product = product.mul(KernelCall.scalar(alpha));
        }
        if (!c.has(2)) {
            return product;
        }
        Tensor bias = c.factor(c.in(2));
        return product.add(beta == 1 ? bias : bias.mul(KernelCall.scalar(beta)));
    }
}
