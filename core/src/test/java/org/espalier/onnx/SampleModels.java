package org.espalier.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.List;
import org.espalier.graph.ElementType;

/** Small valid models, as protobuf messages that tests then change. */
final class SampleModels {
    private SampleModels() {}

    static ValueInfoProto value(String name, Object... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Object d : dims) {
            if (d instanceof Integer i) {
                shape.addDimBuilder().setDimValue(i);
            } else {
                shape.addDimBuilder().setDimParam(d.toString());
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder().setElemType(1).setShape(shape)))
                .build();
    }

    static NodeProto node(String name, String op, List<String> in, String out, AttributeProto... attributes) {
        return NodeProto.newBuilder()
                .setName(name)
                .setOpType(op)
                .addAllInput(in)
                .addOutput(out)
                .addAllAttribute(Arrays.asList(attributes))
                .build();
    }

    static AttributeProto.Builder attribute(String name, AttributeType type) {
        return AttributeProto.newBuilder().setName(name).setType(type);
    }

    /** {@code y = x + w}, IR version 3: {@code w} is listed as an input as well. */
    static ModelProto.Builder addition() {
        return ModelProto.newBuilder()
                .setIrVersion(3)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(9))
                .setGraph(GraphProto.newBuilder()
                        .setName("addition")
                        .addInput(value("x", "batch", 2))
                        .addInput(value("w", 2))
                        .addOutput(value("y", "batch", 2))
                        .addInitializer(floats("w", 1, 2))
                        .addNode(node("add", "Add", List.of("x", "w"), "y")));
    }

    static TensorProto floats(String name, float... values) {
        TensorProto.Builder t =
                TensorProto.newBuilder().setName(name).setDataType(1).addDims(values.length);
        for (float v : values) {
            t.addFloatData(v);
        }
        return t.build();
    }

    /** The values 0, 1, 1 in the field that ONNX reserves for a type. */
    static TensorProto typed(String name, ElementType type) {
        TensorProto.Builder t =
                TensorProto.newBuilder().setName(name).setDataType(type.onnx()).addDims(3);
        switch (type) {
            case FLOAT -> t.addAllFloatData(List.of(0f, 1f, 1f));
            case DOUBLE -> t.addAllDoubleData(List.of(0d, 1d, 1d));
            case INT64 -> t.addAllInt64Data(List.of(0L, 1L, 1L));
            case UINT32, UINT64 -> t.addAllUint64Data(List.of(0L, 1L, 1L));
            case FLOAT16 -> t.addAllInt32Data(List.of(0, 0x3c00, 0x3c00));
            case BFLOAT16 -> t.addAllInt32Data(List.of(0, 0x3f80, 0x3f80));
            default -> t.addAllInt32Data(List.of(0, 1, 1));
        }
        return t.build();
    }

    /** A bit of everything: all element types, all kinds of attribute, subgraphs, other domains, metadata, an unused function. */
    static ModelProto.Builder everything() {
        GraphProto.Builder graph = GraphProto.newBuilder()
                .setName("everything")
                .setDocString("described")
                .addInput(value("x", "batch", 3, "height"))
                .addInput(value("condition", 1))
                .addOutput(value("y"))
                .addOutput(value("z", "batch", ""))
                .addValueInfo(value("hidden", "batch", 3));
        for (ElementType type : ElementType.values()) {
            graph.addInitializer(typed("const_" + type, type));
        }
        graph.addInitializer(TensorProto.newBuilder()
                .setName("raw")
                .setDataType(1)
                .addDims(2)
                .setRawData(ByteString.copyFrom(new byte[] {0, 0, -128, 63, 0, 0, 0, 64})));
        graph.addInitializer(
                TensorProto.newBuilder().setName("empty").setDataType(7).addDims(0));
        GraphProto branch = GraphProto.newBuilder()
                .setName("branch")
                .addInitializer(floats("inner", 1))
                .addNode(node("", "Add", List.of("hidden", "inner"), "sum"))
                .addOutput(value("sum"))
                .build();
        graph.addNode(node(
                "choose",
                "If",
                List.of("condition"),
                "y",
                attribute("then_branch", AttributeType.GRAPH).setG(branch).build(),
                attribute("else_branch", AttributeType.GRAPH).setG(branch).build()));
        graph.addNode(node(
                "custom",
                "Custom",
                List.of("x", "", "raw"),
                "hidden",
                attribute("f", AttributeType.FLOAT).setF(0.5f).build(),
                attribute("i", AttributeType.INT).setI(-7).build(),
                attribute("s", AttributeType.STRING)
                        .setS(ByteString.copyFromUtf8("größe"))
                        .build(),
                attribute("bytes", AttributeType.STRING)
                        .setS(ByteString.copyFrom(new byte[] {-1, -2}))
                        .build(),
                attribute("fs", AttributeType.FLOATS).addFloats(1).addFloats(2).build(),
                attribute("is", AttributeType.INTS).addInts(1).addInts(2).build(),
                attribute("none", AttributeType.INTS).build(),
                attribute("ss", AttributeType.STRINGS)
                        .addStrings(ByteString.copyFromUtf8("a"))
                        .build(),
                attribute("t", AttributeType.TENSOR).setT(floats("", 1, 2)).build(),
                attribute("ts", AttributeType.TENSORS).addTensors(floats("", 3)).build()));
        graph.setNode(1, graph.getNode(1).toBuilder().setDomain("org.example"));
        graph.addNode(node("", "Relu", List.of("hidden"), "z"));
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .setProducerName("test")
                .addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain("ai.onnx").setVersion(17))
                .addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain("org.example").setVersion(2))
                .addMetadataProps(
                        StringStringEntryProto.newBuilder().setKey("author").setValue("someone"))
                .addFunctions(FunctionProto.newBuilder().setName("Unused").setDomain("org.example"))
                .setGraph(graph);
    }
}
