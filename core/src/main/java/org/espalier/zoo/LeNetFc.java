package org.espalier.zoo;

import org.espalier.graph.GraphBuilder;

/**
 * Dense layers on MNIST: 784 inputs, two hidden layers, 10 classes.
 *
 * @param first width of the first hidden layer
 * @param second width of the second
 */
record LeNetFc(String name, int first, int second) implements ZooNetwork {
    @Override
    public long[] inputShape() {
        return new long[] {1, 28, 28};
    }

    @Override
    public String layers(GraphBuilder b, String input, WidthScale width) {
        int h1 = width.of(first);
        int h2 = width.of(second);
        String x = b.flatten("flatten", input);
        x = b.relu("relu1", b.gemm("fc1", x, 28 * 28, h1));
        x = b.relu("relu2", b.gemm("fc2", x, h1, h2));
        return b.gemm("fc3", x, h2, classes());
    }
}
