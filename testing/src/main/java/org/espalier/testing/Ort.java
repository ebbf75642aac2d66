package org.espalier.testing;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.onnx.OnnxWriter;

/** Runs graphs in ONNX Runtime: the oracle of the tests. */
public final class Ort {
    private Ort() {}

    /** Outputs of a graph, by name, for inputs by name. */
    public static Map<String, TensorData> run(Graph graph, Map<String, TensorData> inputs) {
        OrtEnvironment env = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensorLike> feed = new LinkedHashMap<>();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.BASIC_OPT);
            options.setSessionLogLevel(ai.onnxruntime.OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            for (Map.Entry<String, TensorData> e : inputs.entrySet()) {
                feed.put(e.getKey(), toOrt(env, e.getValue()));
            }
            try (OrtSession session = env.createSession(OnnxWriter.toBytes(graph), options);
                    OrtSession.Result result = session.run(feed)) {
                Map<String, TensorData> outputs = new LinkedHashMap<>();
                for (Map.Entry<String, OnnxValue> e : result) {
                    outputs.put(e.getKey(), fromOrt((OnnxTensor) e.getValue()));
                }
                return outputs;
            }
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime, graph '" + graph.name() + "': " + e.getMessage(), e);
        } finally {
            feed.values().forEach(OnnxTensorLike::close);
        }
    }

    private static OnnxTensor toOrt(OrtEnvironment env, TensorData t) throws OrtException {
        if (t.type() == ElementType.FLOAT) {
            return OnnxTensor.createTensor(env, FloatBuffer.wrap(t.toFloats()), t.shape());
        }
        return OnnxTensor.createTensor(env, LongBuffer.wrap(t.toLongs()), t.shape());
    }

    private static TensorData fromOrt(OnnxTensor t) {
        long[] shape = t.getInfo().getShape();
        FloatBuffer floats = t.getFloatBuffer();
        if (floats != null) {
            float[] v = new float[floats.remaining()];
            floats.get(v);
            return TensorData.ofFloats(v, shape);
        }
        LongBuffer longs = t.getLongBuffer();
        long[] v = new long[longs.remaining()];
        longs.get(v);
        return TensorData.ofLongs(v, shape);
    }

    /** Random values for all inputs of a graph: floats in ±1, integers in [0, 4); every symbol is {@code batch}. */
    public static Map<String, TensorData> randomInputs(Graph graph, int batch, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, TensorData> inputs = new LinkedHashMap<>();
        for (Value v : graph.inputs()) {
            long[] shape = v.shape().stream()
                    .mapToLong(d -> d.isKnown() ? d.size() : batch)
                    .toArray();
            int n = Math.toIntExact(TensorData.elements(shape));
            if (v.type() == ElementType.FLOAT) {
                float[] values = new float[n];
                for (int i = 0; i < n; i++) {
                    values[i] = (float) random.nextDouble(-1, 1);
                }
                inputs.put(v.name(), TensorData.ofFloats(values, shape));
            } else {
                inputs.put(v.name(), TensorData.ofLongs(random.longs(n, 0, 4).toArray(), shape));
            }
        }
        return inputs;
    }
}
