package org.espalier.channels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;

/** Multiply-accumulates that removing one unit saves, all else staying; for one example where the batch size is free. */
final class MacsSaved {
    private final Graph graph;
    private final InferredShapes shapes;
    private final UnitTable table;
    private final Map<String, List<Contraction>> sumsByNode = new HashMap<>();
    /** By representative. */
    private final double[] saved;

    MacsSaved(Graph graph, InferredShapes shapes, UnitTable table) {
        this.graph = graph;
        this.shapes = shapes;
        this.table = table;
        this.saved = new double[table.count()];
        for (Contraction c : table.contractions()) {
            sumsByNode.computeIfAbsent(c.node().name(), k -> new ArrayList<>()).add(c);
        }
    }

    /**
     * Adds what a node saves when a unit goes, to each unit along its output's axes and along those over which it sums: the share of the
     * axis; where a unit lies on several, of each what the others leave. A node with several weights, a recurrent layer, costs the sum of what
     * each takes.
     */
    void add(Node n) {
        double cost = (double) shapes.macs(n) / batchSize();
        if (cost > 0) {
            Map<String, List<Contraction>> sums = new LinkedHashMap<>();
            for (Contraction c : sumsByNode.getOrDefault(n.name(), List.of())) {
                sums.computeIfAbsent(c.weight().value(), w -> new ArrayList<>()).add(c);
            }
            double weights = sums.keySet().stream().mapToDouble(this::elements).sum();
            sums.forEach((weight, ofIt) -> {
                List<int[]> axes = outputUnits(n);
                ofIt.forEach(c -> addUnits(table.axisUnits(c.weight()), axes));
                addShares(cost * (elements(weight) / weights), axes);
            });
            if (sums.isEmpty()) {
                addShares(cost, outputUnits(n));
            }
        }
    }

    private double elements(String weight) {
        return TensorData.elements(shapes.shape(weight));
    }

    /** Adds the shares of axes whose sizes are factors of a cost. */
    private void addShares(double cost, List<int[]> axes) {
        Map<Integer, Double> left = new HashMap<>();
        for (int[] axis : axes) {
            Map<Integer, Integer> counts = new HashMap<>();
            Arrays.stream(axis).forEach(u -> counts.merge(table.find(u), 1, Integer::sum));
            counts.forEach((root, count) -> {
                double before = left.getOrDefault(root, cost);
                double share = before * count / axis.length;
                left.put(root, before - share);
                saved[root] += share;
            });
        }
    }

    /** The units on the axes of the first output that a node names. */
    private List<int[]> outputUnits(Node n) {
        List<int[]> axes = new ArrayList<>();
        String out = n.outputs().stream().filter(v -> !v.isEmpty()).findFirst().orElseThrow();
        int rank = shapes.shape(out).length;
        for (int axis = 0; axis < rank; axis++) {
            addUnits(table.axisUnits(out, axis), axes);
        }
        return axes;
    }

    private static void addUnits(int @Nullable [] units, List<int[]> axes) {
        if (units != null) {
            axes.add(units);
        }
    }

    /** What all nodes added save when the unit with this representative goes. */
    double of(int root) {
        return saved[root];
    }

    /** What one of the inputs saves that a node reads: an equal share. */
    double ofInput(Node n, int inputs) {
        return (double) shapes.macs(n) / inputs / batchSize();
    }

    /** The size of the first input's first axis where that is free, by which multiply-accumulates are divided. */
    private long batchSize() {
        List<Dimension> declared =
                graph.inputs().isEmpty() ? null : graph.inputs().get(0).shape();
        if (declared == null || declared.isEmpty() || declared.get(0).isKnown()) {
            return 1;
        }
        return Math.max(1, shapes.shape(graph.inputs().get(0).name())[0]);
    }
}
