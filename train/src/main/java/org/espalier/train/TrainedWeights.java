package org.espalier.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.recipe.LayerChoice;
import org.espalier.torch.TrainedConstants;

/**
 * What of a network is trained, and why the rest is not. Beside what is left alone by request, fixed front ends stay
 * as they are: weights that look like the filters of a transform ({@link TransformFilters}), and all constants that
 * such filters are computed from.
 */
public final class TrainedWeights {
    /** Of weights that {@link LayerChoice} leaves alone. */
    public static final String BY_REQUEST = "left alone by request";

    /** Of constants that a fixed filter's input is computed from. */
    public static final String BEFORE = "only prepares the input of a fixed transform";

    /**
     * A constant that training could change.
     *
     * @param name of the constant
     * @param trained whether training changes it
     * @param reason why it does not; empty where it does
     */
    public record Weight(String name, boolean trained, String reason) {}

    private TrainedWeights() {}

    /**
     * Every constant that training could change.
     *
     * @param graph the network
     * @param layers which layers may be pruned
     * @return in the order of the network's constants
     */
    public static List<Weight> of(Graph graph, LayerChoice layers) {
        Map<String, String> fixed = fixed(graph, layers);
        List<Weight> all = new ArrayList<>();
        for (String name : TrainedConstants.trainable(graph)) {
            String reason = fixed.getOrDefault(name, "");
            all.add(new Weight(name, reason.isEmpty(), reason));
        }
        return all;
    }

    /** Constants that are not trained though they could be, each with the reason. */
    static Map<String, String> fixed(Graph graph, LayerChoice layers) {
        Map<String, String> reasons = new LinkedHashMap<>();
        Set<Node> transforms = new LinkedHashSet<>();
        for (Node n : graph.nodes()) {
            for (String name : n.inputs()) {
                TensorData w = graph.initializer(name);
                String what = w == null ? "" : TransformFilters.of(n, name, w);
                if (!what.isEmpty()) {
                    reasons.put(name, "looks like " + what);
                    transforms.add(n);
                }
            }
        }
        for (Node before : before(graph, transforms)) {
            for (String name : before.inputs()) {
                if (graph.initializer(name) != null) {
                    reasons.putIfAbsent(name, BEFORE);
                }
            }
        }
        layers.frozen(graph).forEach(name -> reasons.put(name, BY_REQUEST));
        return reasons;
    }

    /** The nodes that these compute their input from. */
    private static Set<Node> before(Graph graph, Set<Node> nodes) {
        Set<Node> found = new LinkedHashSet<>();
        List<Node> open = new ArrayList<>(nodes);
        while (!open.isEmpty()) {
            for (String name : open.remove(open.size() - 1).inputs()) {
                Node maker = graph.producer(name);
                if (maker != null && found.add(maker)) {
                    open.add(maker);
                }
            }
        }
        return found;
    }
}
