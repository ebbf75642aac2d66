package org.espalier.prepare;

import java.util.Objects;
import java.util.function.Predicate;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.ops.ExampleRows;
import org.espalier.ops.Operator;
import org.espalier.ops.OperatorTable;
import org.espalier.ops.TensorInfo;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/**
 * Whether nodes keep examples apart whose rows lie one after the other along first axes: the rows of one example come from the rows of the
 * same example alone, in the same way for all, and lie in the same order.
 *
 * <p>What is not known to keep them apart does not. That shapes grow along the first axis alone is checked elsewhere, and taken for granted
 * here.
 */
final class ExampleIndependence {
    private final Graph graph;
    private final InferredShapes one;
    private final InferredShapes two;

    /**
     * A check of the nodes of a graph.
     *
     * @param one shapes with one example
     * @param two shapes with two
     */
    ExampleIndependence(Graph graph, InferredShapes one, InferredShapes two) {
        this.graph = graph;
        this.one = one;
        this.two = two;
    }

    /** Whether a node keeps examples apart. */
    boolean keepsExamplesApart(Node n) {
        Operator op = OperatorTable.find(n);
        if (op == null || countsExamples(n, op)) {
            return false;
        }
        Predicate<String> grows = this::grows;
        if (n.inputs().stream().noneMatch(grows)) {
            return op.repeatsRows(n) || n.outputs().stream().noneMatch(grows);
        }
        ExampleRows rows = new RowsOfNode(n);
        return !op.readsElements(rows)
                || (n.outputs().stream().allMatch(out -> out.isEmpty() || grows(out)) && op.keepsExamplesApart(rows));
    }

    private boolean grows(String value) {
        TensorInfo a = value.isEmpty() ? null : one.info(value);
        TensorInfo b = value.isEmpty() ? null : two.info(value);
        return a != null && b != null && a.rank() > 0 && b.rank() > 0 && a.shape()[0] < b.shape()[0];
    }

    /** Whether a node computes with a number that differs with the batch, other than to make a shape or another such number. */
    private boolean countsExamples(Node n, Operator op) {
        boolean counted = n.outputs().stream().anyMatch(out -> !out.isEmpty() && two.valueAtTheseSizes(out) == null);
        for (int i = 0; i < n.inputs().size() && counted; i++) {
            TensorData a = one.valueAtTheseSizes(n.input(i));
            TensorData b = two.valueAtTheseSizes(n.input(i));
            boolean number = a != null && b != null && graph.initializer(n.input(i)) == null && !grows(n.input(i));
            if (number && !Objects.equals(a, b) && !op.takesSizes(n, i)) {
                return true;
            }
        }
        return false;
    }

    /** One node as its operator sees it. */
    private final class RowsOfNode implements ExampleRows {
        private final Node node;

        RowsOfNode(Node node) {
            this.node = node;
        }

        @Override
        public Node node() {
            return node;
        }

        @Override
        public long opset() {
            return graph.opset();
        }

        @Override
        public int rank(int i) {
            return one.shape(node.input(i)).length;
        }

        @Override
        public boolean hasRows(int i) {
            return grows(node.input(i));
        }

        @Override
        public @Nullable TensorData constant(int i) {
            return one.constant(node.input(i));
        }

        @Override
        public boolean keepsRowCount() {
            return one.shape(node.input(0))[0] == one.shape(node.output(0))[0];
        }
    }
}
