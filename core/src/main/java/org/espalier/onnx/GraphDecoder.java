package org.espalier.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.jspecify.annotations.Nullable;

/** {@code GraphProto} to {@link Graph}. */
final class GraphDecoder {
    private final TensorDecoder tensors;
    private final AttributeDecoder attributes;

    GraphDecoder(ExternalData external) {
        this.tensors = new TensorDecoder(external);
        this.attributes = new AttributeDecoder(tensors);
    }

    Graph decode(GraphProto proto, Map<String, Long> opsets, Map<String, String> metadata) {
        if (proto.getSparseInitializerCount() > 0) {
            throw new GraphException("sparse initializer '"
                    + proto.getSparseInitializer(0).getValues().getName() + "': sparse tensors are not supported");
        }
        Map<String, TensorData> initializers = initializers(proto);
        List<Value> inputs = new ArrayList<>();
        for (ValueInfoProto v : proto.getInputList()) {
            // Before IR version 4 every initializer had to be listed as an input as well.
            if (!initializers.containsKey(v.getName())) {
                inputs.add(value(v, "graph input"));
            }
        }
        List<Value> outputs = new ArrayList<>();
        for (ValueInfoProto v : proto.getOutputList()) {
            outputs.add(value(v, "graph output"));
        }
        if (outputs.isEmpty()) {
            throw new GraphException("graph '" + proto.getName() + "': has no outputs, expected at least one");
        }
        List<Node> nodes = new ArrayList<>(proto.getNodeCount());
        for (NodeProto n : proto.getNodeList()) {
            nodes.add(node(n, nodes.size()));
        }
        return new Graph(proto.getName(), opsets, inputs, outputs, nodes, initializers, metadata);
    }

    private Map<String, TensorData> initializers(GraphProto proto) {
        Map<String, TensorData> out = new LinkedHashMap<>();
        for (TensorProto t : proto.getInitializerList()) {
            if (t.getName().isEmpty()) {
                throw new GraphException("initializer " + out.size() + ": has no name");
            }
            String where = "initializer '" + t.getName() + "'";
            if (out.put(t.getName(), tensors.decode(t, where)) != null) {
                throw new GraphException(where + ": is defined twice");
            }
        }
        return out;
    }

    private static Value value(ValueInfoProto proto, String role) {
        if (proto.getName().isEmpty()) {
            throw new GraphException(role + ": has no name");
        }
        String where = role + " '" + proto.getName() + "'";
        TypeProto type = proto.getType();
        if (!type.hasTensorType()) {
            throw new GraphException(where + ": must be a tensor, found " + kind(type));
        }
        ElementType element = ElementType.ofOnnx(type.getTensorType().getElemType(), where);
        return new Value(
                proto.getName(),
                element,
                type.getTensorType().hasShape() ? shape(type.getTensorType().getShape(), where) : null);
    }

    private static String kind(TypeProto type) {
        return switch (type.getValueCase()) {
            case SEQUENCE_TYPE -> "a sequence";
            case MAP_TYPE -> "a map";
            case OPTIONAL_TYPE -> "an optional value";
            case SPARSE_TENSOR_TYPE -> "a sparse tensor";
            default -> "no type";
        };
    }

    private static @Nullable List<Dimension> shape(TensorShapeProto proto, String where) {
        TensorDecoder.requireRank(proto.getDimCount(), where);
        List<Dimension> dims = new ArrayList<>();
        for (TensorShapeProto.Dimension d : proto.getDimList()) {
            if (!d.hasDimValue()) {
                dims.add(Dimension.symbol(d.getDimParam()));
            } else if (d.getDimValue() >= 0) {
                dims.add(Dimension.of(d.getDimValue()));
            } else {
                throw new GraphException(where + ": sizes must not be negative, found " + d.getDimValue());
            }
        }
        return dims;
    }

    /** A node; its position stands for its name in messages where it has none. */
    Node node(NodeProto proto, int position) {
        String name = proto.getName();
        if (proto.getOpType().isEmpty()) {
            throw new GraphException("node " + position + " '" + name + "': has no operator");
        }
        String label = proto.getOpType() + " '" + (name.isEmpty() ? "node " + position : name) + "'";
        Map<String, Attribute> decoded = new LinkedHashMap<>();
        for (AttributeProto a : proto.getAttributeList()) {
            if (a.getName().isEmpty()) {
                throw new GraphException(label + ": an attribute has no name");
            }
            if (decoded.put(a.getName(), attributes.decode(a, label)) != null) {
                throw new GraphException(label + ": attribute '" + a.getName() + "' is given twice");
            }
        }
        return new Node(
                name,
                proto.getOpType(),
                OnnxReader.domain(proto.getDomain()),
                proto.getInputList(),
                proto.getOutputList(),
                decoded);
    }
}
