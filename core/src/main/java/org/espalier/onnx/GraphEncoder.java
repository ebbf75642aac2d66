package org.espalier.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.espalier.graph.Attribute;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;

/** {@link Graph} to {@code GraphProto}. Equal graphs give equal bytes: attributes are written in the order of their names. */
final class GraphEncoder {
    /** Where the values of some initializers lie outside the model's file. */
    record External(String location, Map<String, Long> offsets) {
        static final External NONE = new External("", Map.of());
    }

    private GraphEncoder() {}

    static GraphProto encode(Graph graph, External external) {
        GraphProto.Builder out = GraphProto.newBuilder().setName(graph.name());
        for (Node n : graph.nodes()) {
            out.addNode(node(n));
        }
        graph.initializers().forEach((name, tensor) -> {
            Long offset = external.offsets().get(name);
            out.addInitializer(
                    offset == null
                            ? tensor(tensor).setName(name)
                            : reference(tensor, external.location(), offset).setName(name));
        });
        for (Value v : graph.inputs()) {
            out.addInput(value(v));
        }
        for (Value v : graph.outputs()) {
            out.addOutput(value(v));
        }
        return out.build();
    }

    private static ValueInfoProto value(Value v) {
        if (v.other() != null) {
            return ValueInfoProto.newBuilder()
                    .setName(v.name())
                    .setType(other(v.name(), v.other()))
                    .build();
        }
        TypeProto.Tensor.Builder type =
                TypeProto.Tensor.newBuilder().setElemType(v.type().onnx());
        if (v.shape() != null) {
            TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
            for (Dimension d : v.shape()) {
                TensorShapeProto.Dimension.Builder dim = shape.addDimBuilder();
                if (d.isKnown()) {
                    dim.setDimValue(d.size());
                } else if (!d.symbol().isEmpty()) {
                    dim.setDimParam(d.symbol());
                }
            }
            type.setShape(shape);
        }
        return ValueInfoProto.newBuilder()
                .setName(v.name())
                .setType(TypeProto.newBuilder().setTensorType(type))
                .build();
    }

    private static TypeProto other(String name, ByteBuffer type) {
        try {
            return TypeProto.parseFrom(type.duplicate());
        } catch (InvalidProtocolBufferException e) {
            throw new GraphException("graph output '" + name + "': its type is damaged", e);
        }
    }

    private static NodeProto node(Node n) {
        NodeProto.Builder out = NodeProto.newBuilder()
                .addAllInput(n.inputs())
                .addAllOutput(n.outputs())
                .setName(n.name())
                .setOpType(n.opType());
        if (!n.domain().isEmpty()) {
            out.setDomain(n.domain());
        }
        new TreeMap<>(n.attributes()).forEach((key, value) -> out.addAttribute(attribute(n, key, value)));
        return out.build();
    }

    private static AttributeProto attribute(Node node, String key, Attribute value) {
        AttributeProto.Builder out = AttributeProto.newBuilder().setName(key);
        if (value instanceof Attribute.OfLong v) {
            out.setType(AttributeType.INT).setI(v.value());
        } else if (value instanceof Attribute.OfFloat v) {
            out.setType(AttributeType.FLOAT).setF(v.value());
        } else if (value instanceof Attribute.OfString v) {
            out.setType(AttributeType.STRING).setS(ByteString.copyFromUtf8(v.value()));
        } else if (value instanceof Attribute.OfLongs v) {
            out.setType(AttributeType.INTS).addAllInts(v.values());
        } else if (value instanceof Attribute.OfFloats v) {
            out.setType(AttributeType.FLOATS).addAllFloats(v.values());
        } else if (value instanceof Attribute.OfStrings v) {
            out.setType(AttributeType.STRINGS);
            v.values().forEach(s -> out.addStrings(ByteString.copyFromUtf8(s)));
        } else if (value instanceof Attribute.OfTensor v) {
            out.setType(AttributeType.TENSOR).setT(tensor(v.value()));
        } else if (value instanceof Attribute.Opaque v) {
            return opaque(node, key, v);
        }
        return out.build();
    }

    private static AttributeProto opaque(Node node, String key, Attribute.Opaque value) {
        try {
            return AttributeProto.parseFrom(UnsafeByteOperations.unsafeWrap(value.proto())).toBuilder()
                    .setName(key)
                    .build();
        } catch (InvalidProtocolBufferException e) {
            throw new GraphException(node.label() + ": attribute '" + key + "' is damaged", e);
        }
    }

    private static TensorProto.Builder header(TensorData t) {
        TensorProto.Builder out = TensorProto.newBuilder().setDataType(t.type().onnx());
        for (long d : t.shape()) {
            out.addDims(d);
        }
        return out;
    }

    private static TensorProto.Builder tensor(TensorData t) {
        return header(t).setRawData(UnsafeByteOperations.unsafeWrap(t.data()));
    }

    private static TensorProto.Builder reference(TensorData t, String location, long offset) {
        return header(t)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", location))
                .addExternalData(entry("offset", Long.toString(offset)))
                .addExternalData(entry("length", Long.toString(t.data().remaining())));
    }

    static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }
}
