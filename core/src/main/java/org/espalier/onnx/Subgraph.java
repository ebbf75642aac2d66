package org.espalier.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Attribute;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** The graph that an attribute holds, such as a branch of an {@code If}, opened so that its nodes can stand in the graph around it. */
public final class Subgraph {
    private final GraphProto proto;

    private Subgraph(GraphProto proto) {
        this.proto = proto;
    }

    /**
     * Opens the graph of an attribute.
     *
     * @param attribute the attribute as it is carried along
     * @param where what it belongs to, for messages
     * @return the graph in it
     * @throws GraphException if it holds no graph, or one with inputs or sparse tensors
     */
    public static Subgraph of(Attribute.Opaque attribute, String where) {
        try {
            AttributeProto parsed = AttributeProto.parseFrom(attribute.proto());
            if (!parsed.hasG()
                    || parsed.getG().getInputCount() > 0
                    || parsed.getG().getSparseInitializerCount() > 0) {
                throw new GraphException(where + ": expected a graph without inputs and sparse tensors");
            }
            return new Subgraph(parsed.getG());
        } catch (InvalidProtocolBufferException e) {
            throw new GraphException(where + ": is damaged: " + e.getMessage(), e);
        }
    }

    /** {@return names of the values that it gives, in their order} */
    public List<String> outputs() {
        return proto.getOutputList().stream().map(ValueInfoProto::getName).toList();
    }

    /** {@return names of the values that its nodes compute} */
    public Set<String> computed() {
        Set<String> names = new LinkedHashSet<>();
        proto.getNodeList().forEach(n -> names.addAll(n.getOutputList()));
        names.remove("");
        return names;
    }

    /** {@return names of its constants} */
    public Set<String> constantNames() {
        Set<String> names = new LinkedHashSet<>();
        proto.getInitializerList().forEach(t -> names.add(t.getName()));
        return names;
    }

    /**
     * Its constants under other names.
     *
     * @param names the new name of each value that gets one
     * @return the constants by their new names
     * @throws GraphException if one is of a kind that is not supported
     */
    public Map<String, TensorData> constants(Map<String, String> names) {
        TensorDecoder tensors = new TensorDecoder(new ExternalData(null));
        Map<String, TensorData> all = new LinkedHashMap<>();
        for (TensorProto t : proto.getInitializerList()) {
            String where = "initializer '" + t.getName() + "'";
            all.put(names.getOrDefault(t.getName(), t.getName()), tensors.decode(t, where));
        }
        return all;
    }

    /**
     * Its nodes, in which values have other names; so they have in the graphs that these nodes hold.
     *
     * @param names the new name of each value that gets one
     * @return the nodes in their order
     * @throws GraphException if one is of a kind that is not supported
     */
    public List<Node> nodes(Map<String, String> names) {
        GraphDecoder decoder = new GraphDecoder(new ExternalData(null));
        List<Node> nodes = new ArrayList<>();
        for (NodeProto n : proto.getNodeList()) {
            nodes.add(decoder.node(renamed(n, names), nodes.size()));
        }
        return nodes;
    }

    private static NodeProto renamed(NodeProto node, Map<String, String> names) {
        NodeProto.Builder b = node.toBuilder();
        for (int i = 0; i < node.getInputCount(); i++) {
            b.setInput(i, names.getOrDefault(node.getInput(i), node.getInput(i)));
        }
        for (int i = 0; i < node.getOutputCount(); i++) {
            b.setOutput(i, names.getOrDefault(node.getOutput(i), node.getOutput(i)));
        }
        for (int i = 0; i < node.getAttributeCount(); i++) {
            AttributeProto a = node.getAttribute(i);
            if (!Subgraphs.of(a).isEmpty()) {
                AttributeProto.Builder changed = a.toBuilder().clearGraphs();
                if (a.hasG()) {
                    changed.setG(inner(a.getG(), names));
                }
                a.getGraphsList().forEach(g -> changed.addGraphs(inner(g, names)));
                b.setAttribute(i, changed);
            }
        }
        return b.build();
    }

    /** A graph inside: what it defines itself keeps its name. */
    private static GraphProto inner(GraphProto graph, Map<String, String> names) {
        Map<String, String> seen = new LinkedHashMap<>(names);
        seen.keySet().retainAll(Subgraphs.outerValues(graph));
        GraphProto.Builder b = graph.toBuilder().clearNode();
        graph.getNodeList().forEach(n -> b.addNode(renamed(n, seen)));
        for (int i = 0; i < graph.getOutputCount(); i++) {
            ValueInfoProto out = graph.getOutput(i);
            b.setOutput(i, out.toBuilder().setName(seen.getOrDefault(out.getName(), out.getName())));
        }
        return b.build();
    }
}
