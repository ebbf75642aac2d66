package org.espalier.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.espalier.graph.Attribute;
import org.espalier.graph.GraphException;

/** {@code AttributeProto} to {@link Attribute}. */
final class AttributeDecoder {
    private final TensorDecoder tensors;

    AttributeDecoder(TensorDecoder tensors) {
        this.tensors = tensors;
    }

    Attribute decode(AttributeProto proto, String node) {
        String where = node + ": attribute '" + proto.getName() + "'";
        if (!proto.getRefAttrName().isEmpty()) {
            throw new GraphException(where + ": refers to an attribute of a function, expected a value");
        }
        return switch (typeOf(proto)) {
            case FLOAT -> Attribute.of(proto.getF());
            case INT -> Attribute.of(proto.getI());
            case FLOATS -> new Attribute.OfFloats(proto.getFloatsList());
            case INTS -> new Attribute.OfLongs(proto.getIntsList());
            case TENSOR ->
                TensorDecoder.isText(proto.getT())
                        ? opaque(proto, where)
                        : Attribute.of(tensors.decode(proto.getT(), where));
            case STRING ->
                proto.getS().isValidUtf8() ? Attribute.of(proto.getS().toStringUtf8()) : opaque(proto, where);
            case STRINGS -> strings(proto, where);
            default -> opaque(proto, where);
        };
    }

    /** The declared type; some writers leave it out, then the field that is set. */
    private static AttributeType typeOf(AttributeProto proto) {
        if (proto.getType() != AttributeType.UNDEFINED) {
            return proto.getType();
        }
        if (proto.hasF()) {
            return AttributeType.FLOAT;
        }
        if (proto.hasI()) {
            return AttributeType.INT;
        }
        if (proto.hasS()) {
            return AttributeType.STRING;
        }
        if (proto.hasT()) {
            return AttributeType.TENSOR;
        }
        if (proto.getFloatsCount() > 0) {
            return AttributeType.FLOATS;
        }
        if (proto.getIntsCount() > 0) {
            return AttributeType.INTS;
        }
        return proto.getStringsCount() > 0 ? AttributeType.STRINGS : AttributeType.UNDEFINED;
    }

    private static Attribute strings(AttributeProto proto, String where) {
        List<String> values = new ArrayList<>(proto.getStringsCount());
        for (ByteString s : proto.getStringsList()) {
            if (!s.isValidUtf8()) {
                return opaque(proto, where);
            }
            values.add(s.toStringUtf8());
        }
        return new Attribute.OfStrings(values);
    }

    private static Attribute opaque(AttributeProto proto, String where) {
        Subgraphs.refuseExternalData(proto, where);
        Set<String> outer = new LinkedHashSet<>();
        Subgraphs.of(proto).forEach(g -> outer.addAll(Subgraphs.outerValues(g)));
        return new Attribute.Opaque(proto.toByteString().asReadOnlyByteBuffer(), List.copyOf(outer));
    }
}
