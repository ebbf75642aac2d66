package org.espalier.zoo;

import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;

/** A built-in network. */
interface ZooNetwork {
    /** Its name in {@link Zoo}. */
    String name();

    /** The shape of one example: {@code [C, H, W]}. */
    long[] inputShape();

    /** The number of classes. */
    default int classes() {
        return 10;
    }

    /**
     * Adds the layers between {@code input} [N, C, H, W] and the scores of the classes [N, classes].
     *
     * @return the value that holds the scores
     */
    String layers(GraphBuilder b, String input, WidthScale width);

    /** The network with random weights. */
    default Graph build(WidthScale width, long seed) {
        GraphBuilder b = new GraphBuilder(name(), seed);
        String scores = layers(b, b.input("input", inputShape()), width);
        b.output("logits", scores, classes());
        return b.build();
    }
}
