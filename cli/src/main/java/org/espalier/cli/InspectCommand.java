package org.espalier.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.FrozenUnits;
import org.espalier.cli.console.Console;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.console.Table;
import org.espalier.cli.options.FixOption;
import org.espalier.graph.Axis;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.io.SafeText;
import org.espalier.job.Format;
import org.espalier.job.InputException;
import org.espalier.job.ModelNames;
import org.espalier.job.SourceModel;
import org.espalier.ops.OperatorTable;
import org.espalier.ops.TensorInfo;
import org.espalier.rewrite.Leftover;
import org.espalier.shapes.Cost;
import org.espalier.shapes.InferredShapes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code espalier inspect}: what a network is made of and what can be pruned. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Shows layers, groups of units that live or die together, what is frozen and why, parameters,"
                + " multiply-accumulates (MACs).")
final class InspectCommand implements Callable<Integer> {
    /** How many places of a group the table names. */
    private static final int PLACES = 3;

    @ParentCommand
    private EspalierCommand espalier;

    @Parameters(paramLabel = "MODEL.onnx|NETWORK", description = "A file, or a built-in network such as lenet5.")
    private String model;

    @Mixin
    private FixOption fix;

    @Override
    public Integer call() {
        Inspection inspection;
        try {
            // As prune sees it: what is folded here is no obstacle there.
            SourceModel user = SourceModel.of(model, ModelNames.load(model, 0), fix.values());
            Graph graph = user.prepared();
            InferredShapes shapes = InferredShapes.infer(graph, 1);
            inspection = new Inspection(user, graph, shapes, Cost.of(graph, shapes), ChannelGroups.of(graph));
        } catch (GraphException e) {
            throw new InputException(model + ": " + e.getMessage(), e);
        }
        Console console = espalier.console();
        console.result(console.json() ? inspection.data() : Map.of(), console.json() ? "" : inspection.text());
        return ExitCode.DONE;
    }

    /** A network looked at. */
    private record Inspection(SourceModel model, Graph graph, InferredShapes shapes, Cost cost, ChannelGroups groups) {
        Map<String, Object> data() {
            Map<String, Object> data = new LinkedHashMap<>();
            data.put("name", graph.name());
            data.put("opset", graph.opset());
            data.put(
                    "inputs",
                    model.given().inputs().stream().map(String::valueOf).toList());
            data.put(
                    "outputs",
                    model.given().outputs().stream().map(String::valueOf).toList());
            data.put("parameters", cost.parameters());
            data.put("macs", cost.macs());
            data.put("activations", cost.activations());
            data.put("layers", graph.nodes().stream().map(this::layer).toList());
            data.put("groups", groups.groups().stream().map(Inspection::group).toList());
            data.put("rewritten", model.network().rewritten());
            data.put("not_understood", notUnderstood());
            data.put("unknown_shapes", unknownShapes());
            data.put("frozen", groups.frozen().stream().map(Inspection::frozen).toList());
            return data;
        }

        private Map<String, @Nullable Object> layer(Node n) {
            Map<String, @Nullable Object> layer = new LinkedHashMap<>();
            TensorInfo info = shapes.info(n.output(0));
            layer.put("name", n.name());
            layer.put("operator", n.opType());
            layer.put(
                    "output_shape",
                    info == null
                            ? List.of()
                            : Arrays.stream(info.shape()).boxed().toList());
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
                    SafeText.line(model.given().inputs().toString()),
                    SafeText.line(model.given().outputs().toString()),
                    Format.count(cost.parameters()),
                    Format.count(cost.macs()),
                    Format.count(cost.activations())));
            if (!model.network().rewritten().isEmpty()) {
                parts.add(SafeText.line("Read in another form: "
                                + String.join("; ", model.network().rewritten()) + ".") + "\n");
            }
            Table layers = new Table("layer", "operator", "output", "parameters", "MACs");
            for (Node n : graph.nodes()) {
                TensorInfo info = shapes.info(n.output(0));
                String shape = info == null ? "?" : Arrays.toString(info.shape());
                String macs = info == null ? "?" : Format.count(shapes.macs(n));
                layers.row(n.name(), n.opType(), shape, Format.count(parameters(n)), macs);
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
            if (!groups.frozen().isEmpty()) {
                Table table = new Table("frozen", "axis", "units", "why");
                for (FrozenUnits f : groups.frozen()) {
                    table.row(f.value(), f.axis(), f.units(), f.reason());
                }
                parts.add(table.toString());
            }
            return String.join("\n", parts);
        }
    }
}
