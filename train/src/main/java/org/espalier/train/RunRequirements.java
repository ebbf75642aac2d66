package org.espalier.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.data.LabelKind;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.Value;
import org.espalier.objective.ExecutablePart;
import org.espalier.objective.InputMatch;
import org.espalier.objective.LabelledOutput;
import org.espalier.recipe.Augmentations;
import org.espalier.recipe.PruningTask;
import org.espalier.recipe.Recipe;

/**
 * What a network, data and a recipe must have of each other. It is checked before a run begins, as much of it shows
 * only hours later.
 */
public final class RunRequirements {
    private RunRequirements() {}

    /**
     * Checks that all weights are finite numbers. With others the loss would not be a number from the first step on.
     *
     * @param graph the network
     * @throws IllegalArgumentException naming the first weight that is NaN or infinite
     */
    public static void finite(Graph graph) {
        FiniteWeights.require(graph);
    }

    /**
     * Checks that every operator can be executed with gradients which an output of numbers, or a layer's training, needs.
     *
     * @param graph the network
     * @throws IllegalArgumentException naming those that cannot
     */
    public static void trainable(Graph graph) {
        if (ExecutablePart.isTrainable(graph)) {
            return;
        }
        Map<String, String> unknown = new LinkedHashMap<>();
        for (Node n : graph.nodes()) {
            boolean own = n.domain().isEmpty() || n.domain().equals("ai.onnx");
            if (!ExecutablePart.isExecutable(n)) {
                unknown.putIfAbsent(own ? n.opType() : n.domain() + "." + n.opType(), n.name());
            }
        }
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("cannot be trained, "
                    + unknown.entrySet().stream()
                            .map(e -> "operator " + e.getKey() + " (node '" + e.getValue() + "')")
                            .collect(Collectors.joining(", "))
                    + " has no gradients here");
        }
    }

    /**
     * Checks that data fit a network, and a recipe both.
     *
     * @param graph the network
     * @param data the data set
     * @param recipe the run's settings
     * @param task which output labels belong to
     * @throws IllegalArgumentException if examples are too few, inputs, labels or pictures' changes do not fit, or
     *     there is nothing to learn from
     */
    public static void fit(Graph graph, Splits data, Recipe recipe, PruningTask task) {
        examples(graph.inputs(), data.train(), recipe);
        InputMatch.of(graph.inputs(), data.train());
        LabelledOutput.of(graph, data.train(), task);
        changes(recipe.pretraining().augmentation(), data.train());
        changes(recipe.pruning().augmentation(), data.train());
        changes(recipe.finetuning().augmentation(), data.train());
        if (data.train().labelKind() == LabelKind.NONE && needsLabels(recipe)) {
            throw new IllegalArgumentException("data set '" + data.train().name()
                    + "': has no labels, but training before pruning, and pruning without a teacher, learn from labels"
                    + " alone; give labels (y), or leave training before pruning away and take a teacher");
        }
    }

    private static void examples(List<Value> inputs, DataSet train, Recipe recipe) {
        int size = train.size();
        int left = size - recipe.batches().holdOut();
        if (left <= 0) {
            throw new IllegalArgumentException("held-out examples must leave something to train on, expected less than "
                    + size + ", found " + recipe.batches().holdOut());
        }
        int fixed = Value.fixedBatch(inputs);
        if (fixed > left) {
            throw new IllegalArgumentException("takes " + fixed + " examples at a time, found " + left
                    + " to train on in data set '" + train.name() + "'");
        }
        if (fixed > 0 && fixed != recipe.batches().size()) {
            throw new IllegalArgumentException(
                    "takes " + fixed + " examples at a time, which the recipe's batch size must be, found "
                            + recipe.batches().size());
        }
    }

    private static void changes(String augmentation, DataSet train) {
        Augmentations.of(augmentation).ifPresent(BatchLoader.of(train)::augmentation);
    }

    /** Whether a phase has nothing but labels to learn from. */
    private static boolean needsLabels(Recipe r) {
        boolean taught = r.distillation().share() > 0;
        boolean steered = r.noise().tolerance() > 0;
        return r.pretraining().epochs() > 0
                || (!taught && r.finetuning().epochs() > 0)
                || (!taught && !steered && r.pruning().epochs() > 0);
    }
}
