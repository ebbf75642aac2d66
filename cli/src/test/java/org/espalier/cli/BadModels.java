package org.espalier.cli;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Models that are valid protobuf and wrong all the same: images [N, 1, 28, 28] to ten scores but for one fault. */
final class BadModels {
    private BadModels() {}

    private static ValueInfoProto value(String name, int... shape) {
        TensorShapeProto.Builder dims = TensorShapeProto.newBuilder()
                .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("N"));
        for (int size : shape) {
            dims.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder().setElemType(1).setShape(dims)))
                .build();
    }

    private static NodeProto node(String name, String op, List<String> inputs, String output) {
        return NodeProto.newBuilder()
                .setName(name)
                .setOpType(op)
                .addAllInput(inputs)
                .addOutput(output)
                .build();
    }

    private static GraphProto.Builder graph(int rows) {
        TensorProto.Builder w = TensorProto.newBuilder()
                .setName("w")
                .setDataType(1)
                .addDims(rows)
                .addDims(10);
        for (int i = 0; i < rows * 10; i++) {
            w.addFloatData(0.01f * (i % 7));
        }
        return GraphProto.newBuilder()
                .setName("bad")
                .addInput(value("input", 1, 28, 28))
                .addOutput(value("logits", 10))
                .addInitializer(w)
                .addNode(node("flatten", "Flatten", List.of("input"), "flat"));
    }

    private static Path write(Path file, GraphProto.Builder graph) throws IOException {
        ModelProto model = ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                .setGraph(graph)
                .build();
        return Files.write(file, model.toByteArray());
    }

    static Path unknownOperator(Path folder) throws IOException {
        return write(
                folder.resolve("unknown-operator.onnx"),
                graph(784)
                        .addNode(node("odd", "Frobnicate", List.of("flat"), "odd"))
                        .addNode(node("fc", "MatMul", List.of("odd", "w"), "logits")));
    }

    static Path missingInput(Path folder) throws IOException {
        return write(
                folder.resolve("missing-input.onnx"),
                graph(784).addNode(node("fc", "MatMul", List.of("nowhere", "w"), "logits")));
    }

    static Path cycle(Path folder) throws IOException {
        return write(
                folder.resolve("cycle.onnx"),
                graph(784)
                        .addNode(node("add", "Add", List.of("flat", "back"), "sum"))
                        .addNode(node("relu", "Relu", List.of("sum"), "back"))
                        .addNode(node("fc", "MatMul", List.of("sum", "w"), "logits")));
    }

    static Path shapeThatDoesNotFit(Path folder) throws IOException {
        return write(
                folder.resolve("shape.onnx"), graph(700).addNode(node("fc", "MatMul", List.of("flat", "w"), "logits")));
    }
}
