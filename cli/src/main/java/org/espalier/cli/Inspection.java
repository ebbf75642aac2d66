package org.espalier.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.FrozenUnits;
import org.espalier.channels.LayerSelection;
import org.espalier.channels.LayerStates;
import org.espalier.cli.console.Table;
import org.espalier.graph.Axis;
import org.espalier.graph.Graph;
import org.espalier.graph.LayerNames;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.io.SafeText;
import org.espalier.job.Format;
import org.espalier.job.SourceModel;
import org.espalier.ops.OperatorTable;
import org.espalier.ops.TensorInfo;
import org.espalier.rewrite.Leftover;
import org.espalier.shapes.Cost;
import org.espalier.shapes.InferredShapes;
import org.espalier.shapes.SizeProbes;
import org.jspecify.annotations.Nullable;

/** A network looked at: what it is made of, what can be pruned, what stays and why. */
record Inspection(
        Graph given,
        Graph graph,
        InferredShapes shapes,
        Cost cost,
        ChannelGroups groups,
        List<LayerStates.Layer> states,
        Map<String, Freed> freed,
        List<String> carried,
        List<String> rewritten) {
    /** How many places of a group, or layers of a reason, the tables name. */
    private static final int PLACES = 3;

    /**
     * What the network without an output would gain.
     *
     * @param units more prunable units
     * @param macs multiply-accumulates that only this output needs
     * @param prunable more multiply-accumulates in layers whose own units can go
     */
    record Freed(int units, long macs, long prunable) {}

    static Inspection of(SourceModel user, Map<String, long[]> sizes) {
        Graph graph = user.prepared();
        InferredShapes shapes = SizeProbes.first(graph, 1, sizes, null);
        ChannelGroups groups = ChannelGroups.of(graph, SizeProbes.first(graph, 2, sizes, null), LayerSelection.ALL);
        List<LayerStates.Layer> states = new LayerStates(groups).layers(shapes);
        Map<String, Freed> freed = new LinkedHashMap<>();
        List<Value> outputs = user.given().outputs();
        for (Value v : outputs.size() > 1 ? outputs : List.<Value>of()) {
            freed.put(v.name(), without(user, v, sizes, groups, states));
        }
        return new Inspection(
                user.given(),
                graph,
                shapes,
                Cost.of(graph, shapes),
                groups,
                states,
                freed,
                user.carried(),
                user.network().rewritten());
    }

    private static Freed without(
            SourceModel user,
            Value output,
            Map<String, long[]> sizes,
            ChannelGroups all,
            List<LayerStates.Layer> states) {
        List<String> others = user.given().outputs().stream()
                .map(Value::name)
                .filter(n -> !n.equals(output.name()))
                .toList();
        Graph left = SourceModel.atSizes(user.name(), SourceModel.keeping(user.name(), user.given(), others), sizes)
                .prepared();
        ChannelGroups groups = ChannelGroups.of(left, SizeProbes.first(left, 2, sizes, null), LayerSelection.ALL);
        List<LayerStates.Layer> now = new LayerStates(groups).layers(SizeProbes.first(left, 1, sizes, null));
        return new Freed(
                groups.units() - all.units(),
                macs(states) - macs(now),
                macs(now.stream().filter(Inspection::isPrunable).toList())
                        - macs(states.stream().filter(Inspection::isPrunable).toList()));
    }

    private static boolean isPrunable(LayerStates.Layer l) {
        return l.kind() == LayerStates.Kind.PRUNABLE;
    }

    private static long macs(List<LayerStates.Layer> layers) {
        return layers.stream().mapToLong(LayerStates.Layer::macs).sum();
    }

    Map<String, Object> data() {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", graph.name());
        data.put("opset", graph.opset());
        data.put("inputs", given.inputs().stream().map(String::valueOf).toList());
        data.put("outputs", given.outputs().stream().map(String::valueOf).toList());
        data.put("parameters", cost.parameters());
        data.put("macs", cost.macs());
        data.put("activations", cost.activations());
        data.put("layers", graph.nodes().stream().map(this::layer).toList());
        data.put("groups", groups.groups().stream().map(Inspection::group).toList());
        data.put("rewritten", rewritten);
        data.put("not_understood", notUnderstood());
        data.put("unknown_shapes", unknownShapes());
        data.put("frozen", groups.frozen().stream().map(Inspection::frozen).toList());
        Map<String, Object> sizes = new LinkedHashMap<>();
        for (Value v : graph.inputs()) {
            TensorInfo info = shapes.info(v.name());
            if (info != null) {
                sizes.put(v.name(), info.shape());
            }
        }
        data.put("sizes", sizes);
        data.put("states", reasons().stream().map(Reason::data).toList());
        Map<String, Object> without = new LinkedHashMap<>();
        freed.forEach(
                (name, f) -> without.put(name, Map.of("units", f.units, "macs", f.macs, "prunable_macs", f.prunable)));
        data.put("without_output", without);
        data.put("carried_outputs", carried);
        return data;
    }

    private Map<String, @Nullable Object> layer(Node n) {
        Map<String, @Nullable Object> layer = new LinkedHashMap<>();
        TensorInfo info = shapes.info(n.output(0));
        layer.put("name", n.name());
        layer.put("label", LayerNames.of(n));
        layer.put("operator", n.opType());
        layer.put(
                "output_shape",
                info == null ? List.of() : Arrays.stream(info.shape()).boxed().toList());
        layer.put("parameters", parameters(n));
        layer.put("macs", info == null ? null : shapes.macs(n));
        return layer;
    }

    /** Nodes of operators that are not known. */
    private List<String> notUnderstood() {
        return graph.nodes().stream()
                .filter(n -> OperatorTable.find(n) == null)
                .map(Node::label)
                .toList();
    }

    /** Nodes whose outputs have sizes that are not known, and so no number of MACs. */
    private List<String> unknownShapes() {
        return graph.nodes().stream()
                .filter(n -> shapes.info(n.output(0)) == null)
                .map(Node::label)
                .toList();
    }

    /** Those that no earlier layer has. */
    private long parameters(Node n) {
        long sum = 0;
        for (String in : n.inputs().stream().distinct().toList()) {
            TensorData t = in.isEmpty() ? null : graph.initializer(in);
            if (t != null
                    && t.type().isFloating()
                    && graph.consumers(in).get(0).name().equals(n.name())) {
                sum += t.elements();
            }
        }
        return sum;
    }

    private static Map<String, Object> group(ChannelGroup g) {
        Map<String, Object> group = new LinkedHashMap<>();
        group.put("name", g.name());
        group.put("kind", g.kind() == ChannelGroup.Kind.INPUTS ? "inputs" : "channels");
        group.put("units", g.size());
        group.put("macs_per_unit", g.macsPerUnit());
        group.put("places", g.places().stream().map(Axis::toString).toList());
        return group;
    }

    /** The first few places; JSON has them all. */
    private static String where(List<Axis> places) {
        String first = places.stream().limit(PLACES).map(Axis::toString).collect(Collectors.joining(" "));
        return places.size() <= PLACES ? first : first + " and " + (places.size() - PLACES) + " more";
    }

    private static Map<String, Object> frozen(FrozenUnits f) {
        Map<String, Object> frozen = new LinkedHashMap<>();
        frozen.put("value", f.value());
        frozen.put("axis", f.axis());
        frozen.put("units", f.units());
        frozen.put("reason", f.reason());
        return frozen;
    }

    String text() {
        List<String> parts = new ArrayList<>();
        parts.add(Format.of(
                "%s: operator set %d, inputs %s, outputs %s%n%s parameters, %s MACs, %s activations%n",
                SafeText.line(graph.name()),
                graph.opset(),
                SafeText.line(given.inputs().toString()),
                SafeText.line(given.outputs().toString()),
                Format.count(cost.parameters()),
                Format.count(cost.macs()),
                Format.count(cost.activations())));
        if (!rewritten.isEmpty()) {
            parts.add(SafeText.line("Read in another form: " + String.join("; ", rewritten) + ".") + "\n");
        }
        parts.add(sizesLine());
        Table layers = new Table("layer", "operator", "output", "parameters", "MACs");
        for (Node n : graph.nodes()) {
            TensorInfo info = shapes.info(n.output(0));
            String shape = info == null ? "?" : Arrays.toString(info.shape());
            String macs = info == null ? "?" : Format.count(shapes.macs(n));
            layers.row(LayerNames.of(n), n.opType(), shape, Format.count(parameters(n)), macs);
        }
        parts.add(layers.toString());
        List<String> unknown = unknownShapes();
        if (!unknown.isEmpty()) {
            parts.add(Format.of(
                    "Sizes of %s outputs are not known, first of %s: the sums leave their MACs and activations"
                            + " out.%n",
                    Format.count(unknown.size()), SafeText.line(unknown.get(0))));
        }
        if (groups.groups().isEmpty()) {
            parts.add("Nothing can be pruned.\n");
        } else {
            Table table = new Table("group", "removes", "units", "MACs/unit", "where");
            for (ChannelGroup g : groups.groups()) {
                String kind = g.kind() == ChannelGroup.Kind.INPUTS ? "inputs" : "channels";
                String where = where(g.places());
                table.row(g.name(), kind, Format.count(g.size()), Format.count(g.macsPerUnit()), where);
            }
            parts.add(table.toString());
        }
        if (!notUnderstood().isEmpty()) {
            parts.add(Format.of(
                    "Not understood, so that what they touch stays: %s.%n",
                    SafeText.line(String.join(", ", notUnderstood()))));
        }
        Leftover.first(graph)
                .ifPresent(left -> parts.add(SafeText.line("Cannot be trained as it is: "
                                + left.text()
                                + (left.inputs().isEmpty()
                                        ? ""
                                        : " (--fix " + left.inputs().get(0) + "=VALUE)") + ".")
                        + "\n"));
        parts.add(stateTable());
        if (!carried.isEmpty()) {
            parts.add("Carried along and not trained: outputs " + SafeText.line(String.join(", ", carried)) + ".\n");
        }
        parts.add(outputTable());
        parts.removeIf(String::isEmpty);
        return String.join("\n", parts);
    }

    /** Layers that can lose as much, for the same reason not more. */
    private record Reason(LayerStates.Kind kind, String why, long macs, long all, List<String> layers) {
        String share() {
            return Format.of("%.1f %%", all == 0 ? 0.0 : 100.0 * macs / all);
        }

        String what() {
            return switch (kind) {
                case PRUNABLE -> "prunable";
                case INPUTS -> "inputs only";
                case STAYS -> "stays";
            };
        }

        Map<String, Object> data() {
            return Map.of("state", what(), "why", why, "macs", macs, "layers", layers);
        }
    }

    private List<Reason> reasons() {
        Map<List<Object>, List<LayerStates.Layer>> by = new LinkedHashMap<>();
        for (LayerStates.Kind kind : LayerStates.Kind.values()) {
            for (LayerStates.Layer l : states) {
                if (l.kind() == kind) {
                    by.computeIfAbsent(List.of(kind, l.reason()), k -> new ArrayList<>())
                            .add(l);
                }
            }
        }
        List<Reason> reasons = new ArrayList<>();
        by.forEach((key, layers) -> reasons.add(new Reason(
                layers.get(0).kind(),
                layers.get(0).reason(),
                macs(layers),
                macs(states),
                layers.stream().map(l -> LayerNames.of(l.node())).toList())));
        return reasons;
    }

    private String stateTable() {
        if (states.isEmpty()) {
            return "";
        }
        Table table = new Table("layers", "MACs", "share", "number", "which", "why its own units stay");
        for (Reason r : reasons()) {
            String first = r.layers.stream().limit(PLACES).collect(Collectors.joining(" "));
            int more = r.layers.size() - PLACES;
            table.row(
                    r.what(),
                    Format.count(r.macs),
                    r.share(),
                    r.layers.size(),
                    first + (more > 0 ? " and " + more + " more" : ""),
                    r.why);
        }
        return table.toString();
    }

    private String outputTable() {
        if (freed.values().stream().noneMatch(f -> f.units > 0 || f.macs > 0 || f.prunable > 0)) {
            return "";
        }
        Table table = new Table("without output", "units more", "MACs less", "MACs more prunable");
        freed.forEach(
                (name, f) -> table.row(name, Format.count(f.units), Format.count(f.macs), Format.count(f.prunable)));
        return table + "(--keep-outputs NAME,... keeps the others)\n";
    }

    /** The sizes at which free axes are looked at; empty where none is free. */
    private String sizesLine() {
        List<String> taken = new ArrayList<>();
        for (Value v : given.inputs()) {
            TensorInfo info = shapes.info(v.name());
            boolean free = v.shape() == null || v.shape().stream().skip(1).anyMatch(d -> !d.isKnown());
            boolean multiple = info != null
                    && info.rank() > 0
                    && info.shape()[0] > 1
                    && v.shape() != null
                    && !v.shape().isEmpty()
                    && !v.shape().get(0).isKnown();
            if (info != null && (free || multiple)) {
                taken.add(SafeText.line(v.name()) + "="
                        + Arrays.stream(info.shape()).mapToObj(String::valueOf).collect(Collectors.joining("x")));
            }
        }
        return taken.isEmpty() ? "" : "Looked at " + String.join(", ", taken) + " (--shape for others).\n";
    }
}
