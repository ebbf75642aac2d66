package org.espalier.zoo;

import org.espalier.graph.GraphBuilder;

/**
 * Residual networks for CIFAR-10 (He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", 2016, section 4.2): three stages of
 * 16, 32 and 64 channels with (depth − 2) / 6 blocks each. Where the shape changes, the shortcut is a 1×1 convolution with batch
 * normalisation (the paper's option B).
 */
record ResNet(String name, int depth) implements ZooNetwork {
    @Override
    public long[] inputShape() {
        return new long[] {3, 32, 32};
    }

    @Override
    public String layers(GraphBuilder b, String input, WidthScale width) {
        int in = width.of(16);
        String x = b.conv("conv1", input, 3, in, 3, 1, 1, 1, false);
        x = b.relu("relu1", b.batchNorm("bn1", x, in));
        int blocks = (depth - 2) / 6;
        for (int stage = 1; stage <= 3; stage++) {
            int out = width.of(8 << stage);
            for (int block = 0; block < blocks; block++) {
                int stride = stage > 1 && block == 0 ? 2 : 1;
                x = block(b, "layer" + stage + "." + block, x, in, out, stride);
                in = out;
            }
        }
        x = b.flatten("flatten", b.globalAveragePool("pool", x));
        return b.gemm("fc", x, in, classes());
    }

    private static String block(GraphBuilder b, String name, String x, int in, int out, int stride) {
        String y = b.conv(name + ".conv1", x, in, out, 3, stride, 1, 1, false);
        y = b.relu(name + ".relu1", b.batchNorm(name + ".bn1", y, out));
        y = b.conv(name + ".conv2", y, out, out, 3, 1, 1, 1, false);
        y = b.batchNorm(name + ".bn2", y, out);
        String shortcut = x;
        if (stride != 1 || in != out) {
            shortcut = b.conv(name + ".shortcut.conv", x, in, out, 1, stride, 0, 1, false);
            shortcut = b.batchNorm(name + ".shortcut.bn", shortcut, out);
        }
        return b.relu(name + ".relu2", b.add(name + ".add", y, shortcut));
    }
}
