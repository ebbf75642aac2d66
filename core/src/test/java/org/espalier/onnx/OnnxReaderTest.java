package org.espalier.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TrainingInfoProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxReaderTest {
    private static Graph everything() {
        return OnnxReader.read(SampleModels.everything().build().toByteArray(), "everything");
    }

    /** Reads {@code y = x + w} after a change, which must be refused. */
    private static void refused(Consumer<GraphProto.Builder> change, String message) {
        ModelProto.Builder model = SampleModels.addition();
        change.accept(model.getGraphBuilder());
        refused(model, message);
    }

    private static void refused(ModelProto.Builder model, String message) {
        refused(model.build().toByteArray(), message);
    }

    private static void refused(byte[] bytes, String message) {
        assertThatThrownBy(() -> OnnxReader.read(bytes, "m.onnx"))
                .isInstanceOf(OnnxException.class)
                .isInstanceOf(GraphException.class)
                .hasMessageStartingWith("m.onnx: ")
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void read_initializersListedAsInputs_areNoInputs() {
        Graph g = OnnxReader.read(
                new ByteArrayInputStream(SampleModels.addition().build().toByteArray()), "stream");
        assertThat(g.inputs()).extracting(Value::toString).containsExactly("x:FLOAT[batch, 2]");
        assertThat(g.initializers()).containsOnlyKeys("w");
        assertThat(g.opset()).isEqualTo(9);
    }

    /** As exporters write what they do not know. */
    @ParameterizedTest
    @ValueSource(longs = {0, -1})
    void read_sizeOfZeroOrMinusOne_isFree(long size) {
        ModelProto.Builder model = SampleModels.addition();
        model.getGraphBuilder()
                .getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .getDimBuilder(0)
                .setDimValue(size);
        Graph g = OnnxReader.read(model.build().toByteArray(), "m.onnx");
        assertThat(g.inputs()).extracting(Value::toString).containsExactly("x:FLOAT[?, 2]");
    }

    @ParameterizedTest
    @EnumSource(ElementType.class)
    void read_typedData_isDecoded(ElementType type) {
        TensorData t = Objects.requireNonNull(everything().initializer("const_" + type));
        assertThat(t.type()).isEqualTo(type);
        assertThat(t.toDoubles()).containsExactly(0, 1, 1);
    }

    @Test
    void read_everything_keepsWhatMatters() {
        Graph g = everything();
        assertThat(g.opsets()).containsEntry("", 17L).containsEntry("org.example", 2L);
        assertThat(g.metadata()).containsExactly(java.util.Map.entry("author", "someone"));
        assertThat(Objects.requireNonNull(g.initializer("raw")).toFloats()).containsExactly(1, 2);
        assertThat(Objects.requireNonNull(g.initializer("empty")).elements()).isZero();
        assertThat(g.inputs().get(0)).hasToString("x:FLOAT[batch, 3, height]");
        assertThat(g.outputs()).extracting(Value::toString).containsExactly("y:FLOAT[]", "z:FLOAT[batch, ?]");
        assertThat(g.nodes()).extracting(Node::opType).containsExactly("Custom", "If", "Relu");
        Node custom = g.nodes().get(0);
        assertThat(custom.domain()).isEqualTo("org.example");
        assertThat(custom.hasInput(1)).isFalse();
        assertThat(custom.getFloat("f", 0)).isEqualTo(0.5f);
        assertThat(custom.getLong("i", 0)).isEqualTo(-7);
        assertThat(custom.getString("s", "")).isEqualTo("größe");
        assertThat(custom.getLongs("is")).containsExactly(1, 2);
        assertThat(custom.getLongs("none")).isEmpty();
        assertThat(custom.getTensor("t")).isEqualTo(TensorData.ofFloats(new float[] {1, 2}, 2));
        assertThat(custom.attributes().get("bytes")).isInstanceOf(Attribute.Opaque.class);
        assertThat(custom.attributes().get("ts")).isInstanceOf(Attribute.Opaque.class);
    }

    @Test
    void read_subgraph_readsOuterValues() {
        Node choose = everything().nodes().get(1);
        assertThat(choose.attributes().get("then_branch"))
                .isInstanceOfSatisfying(
                        Attribute.Opaque.class, o -> assertThat(o.outerValues()).containsExactly("hidden"));
    }

    @Test
    void read_attributeWithoutType_isInferred() {
        ModelProto.Builder m = SampleModels.addition();
        m.getGraphBuilder()
                .getNodeBuilder(0)
                .addAttribute(AttributeProto.newBuilder().setName("axis").setI(3))
                .addAttribute(AttributeProto.newBuilder().setName("scale").setF(2));
        Node n = OnnxReader.read(m.build().toByteArray(), "m").nodes().get(0);
        assertThat(n.getLong("axis", 0)).isEqualTo(3);
        assertThat(n.getFloat("scale", 0)).isEqualTo(2);
    }

    @Test
    void read_rawData_isNotCopied() {
        byte[] bytes = SampleModels.everything().build().toByteArray();
        TensorData raw = Objects.requireNonNull(OnnxReader.read(bytes, "m").initializer("raw"));
        Arrays.fill(bytes, (byte) 0);
        assertThat(raw.toFloats()).containsExactly(0, 0);
    }

    @Test
    void read_notAModel_isRefused(@TempDir Path folder) throws IOException {
        refused(new byte[0], "is empty");
        refused("hello, this is text\n".getBytes(StandardCharsets.UTF_8), "is not an ONNX model");
        refused(new byte[1000], "is not an ONNX model");
        refused(ModelProto.newBuilder().setIrVersion(8), "holds no graph");
        byte[] whole = SampleModels.addition().build().toByteArray();
        refused(Arrays.copyOf(whole, whole.length - 5), "cut short");
        assertThatThrownBy(() -> OnnxReader.read(folder))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("is a folder");
        Path missing = folder.resolve("missing.onnx");
        assertThatThrownBy(() -> OnnxReader.read(missing))
                .isInstanceOf(OnnxException.class)
                .hasMessage(missing + ": cannot be read: no such file");
        Path empty = Files.createFile(folder.resolve("empty.onnx"));
        assertThatThrownBy(() -> OnnxReader.read(empty)).hasMessage(empty + ": is empty, expected an ONNX model");
    }

    @Test
    void read_versions_areChecked() {
        refused(SampleModels.addition().setIrVersion(2), "IR version 2 is not supported");
        refused(SampleModels.addition().clearOpsetImport(), "imports no ONNX operator set");
        ModelProto.Builder old = SampleModels.addition();
        old.getOpsetImportBuilder(0).setVersion(5);
        refused(old, "operator set 5 is not supported");
        ModelProto.Builder twice = SampleModels.addition();
        twice.addOpsetImportBuilder().setVersion(11);
        refused(twice, "is imported twice");
    }

    @Test
    void read_brokenGraphs_areRefused() {
        refused(g -> g.getNodeBuilder(0).setInput(1, "ghost"), "Add 'add': input 'ghost' is not defined");
        refused(g -> g.getNodeBuilder(0).setInput(0, "y"), "Add 'add': is part of a cycle");
        refused(g -> g.addNode(g.getNode(0)), "'y' is defined twice");
        refused(g -> g.addInitializer(g.getInitializer(0)), "initializer 'w': is defined twice");
        refused(g -> g.addInput(g.getInput(0)), "value 'x' is defined twice");
        refused(g -> g.clearOutput(), "has no outputs");
        refused(g -> g.getOutputBuilder(0).setName("other"), "output 'other' is not defined");
        refused(g -> g.getNodeBuilder(0).clearOpType(), "node 0 'add': has no operator");
        refused(g -> g.getInitializerBuilder(0).clearName(), "initializer 0: has no name");
        refused(g -> g.getInputBuilder(0).clearName(), "graph input: has no name");
        refused(g -> g.getInputBuilder(0).clearType(), "graph input 'x': must be a tensor, found no type");
        refused(
                g -> g.setInput(
                        0,
                        ValueInfoProto.newBuilder()
                                .setName("x")
                                .setType(TypeProto.newBuilder()
                                        .setSequenceType(TypeProto.Sequence.getDefaultInstance()))),
                "found a sequence");
        refused(
                g -> g.getInputBuilder(0)
                        .getTypeBuilder()
                        .getTensorTypeBuilder()
                        .setElemType(8),
                "element type 8 is not supported");
        refused(
                g -> g.getInputBuilder(0)
                        .getTypeBuilder()
                        .getTensorTypeBuilder()
                        .getShapeBuilder()
                        .getDimBuilder(1)
                        .setDimValue(-2),
                "sizes must not be negative, found -2");
        refused(
                g -> g.getNodeBuilder(0)
                        .addAttribute(SampleModels.attribute("a", AttributeType.INT))
                        .addAttribute(SampleModels.attribute("a", AttributeType.INT)),
                "Add 'add': attribute 'a' is given twice");
        refused(g -> g.getNodeBuilder(0).setInput(1, "gh\nost"), "input 'gh\\nost' is not defined");
    }

    /** Names of classes, of which nothing is computed; and outputs that are no tensors. */
    @Test
    void read_textsAndOtherOutputs_areCarriedAlong() {
        ModelProto.Builder model = SampleModels.addition();
        TypeProto.Builder sequence = TypeProto.newBuilder();
        sequence.getSequenceTypeBuilder()
                .getElemTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(8);
        model.getGraphBuilder()
                .addInitializer(TensorProto.newBuilder()
                        .setName("classes")
                        .setDataType(8)
                        .addDims(1)
                        .addStringData(ByteString.copyFromUtf8("cat")))
                .addNode(SampleModels.node("pack", "SequenceConstruct", List.of("classes"), "named"))
                .addOutput(ValueInfoProto.newBuilder().setName("named").setType(sequence));
        Graph g = OnnxReader.read(model.build().toByteArray(), "m.onnx");
        assertThat(g.outputs().get(1)).hasToString("named:other");
        Graph again = OnnxReader.read(OnnxWriter.toBytes(g), "again");
        assertThat(again.outputs()).isEqualTo(g.outputs());
        assertThat(again.nodes()).isEqualTo(g.nodes());
        assertThat(new String(OnnxWriter.toBytes(again), StandardCharsets.UTF_8))
                .contains("cat");
    }

    @Test
    void read_brokenTensors_areRefused() {
        refused(g -> g.getInitializerBuilder(0).setDims(0, 3), "initializer 'w': data must fit shape [3], expected 3");
        refused(g -> g.getInitializerBuilder(0).setDims(0, -2), "initializer 'w': shape [-2]");
        refused(g -> g.getInitializerBuilder(0).setDims(0, Long.MAX_VALUE), "too many elements");
        refused(g -> g.getInitializerBuilder(0).setDims(0, 1L << 50), "expected 1125899906842624 values");
        refused(g -> g.getInitializerBuilder(0).setDataType(0), "element type 0 is not supported");
        refused(g -> g.getInitializerBuilder(0).setDataType(8), "string tensors are not supported");
        refused(g -> g.getInitializerBuilder(0).clearFloatData(), "found 0");
        refused(g -> g.getInitializerBuilder(0).setRawData(ByteString.copyFrom(new byte[8])), "has raw and typed data");
        refused(
                g -> g.getInitializerBuilder(0).clearFloatData().setRawData(ByteString.copyFrom(new byte[7])),
                "expected 8 bytes, found 7");
        refused(
                g -> g.getInitializerBuilder(0)
                        .setDataType(ElementType.INT8.onnx())
                        .clearFloatData()
                        .addInt32Data(1)
                        .addInt32Data(256),
                "value 1 must fit 8 bits, found 256");
        refused(
                g -> g.getInitializerBuilder(0).setSegment(TensorProto.Segment.getDefaultInstance()),
                "tensors in segments");
        refused(
                g -> g.addSparseInitializer(SparseTensorProto.newBuilder().setValues(SampleModels.floats("sparse", 1))),
                "sparse initializer 'sparse'");
    }

    @Test
    void read_functionsAndTraining_areRefused() {
        ModelProto.Builder m = SampleModels.everything();
        m.addFunctions(FunctionProto.newBuilder().setName("Custom").setDomain("org.example"));
        refused(m, "Custom 'custom': calls a function of the model");
        refused(
                SampleModels.addition().addTrainingInfo(TrainingInfoProto.getDefaultInstance()),
                "training information");
        refused(
                g -> g.getNodeBuilder(0)
                        .addAttribute(
                                SampleModels.attribute("a", AttributeType.INT).setRefAttrName("outer")),
                "attribute 'a': refers to an attribute of a function");
    }

    @Test
    void read_deepSubgraphs_areRefused() {
        // Fields node (1), attribute (5), graph (6), a thousand times inside each other.
        ByteString graph = ByteString.EMPTY;
        for (int i = 0; i < 1000; i++) {
            graph = wrap(1, wrap(5, wrap(6, graph)));
        }
        refused(
                SampleModels.addition()
                        .build()
                        .toByteString()
                        .concat(wrap(7, graph))
                        .toByteArray(),
                "too many levels");
    }

    private static ByteString wrap(int field, ByteString content) {
        return UnknownFieldSet.newBuilder()
                .addField(
                        field,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(content)
                                .build())
                .build()
                .toByteString();
    }
}
