package org.espalier.cli.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.Frozen;
import org.espalier.cli.console.Format;
import org.espalier.cli.console.InputException;
import org.espalier.cli.console.JobException;
import org.espalier.data.BatchLoader;
import org.espalier.data.LabelKind;
import org.espalier.data.Splits;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.method.ByGroup;
import org.espalier.ops.HalfPrecision;
import org.espalier.ops.Prepared;
import org.espalier.runtime.Inputs;
import org.espalier.torch.ops.Operators;
import org.espalier.train.Augmentations;
import org.espalier.train.Head;
import org.espalier.train.InputFit;
import org.espalier.train.Recipe;
import org.jspecify.annotations.Nullable;

/**
 * A network that somebody brings.
 *
 * @param name for messages
 * @param network as it was read, and in the form that analysis and training work on
 */
public record UserModel(String name, Prepared network) {
    /**
     * Prepares a network.
     *
     * @throws InputException if its parts do not fit each other
     */
    public static UserModel of(String name, Graph given) {
        try {
            return new UserModel(name, Prepared.of(given));
        } catch (GraphException e) {
            throw new InputException(name + ": " + e.getMessage(), e);
        }
    }

    /** The network as it was read. */
    public Graph given() {
        return network.given();
    }

    /** The network in the form that analysis and training work on. */
    public Graph prepared() {
        return network.graph();
    }

    /** A graph made from the prepared one, with names and sizes of inputs and outputs as they were given; float32 for half precision. */
    Graph withInterface(Graph g) {
        return network.withInterface(g);
    }

    /**
     * A graph made from the prepared one as a file like the one that was given: inputs, outputs and precision.
     *
     * @throws JobException if a weight does not fit the precision
     */
    public Graph asGiven(Graph g) {
        try {
            return network.asGiven(g);
        } catch (GraphException e) {
            throw new JobException(name + ": " + e.getMessage(), e);
        }
    }

    /** The half-precision type of the network as it was given; null where it is wider. */
    @Nullable
    ElementType half() {
        return HalfPrecision.of(given());
    }

    /**
     * Checks that weights of the divergence are given for groups that there are.
     *
     * @throws InputException if a name or pattern matches none, which would leave all weights at 1
     */
    public void requireGroups(Recipe recipe) {
        List<String> groups = ChannelGroups.of(prepared()).groups().stream()
                .map(ChannelGroup::name)
                .toList();
        for (String key : recipe.klWeights().keySet()) {
            if (groups.stream().noneMatch(g -> ByGroup.matches(key, g))) {
                throw new InputException(
                        name + ": --kl-weights '" + key + "': no group has such a name, found " + groups);
            }
        }
    }

    /**
     * Checks that a data set fits.
     *
     * @param output that labels belong to; null for the first
     * @param recipe says how many training examples are held out, and how pictures are changed
     * @throws InputException if inputs or labels do not, or there are no pictures to change
     */
    public void requireFit(Splits data, @Nullable String output, Recipe recipe) {
        int size = data.train().size();
        int holdOut = recipe.holdOut();
        if (holdOut >= size) {
            throw new InputException(
                    "--hold-out must leave something to train on, expected less than " + size + ", found " + holdOut);
        }
        int fixed = Inputs.fixedBatch(prepared().inputs());
        if (fixed > size - holdOut) {
            throw new InputException(name + ": takes " + fixed + " examples at a time, found " + (size - holdOut)
                    + " to train on in data set '" + data.train().name() + "'");
        }
        boolean untaught = recipe.pretrainEpochs() > 0
                || (recipe.distillation() == 0
                        && (recipe.finetuneEpochs() > 0 || (recipe.pruneEpochs() > 0 && recipe.tolerance() == 0)));
        if (data.train().labelKind() == LabelKind.NONE && untaught) {
            throw new InputException("data set '" + data.train().name() + "': has no labels, but training before"
                    + " pruning, and pruning without a teacher, learn from labels alone; give labels (y), or leave"
                    + " --pretrain-epochs away and take a teacher");
        }
        try {
            InputFit.of(prepared().inputs(), data.train());
            Head.of(prepared(), data.train(), output);
            Augmentations.of(recipe.pretrainAugmentation()).ifPresent(BatchLoader.of(data.train())::augmentation);
            Augmentations.of(recipe.augmentation()).ifPresent(BatchLoader.of(data.train())::augmentation);
        } catch (IllegalArgumentException e) {
            throw new InputException(name + ": " + e.getMessage(), e);
        }
    }

    /**
     * Checks that every operator can be executed with gradients.
     *
     * @throws InputException naming those that cannot
     */
    public void requireTrainable() {
        Map<String, String> unknown = new LinkedHashMap<>();
        for (Node n : prepared().nodes()) {
            boolean own = n.domain().isEmpty() || n.domain().equals("ai.onnx");
            boolean constant = n.opType().equals("Constant");
            if (!own || !(constant || Operators.names().contains(n.opType()))) {
                unknown.putIfAbsent(own ? n.opType() : n.domain() + "." + n.opType(), n.name());
            }
        }
        if (!unknown.isEmpty()) {
            throw new InputException(name + ": cannot be trained, "
                    + unknown.entrySet().stream()
                            .map(e -> "operator " + e.getKey() + " (node '" + e.getValue() + "')")
                            .collect(Collectors.joining(", "))
                    + " has no gradients here; 'espalier inspect' shows all layers");
        }
    }

    /**
     * Checks that there is something to prune.
     *
     * @throws JobException saying why not
     */
    public void requirePrunable(ChannelGroups groups) {
        if (groups.units() == 0) {
            throw new JobException(name + ": nothing can be pruned, "
                    + (groups.frozen().isEmpty()
                            ? "no layer's units are read by another layer with weights"
                            : String.join("; ", reasons(groups))));
        }
    }

    /** What stays and why, one line for each reason. */
    public static List<String> reasons(ChannelGroups groups) {
        Map<String, List<Frozen>> byReason = new LinkedHashMap<>();
        groups.frozen().forEach(f -> byReason.computeIfAbsent(f.reason(), k -> new ArrayList<>())
                .add(f));
        List<String> lines = new ArrayList<>();
        byReason.forEach((reason, all) -> {
            int units = all.stream().mapToInt(Frozen::units).sum();
            lines.add(Format.count(units) + " units stay at '" + all.get(0).value() + "'"
                    + (all.size() > 1 ? " and " + (all.size() - 1) + " other places" : "") + ": " + reason);
        });
        return lines;
    }
}
