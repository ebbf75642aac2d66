package org.espalier.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.espalier.graph.TensorData;

/**
 * Outputs that are texts, sequences or maps, as numbers that can be compared: of a text its hash, of a map what it holds in the order of its
 * keys.
 */
final class OtherOutputs {
    private OtherOutputs() {}

    /** Whether a value of a network is a tensor of numbers. */
    static boolean isNumbers(NodeInfo info) {
        return info.getInfo() instanceof TensorInfo t && t.type != OnnxJavaType.STRING;
    }

    static boolean isNumbers(OnnxTensor t) {
        return t.getInfo().type != OnnxJavaType.STRING;
    }

    /**
     * What such an output holds, one after the other.
     *
     * @throws InferenceException if it holds something else
     */
    static TensorData numbers(String model, String output, OnnxValue value) {
        List<Double> found = new ArrayList<>();
        boolean texts = value instanceof OnnxTensor;
        try {
            add(value.getValue(), found);
        } catch (OrtException e) {
            throw InferenceException.failed(model, e);
        } catch (IllegalArgumentException e) {
            throw new InferenceException(model + ": output '" + output + "' cannot be compared: " + e.getMessage());
        }
        double[] numbers = found.stream().mapToDouble(Double::doubleValue).toArray();
        return texts
                ? TensorData.vector(found.stream().mapToLong(Double::longValue).toArray())
                : TensorData.ofDoubles(numbers, numbers.length);
    }

    private static void add(Object o, List<Double> found) throws OrtException {
        if (o instanceof Number n) {
            found.add(n.doubleValue());
        } else if (o instanceof Boolean b) {
            found.add(b ? 1.0 : 0.0);
        } else if (o instanceof String s) {
            found.add((double) s.hashCode());
        } else if (o instanceof OnnxValue v) {
            add(v.getValue(), found);
        } else if (o instanceof Iterable<?> all) {
            for (Object each : all) {
                add(each, found);
            }
        } else if (o instanceof Map<?, ?> map) {
            Map<String, Object> sorted = new TreeMap<>();
            map.forEach((key, each) -> sorted.put(String.valueOf(key), each));
            for (Map.Entry<String, Object> e : sorted.entrySet()) {
                found.add((double) e.getKey().hashCode());
                add(e.getValue(), found);
            }
        } else if (o.getClass().isArray()) {
            for (int i = 0; i < Array.getLength(o); i++) {
                add(Array.get(o, i), found);
            }
        } else {
            throw new IllegalArgumentException("expected numbers, texts, sequences or maps, found "
                    + o.getClass().getSimpleName());
        }
    }
}
