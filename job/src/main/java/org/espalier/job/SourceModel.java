package org.espalier.job;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.FrozenUnits;
import org.espalier.data.DataSet;
import org.espalier.data.Splits;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Value;
import org.espalier.objective.ExecutablePart;
import org.espalier.objective.InputMatch;
import org.espalier.objective.LabelledOutput;
import org.espalier.prepare.HalfPrecision;
import org.espalier.prepare.PreparedGraph;
import org.espalier.recipe.GroupPatterns;
import org.espalier.recipe.LayerChoice;
import org.espalier.recipe.PruningTask;
import org.espalier.recipe.Recipe;
import org.espalier.rewrite.FixedInputs;
import org.espalier.rewrite.Leftover;
import org.espalier.shapes.SizeProbes;
import org.espalier.train.RunRequirements;
import org.espalier.train.TrainedWeights;
import org.jspecify.annotations.Nullable;

/**
 * A network that somebody brings.
 *
 * @param name for messages
 * @param network as it was read, and in the form that analysis and training work on
 */
public record SourceModel(String name, PreparedGraph network) {
    /**
     * Prepares a network.
     *
     * @param name how messages call it
     * @param given the network as it was read
     * @return the network with the form in which it is trained
     * @throws InputException if its parts do not fit each other
     */
    public static SourceModel of(String name, Graph given) {
        return of(name, given, Map.of());
    }

    /**
     * Prepares a network some of whose inputs hold a value for good.
     *
     * @param name how messages call it
     * @param given the network as it was read
     * @param fixed the values by the inputs' names
     * @return the network with the form in which it is trained
     * @throws InputException if its parts do not fit each other, or the values do not fit the inputs
     */
    public static SourceModel of(String name, Graph given, Map<String, String> fixed) {
        return atSizes(name, withFixedInputs(name, given, fixed), Map.of());
    }

    /**
     * Prepares a network that leaves sizes open.
     *
     * @param name how messages call it
     * @param given the network as it was read
     * @param sizes shapes of inputs by name at which it is looked at; the first size, the batch, counts nothing
     * @return the network with the form in which it is trained
     * @throws InputException if its parts do not fit each other
     */
    public static SourceModel atSizes(String name, Graph given, Map<String, long[]> sizes) {
        try {
            PreparedGraph ready = PreparedGraph.of(given, sizes);
            return new SourceModel(name, ready.withGraph(ExecutablePart.withDeciders(ready.graph())));
        } catch (GraphException e) {
            throw new InputException(name + ": " + e.getMessage(), e);
        }
    }

    /**
     * A network with some of its outputs and what these need; inputs that nothing needs any more go, too.
     *
     * @param name how messages call it
     * @param given the network as it was read
     * @param outputs their names; empty for all
     * @return the network with these outputs
     * @throws InputException if there is no such output
     */
    public static Graph keeping(String name, Graph given, List<String> outputs) {
        if (outputs.isEmpty()) {
            return given;
        }
        List<String> names = given.outputs().stream().map(Value::name).toList();
        for (String o : outputs) {
            if (!names.contains(o)) {
                throw new InputException(
                        name + ": output '" + o + "' to keep must be one of the network's, " + Nearest.of(o, names));
            }
        }
        Graph kept = given.withOutputs(
                given.outputs().stream().filter(v -> outputs.contains(v.name())).toList());
        List<Value> inputs = kept.inputs().stream()
                .filter(v -> !kept.consumers(v.name()).isEmpty() || kept.isOutput(v.name()))
                .toList();
        return new Graph(
                kept.name(), kept.opsets(), inputs, kept.outputs(), kept.nodes(), kept.initializers(), kept.metadata());
    }

    /**
     * A network before its data are open: prepared, unless it leaves sizes open and none of the usual ones fits.
     *
     * @param name how messages call it
     * @param given the network as it was read
     * @return the network
     * @throws InputException if its parts do not fit each other
     */
    public static SourceModel beforeData(String name, Graph given) {
        try {
            return of(name, given);
        } catch (InputException e) {
            if (!SizeProbes.hasFreeSizes(given)) {
                throw e;
            }
            return new SourceModel(name, new PreparedGraph(given, HalfPrecision.widen(given)));
        }
    }

    /**
     * The network prepared at the sizes of the data, where it leaves sizes open.
     *
     * @param data the examples
     * @return the network
     * @throws InputException if they do not fit each other
     */
    public SourceModel at(DataSet data) {
        if (!hasFreeSizes()) {
            return this;
        }
        Map<String, long[]> sizes = new LinkedHashMap<>();
        try {
            InputMatch.of(given().inputs(), data)
                    .forEach(f -> sizes.put(f.input().name(), f.shape(1)));
        } catch (IllegalArgumentException e) {
            throw new InputException(name + ": " + e.getMessage(), e);
        }
        SourceModel again = atSizes(name, given(), sizes);
        PreparedGraph there = again.network;
        return new SourceModel(
                name, new PreparedGraph(there.given(), there.graph(), there.sizes(), network.rewritten()));
    }

    /** The same network, read again. */
    SourceModel reread(Graph again) {
        return atSizes(name, again, network.sizes());
    }

    /** {@return outputs that are carried along: training does not compute them} */
    public List<String> carried() {
        List<String> trained = ExecutablePart.of(prepared()).outputs().stream()
                .map(Value::name)
                .toList();
        return given().outputs().stream()
                .map(Value::name)
                .filter(n -> !trained.contains(n))
                .toList();
    }

    /** Whether a size other than the batch is open. */
    boolean hasFreeSizes() {
        return SizeProbes.hasFreeSizes(given());
    }

    /**
     * Removes the inputs that hold a value for good.
     *
     * @param name how messages call it
     * @param given the network as it was read
     * @param fixed the values by the inputs' names
     * @return the network with constants in their place
     * @throws InputException if the values do not fit the inputs
     */
    public static Graph withFixedInputs(String name, Graph given, Map<String, String> fixed) {
        try {
            return FixedInputs.fix(given, fixed);
        } catch (GraphException e) {
            throw new InputException(Setting.FIXED_INPUTS, name + ": " + e.getMessage(), e);
        }
    }

    /** {@return the network as it was read} */
    public Graph given() {
        return network.given();
    }

    /** {@return the network in the form that is analysed and trained} */
    public Graph prepared() {
        return network.graph();
    }

    /** A graph made from the prepared one, with names and sizes of inputs and outputs as they were given; float32 for half precision. */
    Graph withInterface(Graph g) {
        return network.withInterface(g);
    }

    /**
     * Turns a graph that was made from the prepared one into one like the given file: inputs, outputs and precision.
     *
     * @param g the graph
     * @return the graph to write
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
     * @param recipe the hyper-parameters
     * @throws InputException if a name or pattern matches none, which would leave all weights at 1
     */
    public void requireGroups(Recipe recipe) {
        List<String> groups = ChannelGroups.of(prepared()).groups().stream()
                .map(ChannelGroup::name)
                .toList();
        for (String key : recipe.noise().weights().groups().keySet()) {
            if (groups.stream().noneMatch(g -> GroupPatterns.matches(key, g))) {
                throw new InputException(
                        Setting.KL_WEIGHTS,
                        name + ": weight of the divergence for '" + key + "': no group has such a name, found "
                                + groups,
                        null);
            }
        }
    }

    /**
     * Checks that there is a score for each class of a folder of pictures, before minutes are spent on reading them.
     *
     * @param name of the network, for messages
     * @param graph the network
     * @param output the output that labels belong to; null for the first that holds floats
     * @param data what messages call the data
     * @param classes their names; empty for none, which is all right
     * @throws InputException if {@link LabelledOutput#requireClasses} does not hold
     */
    public static void requireClasses(
            String name, Graph graph, @Nullable String output, String data, List<String> classes) {
        try {
            if (!classes.isEmpty()) {
                LabelledOutput.requireClasses(graph, output, data, classes);
            }
        } catch (IllegalArgumentException e) {
            throw new InputException(name + ": " + e.getMessage(), e);
        }
    }

    /**
     * Checks that a data set fits.
     *
     * @param data the examples
     * @param recipe the hyper-parameters
     * @param task which output the labels belong to
     * @throws InputException if {@link RunRequirements#fit} does not hold
     */
    public void requireFit(Splits data, Recipe recipe, PruningTask task) {
        int size = data.train().size();
        if (recipe.batches().holdOut() >= size) {
            throw new InputException(
                    Setting.HOLD_OUT,
                    "examples held out must leave some to train on, expected less than " + size + ", found "
                            + recipe.batches().holdOut(),
                    null);
        }
        try {
            RunRequirements.fit(prepared(), data, recipe, task);
        } catch (IllegalArgumentException e) {
            throw new InputException(name + ": " + e.getMessage(), e);
        }
    }

    /**
     * Checks that weights are numbers and every operator can be executed with gradients.
     *
     * @throws InputException naming those that are not, or cannot
     */
    public void requireTrainable() {
        try {
            // As it was given, for the names of its file; folding may make others.
            RunRequirements.finite(given());
            RunRequirements.finite(prepared());
        } catch (IllegalArgumentException e) {
            throw new InputException(name + ": " + e.getMessage(), e);
        }
        try {
            RunRequirements.trainable(prepared());
        } catch (IllegalArgumentException e) {
            throw untrainable(e);
        }
    }

    /** What is in the network that cannot be trained, and what to do where that is known. */
    private InputException untrainable(IllegalArgumentException e) {
        return Leftover.first(prepared())
                .map(left -> left.inputs().isEmpty()
                        ? new InputException(name + ": " + left.text(), e)
                        : new InputException(Setting.FIXED_INPUTS, name + ": " + left.text(), e))
                .orElseGet(() -> new InputException(name + ": " + e.getMessage(), e));
    }

    /**
     * Checks that there is something to prune.
     *
     * @param groups the units that may be removed
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

    /** What is not trained though it could be, one line for each reason. */
    static List<String> notTrained(Graph graph, LayerChoice layers) {
        Map<String, List<String>> byReason = new LinkedHashMap<>();
        for (TrainedWeights.Weight w : TrainedWeights.of(graph, layers)) {
            if (!w.trained()) {
                byReason.computeIfAbsent(w.reason(), k -> new ArrayList<>()).add(w.name());
            }
        }
        List<String> lines = new ArrayList<>();
        byReason.forEach((reason, names) -> lines.add(
                "'" + names.get(0) + "'" + (names.size() > 1 ? " and " + (names.size() - 1) + " other constants" : "")
                        + (names.size() > 1 ? " are" : " is") + " not trained: " + reason));
        return lines;
    }

    /**
     * Says which units stay, and why.
     *
     * @param groups the analysed network
     * @return one line for each reason
     */
    public static List<String> reasons(ChannelGroups groups) {
        Map<String, List<FrozenUnits>> byReason = new LinkedHashMap<>();
        groups.frozen().forEach(f -> byReason.computeIfAbsent(f.reason(), k -> new ArrayList<>())
                .add(f));
        List<String> lines = new ArrayList<>();
        byReason.forEach((reason, all) -> {
            int units = all.stream().mapToInt(FrozenUnits::units).sum();
            lines.add(Format.count(units) + (units == 1 ? " unit stays at '" : " units stay at '")
                    + all.get(0).value() + "'"
                    + (all.size() > 1
                            ? " and " + (all.size() - 1) + (all.size() == 2 ? " other place" : " other places")
                            : "")
                    + ": " + reason);
        });
        return lines;
    }
}
