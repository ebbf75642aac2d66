package org.espalier.zoo;

import org.espalier.graph.GraphBuilder;

/**
 * LeNet-5 as Caffe has it, for MNIST: 20 and 50 channels of 5×5 without padding, 2×2 max-pooling after each, dense 800 → 500 → 10.
 *
 * <p>Pooling comes before the activation: the result is the same and ReLU runs on a quarter of the elements.
 */
record LeNet5() implements ZooNetwork {
    @Override
    public String name() {
        return "lenet5";
    }

    @Override
    public long[] inputShape() {
        return new long[] {1, 28, 28};
    }

    @Override
    public String layers(GraphBuilder b, String input, WidthScale width) {
        int c1 = width.of(20);
        int c2 = width.of(50);
        int hidden = width.of(500);
        String x = b.conv("conv1", input, 1, c1, 5, 1, 0, 1, true);
        x = b.relu("relu1", b.maxPool("pool1", x, 2));
        x = b.conv("conv2", x, c1, c2, 5, 1, 0, 1, true);
        x = b.relu("relu2", b.maxPool("pool2", x, 2));
        x = b.flatten("flatten", x);
        x = b.relu("relu3", b.gemm("fc1", x, c2 * 4 * 4, hidden));
        return b.gemm("fc2", x, hidden, classes());
    }
}
