package org.espalier.graph;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A declared tensor: the input or output of a graph.
 *
 * @param name its name
 * @param type the element type
 * @param shape null where not even the number of axes is declared
 * @param other the encoded ONNX type of an output that is no tensor of numbers, but texts, a sequence or a map: it is carried along, and its
 *     element type means nothing; null for all others
 */
public record Value(
        String name,
        ElementType type,
        @Nullable List<Dimension> shape,
        @Nullable ByteBuffer other) {
    /**
     * Copies the shape.
     *
     * @param name its name
     * @param type the element type
     * @param shape null where not even the number of axes is declared
     * @param other the encoded ONNX type of what is no tensor of numbers
     */
    public Value {
        shape = shape == null ? null : List.copyOf(shape);
    }

    /**
     * A tensor of numbers.
     *
     * @param name its name
     * @param type the element type
     * @param shape null where not even the number of axes is declared
     */
    public Value(String name, ElementType type, @Nullable List<Dimension> shape) {
        this(name, type, shape, null);
    }

    /**
     * An output that is no tensor of numbers.
     *
     * @param name its name
     * @param onnxType its encoded type
     * @return the output
     */
    public static Value ofOther(String name, ByteBuffer onnxType) {
        return new Value(name, ElementType.INT64, null, onnxType);
    }

    /** {@return whether it is a tensor of floating-point numbers} */
    public boolean isFloats() {
        return other == null && type.isFloating();
    }

    /**
     * A value whose first axis is the batch ({@code N}) and whose others are fixed.
     *
     * @param name its name
     * @param type the element type
     * @param exampleShape the sizes of the axes behind the batch
     * @return a value whose first axis is the batch ({@code N}) and whose others are fixed
     */
    public static Value batched(String name, ElementType type, long... exampleShape) {
        List<Dimension> dims = new ArrayList<>();
        dims.add(Dimension.symbol("N"));
        for (long d : exampleShape) {
            dims.add(Dimension.of(d));
        }
        return new Value(name, type, dims);
    }

    /**
     * The one number of examples that a network with such inputs takes at a time; 0 where any will do.
     *
     * @param inputs the inputs
     * @return the one number of examples that a network with such inputs takes at a time
     * @throws GraphException if it does not fit an int
     */
    public static int fixedBatch(List<Value> inputs) {
        for (Value input : inputs) {
            List<Dimension> dimensions = input.shape;
            if (dimensions != null && !dimensions.isEmpty() && dimensions.get(0).isKnown()) {
                long size = dimensions.get(0).size();
                if (size > Integer.MAX_VALUE) {
                    throw new GraphException("input '" + input.name + "': batch must be at most " + Integer.MAX_VALUE
                            + ", found " + size);
                }
                return (int) size;
            }
        }
        return 0;
    }

    @Override
    public String toString() {
        return other != null ? name + ":other" : name + ":" + type + (shape == null ? "[...]" : shape.toString());
    }
}
