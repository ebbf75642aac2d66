package org.espalier.shrink;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/**
 * Folds batch normalisation into the convolution or dense layer in front of it: with f = scale / √(variance + ε), the weights of output
 * channel c are multiplied by f[c] and its bias becomes (bias − mean)·f + shift. Computed in double, rounded once.
 *
 * <p>Only where the layer's output goes nowhere else and its weights are its own.
 */
public final class BatchNormFolding {
    private final Graph graph;
    private final Map<String, TensorData> constants;

    private BatchNormFolding(Graph graph) {
        this.graph = graph;
        this.constants = new LinkedHashMap<>(graph.initializers());
    }

    /**
     * The graph with all batch normalisations folded for which that is possible.
     *
     * @param graph the network
     * @return the graph with all batch normalisations folded for which that is possible
     */
    public static Graph fold(Graph graph) {
        return new BatchNormFolding(graph).fold();
    }

    private Graph fold() {
        Map<String, Node> replaced = new HashMap<>();
        Set<String> gone = new HashSet<>();
        for (Node bn : graph.nodes()) {
            Node layer = bn.opType().equals("BatchNormalization") ? graph.producer(bn.input(0)) : null;
            if (layer != null && isFoldable(layer, bn)) {
                replaced.put(layer.name(), folded(layer, bn));
                gone.add(bn.name());
            }
        }
        List<Node> nodes = graph.nodes().stream()
                .filter(n -> !gone.contains(n.name()))
                .map(n -> replaced.getOrDefault(n.name(), n))
                .toList();
        return graph.with(nodes, constants);
    }

    private boolean isFoldable(Node layer, Node bn) {
        boolean known =
                switch (layer.opType()) {
                    case "Conv", "ConvTranspose" -> true;
                    case "Gemm" -> layer.getFloat("alpha", 1) == 1 && layer.getFloat("beta", 1) == 1;
                    default -> false;
                };
        boolean own = graph.consumers(bn.input(0)).size() == 1
                && !graph.isOutput(bn.input(0))
                && graph.consumers(layer.input(1)).size() == 1
                && !graph.isOutput(layer.input(1))
                && graph.initializer(layer.input(1)) != null;
        TensorData bias = graph.initializer(layer.input(2));
        boolean plainBias = !layer.hasInput(2) || (bias != null && bias.rank() == 1 && bias.size(0) == channels(bn));
        boolean constant = bn.getLong("training_mode", 0) == 0 && bn.getLong("spatial", 1) == 1;
        for (int i = 1; i < 5; i++) {
            constant &= graph.initializer(bn.input(i)) != null;
        }
        boolean alone = bn.outputs().stream().skip(1).allMatch(String::isEmpty);
        return known && own && plainBias && constant && alone;
    }

    private long channels(Node bn) {
        TensorData scale = graph.initializer(bn.input(1));
        return scale == null ? -1 : scale.elements();
    }

    private Node folded(Node layer, Node bn) {
        double[] factor = values(bn.input(1));
        double[] shift = values(bn.input(2));
        double[] mean = values(bn.input(3));
        double[] variance = values(bn.input(4));
        double[] bias = layer.hasInput(2) ? values(layer.input(2)) : new double[factor.length];
        for (int c = 0; c < factor.length; c++) {
            factor[c] /= Math.sqrt(variance[c] + bn.getFloat("epsilon", 1e-5f));
            bias[c] = (bias[c] - mean[c]) * factor[c] + shift[c];
        }
        TensorData weight = graph.initializer(layer.input(1));
        if (weight == null) {
            return layer;
        }
        constants.put(layer.input(1), scaled(layer, weight, factor));
        String name = graph.freshName(layer.name() + ".folded_bias");
        constants.put(name, TensorData.ofDoubles(bias, bias.length).as(weight.type()));
        return layer.withInput(2, name).withOutputs(bn.outputs());
    }

    private double[] values(String constant) {
        TensorData t = graph.initializer(constant);
        return t == null ? new double[0] : t.toDoubles();
    }

    private static TensorData scaled(Node layer, TensorData weight, double[] factor) {
        double[] w = weight.toDoubles();
        boolean rows = layer.opType().equals("Conv") || layer.getLong("transB", 0) != 0;
        int group = layer.opType().equals("ConvTranspose") ? (int) layer.getLong("group", 1) : 1;
        int inner = 1;
        for (int a = rows ? 1 : 2; a < weight.rank(); a++) {
            inner *= (int) weight.size(a);
        }
        int perGroup = factor.length / group;
        int inputsPerGroup = rows ? 1 : (int) weight.size(0) / group;
        for (int i = 0; i < w.length; i++) {
            int at = i / inner;
            w[i] *= factor[rows ? at : at / perGroup / inputsPerGroup * perGroup + at % perGroup];
        }
        return TensorData.ofDoubles(w, weight.shape()).as(weight.type());
    }
}
