package org.espalier.cli;

import java.util.ArrayList;
import java.util.List;
import org.espalier.data.DataSet;
import org.espalier.data.InputSpec;
import org.espalier.data.LabelKind;
import org.espalier.data.Splits;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Value;
import org.espalier.ops.Shapes;
import org.espalier.ops.TensorInfo;
import org.espalier.torch.TorchGraph;

/** Whether a network can be trained on a data set: asked before a run's folder is made and time is spent. */
final class Fit {
    private Fit() {}

    /**
     * Checks inputs, classes, operators and the held-out part.
     *
     * @param network as on the command line, for messages
     * @throws InputException if something does not fit
     */
    static void check(String network, Graph graph, Splits data, int holdOut) {
        DataSet train = data.train();
        if (holdOut >= train.size()) {
            throw new InputException("--hold-out must leave something to train on, expected less than " + train.size()
                    + ", found " + holdOut);
        }
        if (train.labelKind() != LabelKind.CLASSES) {
            throw new InputException(
                    "data set '" + train.name() + "': labels must be classes, found " + train.labelKind());
        }
        if (graph.inputs().size() == 1 && train.inputs().size() == 1) {
            checkInput(network, graph.inputs().get(0), train);
        }
        checkClasses(network, graph, train);
        checkTrainable(network, graph);
    }

    private static void checkTrainable(String network, Graph graph) {
        try {
            new TorchGraph(graph).close();
        } catch (GraphException e) {
            throw new InputException(network + ": " + e.getMessage(), e);
        }
    }

    private static void checkInput(String network, Value v, DataSet train) {
        List<Dimension> declared = v.shape();
        if (declared == null) {
            return;
        }
        InputSpec spec = train.inputs().get(0);
        boolean fits = declared.size() == spec.shape().size() + 1;
        for (int a = 1; fits && a < declared.size(); a++) {
            fits = !declared.get(a).isKnown()
                    || declared.get(a).size() == spec.shape().get(a - 1);
        }
        if (!fits) {
            List<Object> expected = new ArrayList<>(List.of("N"));
            expected.addAll(spec.shape());
            throw new InputException(network + ": input '" + v.name() + "' does not fit data set '" + train.name()
                    + "', expected " + expected + ", found " + declared);
        }
    }

    private static void checkClasses(String network, Graph graph, DataSet train) {
        Value output = graph.outputs().get(0);
        TensorInfo info;
        try {
            info = Shapes.infer(graph, 1).info(output.name());
        } catch (GraphException e) {
            throw new InputException(network + ": " + e.getMessage(), e);
        }
        if (info == null) {
            return;
        }
        long[] shape = info.shape();
        if (shape.length != 2 || shape[1] != train.classCount()) {
            throw new InputException(network + ": first output must hold one score per class of data set '"
                    + train.name() + "', expected [N, " + train.classCount() + "], found " + info);
        }
    }
}
