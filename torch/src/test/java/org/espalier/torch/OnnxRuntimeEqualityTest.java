package org.espalier.torch;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.onnx.OnnxWriter;
import org.espalier.torch.OperatorCases.Case;
import org.espalier.torch.ops.TensorConversions;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What this package computes against ONNX Runtime, on one-node graphs and on whole networks. */
class OnnxRuntimeEqualityTest {
    private static final long SEED = Long.getLong("tests.seed", 20240607L);

    static List<Case> cases() {
        return OperatorCases.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void forward_oneNode_equalsOnnxRuntime(Case c) throws OrtException {
        compare(c.graph(ElementType.FLOAT, ElementType.FLOAT), c.inputs(ElementType.FLOAT, SEED), 1e-4, 1e-5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lenet-fc", "lenet5", "vgg-like:0.25", "resnet20", "mobilenetv2-like"})
    void forward_zooNetwork_equalsOnnxRuntime(String spec) throws OrtException {
        Graph graph = Zoo.build(spec, SEED);
        Map<String, TensorData> inputs = new LinkedHashMap<>();
        for (Value v : graph.inputs()) {
            long[] shape = Fixtures.require(v.shape()).stream()
                    .mapToLong(d -> d.isKnown() ? d.size() : 3)
                    .toArray();
            inputs.put(v.name(), Fixtures.random(new SplittableRandom(SEED), ElementType.FLOAT, -1, 1, shape));
        }
        compare(graph, inputs, 1e-3, 1e-4);
    }

    private static void compare(Graph graph, Map<String, TensorData> inputs, double relative, double absolute)
            throws OrtException {
        Map<String, TensorData> expected = onnxRuntime(graph, inputs);
        try (TorchGraph run = new TorchGraph(graph);
                Scope scope = Scope.open()) {
            Map<String, Tensor> x = new LinkedHashMap<>();
            inputs.forEach((name, t) -> x.put(name, TensorConversions.toTorch(t)));
            run.forward(x, Map.of(), PassMode.evaluation())
                    .forEach((name, y) -> Fixtures.assertClose(
                            name + " (-Dtests.seed=" + SEED + ")",
                            TensorConversions.toGraph(y),
                            Fixtures.require(expected.get(name)),
                            relative,
                            absolute));
        }
    }

    private static Map<String, TensorData> onnxRuntime(Graph graph, Map<String, TensorData> inputs)
            throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, TensorData> out = new LinkedHashMap<>();
        Map<String, OnnxTensor> x = new LinkedHashMap<>();
        try (OrtSession session = environment.createSession(OnnxWriter.toBytes(graph))) {
            for (Map.Entry<String, TensorData> e : inputs.entrySet()) {
                TensorData t = e.getValue();
                x.put(e.getKey(), OnnxTensor.createTensor(environment, FloatBuffer.wrap(t.toFloats()), t.shape()));
            }
            try (OrtSession.Result result = session.run(x)) {
                for (Map.Entry<String, ai.onnxruntime.OnnxValue> e : result) {
                    OnnxTensor t = (OnnxTensor) e.getValue();
                    FloatBuffer values = t.getFloatBuffer();
                    float[] floats = new float[values.remaining()];
                    values.get(floats);
                    out.put(e.getKey(), TensorData.ofFloats(floats, t.getInfo().getShape()));
                }
            }
        } finally {
            x.values().forEach(OnnxTensor::close);
        }
        return out;
    }
}
