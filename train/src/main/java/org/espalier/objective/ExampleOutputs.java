package org.espalier.objective;

import java.util.ArrayList;
import java.util.List;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Value;
import org.espalier.ops.TensorInfo;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/** Which outputs have a row for each example. A logit's scale, a table of priors, a mean over the batch or a matrix of similarities have none. */
public final class ExampleOutputs {
    private ExampleOutputs() {}

    /**
     * Whether an output's first axis grows with the number of examples, and no other does.
     *
     * @param graph the network, with inputs of the data's size
     * @param output its name
     * @return true if it does, or if that is not known before the network runs
     */
    static boolean hasExamples(Graph graph, String output) {
        int fixed = Value.fixedBatch(graph.inputs());
        if (fixed > 0) {
            long[] shape = shape(graph, output, fixed);
            return shape == null || (shape.length > 0 && shape[0] > 0 && shape[0] % fixed == 0);
        }
        long[] two = shape(graph, output, 2);
        long[] three = shape(graph, output, 3);
        if (two == null || three == null) {
            return true;
        }
        // There may be several rows for each example.
        boolean rows = two.length > 0 && three.length == two.length && two[0] > 0 && 3 * two[0] == 2 * three[0];
        for (int a = 1; rows && a < two.length; a++) {
            rows = two[a] == three[a];
        }
        return rows;
    }

    private static long @Nullable [] shape(Graph graph, String output, long batch) {
        try {
            TensorInfo info = InferredShapes.infer(graph, batch).info(output);
            return info == null ? null : info.shape();
        } catch (GraphException e) {
            return null;
        }
    }

    /**
     * The outputs of numbers that have no row for each example, and so are left out of everything that compares networks.
     *
     * @param graph the network, with inputs of the data's size
     * @return their names
     */
    public static List<String> without(Graph graph) {
        List<String> names = new ArrayList<>();
        for (Value output : graph.outputs()) {
            if (output.type().isFloating() && !hasExamples(graph, output.name())) {
                names.add(output.name());
            }
        }
        return names;
    }
}
