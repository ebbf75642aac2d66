package org.espalier.bench;

import java.time.Duration;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.torch.Engine;
import org.espalier.torch.EngineLease;
import org.espalier.torch.Scope;

/** How fast this machine multiplies matrices: what a training step can be compared with. */
public final class ProductRate {
    private static final int SIZE = 2048;

    private ProductRate() {}

    /**
     * GFLOP/s of a 2048 × 2048 product of bfloat16 tensors.
     *
     * @param budget time for it
     * @return the rate
     */
    public static double bfloat16(Duration budget) {
        return measure(ScalarType.BFloat16, budget);
    }

    /**
     * GFLOP/s of a 2048 × 2048 product of float32 tensors, computed exactly.
     *
     * @param budget time for it
     * @return the rate
     */
    public static double float32(Duration budget) {
        return measure(ScalarType.Float, budget);
    }

    /** By the fastest of at least three products. */
    private static double measure(ScalarType type, Duration budget) {
        long best = Long.MAX_VALUE;
        try (EngineLease lease = Engine.lease();
                Scope scope = Scope.open();
                AutoGradMode off = new AutoGradMode(false)) {
            Engine.exact(true);
            Tensor a = torch.randn(SIZE, SIZE).to(type);
            Tensor b = torch.randn(SIZE, SIZE).to(type);
            long end = System.nanoTime() + budget.toNanos();
            for (int i = 0; i < 3 || System.nanoTime() < end; i++) {
                try (Scope product = Scope.open()) {
                    long start = System.nanoTime();
                    a.matmul(b);
                    best = Math.min(best, System.nanoTime() - start);
                }
            }
        }
        return 2.0 * SIZE * SIZE * SIZE / best;
    }
}
