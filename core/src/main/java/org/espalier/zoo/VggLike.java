package org.espalier.zoo;

import org.espalier.graph.GraphBuilder;

/**
 * VGG for CIFAR-10: 13 convolutions of 3×3, each with batch normalisation and ReLU, five times 2×2 max-pooling, dense 512 → 512 with
 * batch normalisation and ReLU, dense 512 → 10 (Zagoruyko, "92.45 % on CIFAR-10 in Torch", 2015).
 */
record VggLike() implements ZooNetwork {
    private static final int[][] STAGES = {{64, 64}, {128, 128}, {256, 256, 256}, {512, 512, 512}, {512, 512, 512}};

    @Override
    public String name() {
        return "vgg-like";
    }

    @Override
    public long[] inputShape() {
        return new long[] {3, 32, 32};
    }

    @Override
    public String layers(GraphBuilder b, String input, WidthScale width) {
        String x = input;
        int in = 3;
        int layer = 0;
        for (int stage = 0; stage < STAGES.length; stage++) {
            for (int channels : STAGES[stage]) {
                layer++;
                int out = width.of(channels);
                x = b.conv("conv" + layer, x, in, out, 3, 1, 1, 1, false);
                x = b.relu("relu" + layer, b.batchNorm("bn" + layer, x, out));
                in = out;
            }
            x = b.maxPool("pool" + (stage + 1), x, 2);
        }
        x = b.flatten("flatten", x);
        int hidden = width.of(512);
        x = b.gemm("fc1", x, in, hidden);
        x = b.relu("relu_fc1", b.batchNorm("bn_fc1", x, hidden));
        return b.gemm("fc2", x, hidden, classes());
    }
}
