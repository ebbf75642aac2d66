package org.espalier.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.espalier.graph.GraphException;

/**
 * What a subgraph (the body of an {@code If} or {@code Loop}) has to do with the graph around it. Recursion is as deep as subgraphs
 * nest, which protobuf's own limit bounds.
 */
final class Subgraphs {
    private Subgraphs() {}

    /** The graphs that an attribute holds directly. */
    static List<GraphProto> of(AttributeProto attribute) {
        return attribute.hasG() ? List.of(attribute.getG()) : attribute.getGraphsList();
    }

    /** Names of values that a subgraph reads and does not define, in the order of first use. */
    static Set<String> outerValues(GraphProto graph) {
        Set<String> used = new LinkedHashSet<>();
        Set<String> defined = new HashSet<>();
        for (ValueInfoProto v : graph.getInputList()) {
            defined.add(v.getName());
        }
        for (TensorProto t : graph.getInitializerList()) {
            defined.add(t.getName());
        }
        graph.getSparseInitializerList().forEach(t -> defined.add(t.getValues().getName()));
        for (NodeProto n : graph.getNodeList()) {
            used.addAll(n.getInputList());
            defined.addAll(n.getOutputList());
            for (AttributeProto a : n.getAttributeList()) {
                of(a).forEach(g -> used.addAll(outerValues(g)));
            }
        }
        for (ValueInfoProto v : graph.getOutputList()) {
            used.add(v.getName());
        }
        used.removeAll(defined);
        used.remove("");
        return used;
    }

    /** Refuses weights outside the file: the bytes of a subgraph are carried as they are, and would point to nothing elsewhere. */
    static void refuseExternalData(GraphProto graph, String where) {
        graph.getInitializerList().forEach(t -> refuseExternalData(t, where));
        for (NodeProto n : graph.getNodeList()) {
            for (AttributeProto a : n.getAttributeList()) {
                refuseExternalData(a, where);
            }
        }
    }

    static void refuseExternalData(AttributeProto attribute, String where) {
        of(attribute).forEach(g -> refuseExternalData(g, where));
        refuseExternalData(attribute.getT(), where);
        attribute.getTensorsList().forEach(t -> refuseExternalData(t, where));
    }

    private static void refuseExternalData(TensorProto tensor, String where) {
        if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            throw new GraphException(
                    where + ": external data inside a subgraph is not supported (tensor '" + tensor.getName() + "')");
        }
    }

    /** Shows every node of a graph, those of subgraphs included. */
    static void forEachNode(List<NodeProto> nodes, Consumer<NodeProto> visitor) {
        for (NodeProto n : nodes) {
            visitor.accept(n);
            for (AttributeProto a : n.getAttributeList()) {
                of(a).forEach(g -> forEachNode(g.getNodeList(), visitor));
            }
        }
    }
}
