package org.espalier.train;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.onnx.OnnxWriter;

/** Runs networks with one input in ONNX Runtime. */
final class OnnxRuntime {
    private OnnxRuntime() {}

    /** The network's first output for all examples of a data set. */
    static float[] logits(Graph graph, DataSet data) {
        int each = data.input().elements();
        FloatBuffer all = FloatBuffer.allocate(data.size() * each);
        for (int i = 0; i < data.size(); i++) {
            all.put(data.example(i));
        }
        all.rewind();
        OrtEnvironment env = OrtEnvironment.getEnvironment();
        long[] shape = new long[data.input().shape().size() + 1];
        shape[0] = data.size();
        for (int a = 1; a < shape.length; a++) {
            shape[a] = data.input().shape().get(a - 1);
        }
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            try (OrtSession session = env.createSession(OnnxWriter.toBytes(graph), options);
                    OnnxTensor x = OnnxTensor.createTensor(env, all, shape);
                    OrtSession.Result result =
                            session.run(Map.of(graph.inputs().get(0).name(), x))) {
                FloatBuffer y = ((OnnxTensor) result.get(0)).getFloatBuffer();
                float[] out = new float[y.remaining()];
                y.get(out);
                return out;
            }
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The largest difference, in parts of the largest magnitude. */
    static double relativeDifference(float[] a, float[] b) {
        double largest = 0;
        double difference = a.length == b.length ? 0 : Double.NaN;
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            largest = Math.max(largest, Math.abs(a[i]));
            difference = Math.max(difference, Math.abs(a[i] - b[i]));
        }
        return difference / largest;
    }
}
