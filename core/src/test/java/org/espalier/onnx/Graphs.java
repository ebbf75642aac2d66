package org.espalier.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import org.espalier.graph.Graph;

/** Comparison of graphs. */
final class Graphs {
    private Graphs() {}

    /** Everything that a graph holds is the same, order included. */
    static void assertSame(Graph actual, Graph expected) {
        assertThat(actual.name()).isEqualTo(expected.name());
        assertThat(actual.opsets()).isEqualTo(expected.opsets());
        assertThat(actual.inputs()).isEqualTo(expected.inputs());
        assertThat(actual.outputs()).isEqualTo(expected.outputs());
        assertThat(actual.nodes()).isEqualTo(expected.nodes());
        assertThat(actual.initializers().keySet().toArray())
                .isEqualTo(expected.initializers().keySet().toArray());
        assertThat(actual.initializers()).isEqualTo(expected.initializers());
        assertThat(actual.metadata()).isEqualTo(expected.metadata());
    }
}
