package org.espalier.runtime;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;

/** Made-up inputs of a network: for timing, and for checks without data. */
public final class Inputs {
    private Inputs() {}

    /**
     * Inputs drawn by chance: floating-point numbers uniform in [0, 1), all else 0 (an index that is always valid).
     *
     * @param inputs the network's inputs
     * @param batch how many examples
     * @param sizes sizes of free dimensions other than the batch, by symbol; {@code ?} for those without one
     * @param seed the same seed gives the same numbers
     * @return one value per input, by name
     * @throws InferenceException if a free dimension has no size, or the batch is fixed at another size
     */
    public static Map<String, TensorData> random(List<Value> inputs, int batch, Map<String, Integer> sizes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, TensorData> made = new LinkedHashMap<>();
        for (Value input : inputs) {
            made.put(input.name(), random(input.type(), shape(input, batch, sizes), random));
        }
        return made;
    }

    private static TensorData random(ElementType type, long[] shape, SplittableRandom random) {
        int count = Math.toIntExact(TensorData.elements(shape));
        return switch (type) {
            case FLOAT, FLOAT16, BFLOAT16 -> {
                float[] values = new float[count];
                for (int i = 0; i < count; i++) {
                    values[i] = (float) random.nextDouble();
                }
                yield TensorData.ofFloats(values, shape).as(type);
            }
            case DOUBLE -> TensorData.ofDoubles(random.doubles(count).toArray(), shape);
            default -> TensorData.of(type, ByteBuffer.allocate(Math.multiplyExact(count, type.bytes())), shape);
        };
    }

    /**
     * The shape of an input at a batch size. The batch is the first dimension; without a first dimension it must be
     * 1.
     *
     * @param input the input
     * @param batch how many examples
     * @param sizes sizes of free dimensions other than the batch, by symbol; {@code ?} for those without one
     * @return the size of each dimension
     * @throws InferenceException if a free dimension has no size, or the batch is fixed at another size
     */
    public static long[] shape(Value input, int batch, Map<String, Integer> sizes) {
        List<Dimension> dimensions = input.shape();
        if (dimensions == null) {
            throw new InferenceException("input '" + input.name() + "': shape must be declared, found none");
        }
        long[] shape = new long[dimensions.size()];
        for (int axis = 0; axis < shape.length; axis++) {
            Dimension d = dimensions.get(axis);
            Integer size = sizes.get(d.toString());
            if (d.isKnown()) {
                shape[axis] = d.size();
            } else if (axis == 0) {
                shape[axis] = batch;
            } else if (size != null) {
                shape[axis] = size;
            } else {
                throw new InferenceException("input '" + input.name() + "': size of free dimension '" + d
                        + "' must be given, found " + sizes + " for " + dimensions);
            }
        }
        if (shape.length > 0 && shape[0] != batch) {
            throw new InferenceException(
                    "input '" + input.name() + "': batch is fixed, expected " + shape[0] + ", found " + batch);
        }
        return shape;
    }
}
