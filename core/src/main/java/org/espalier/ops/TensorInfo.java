package org.espalier.ops;

import java.util.Arrays;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;

/** Element type and shape of a value. */
public record TensorInfo(ElementType type, long[] shape) {
    /**
     * Copies the shape.
     *
     * @param type the element type
     * @param shape the sizes of the axes
     */
    public TensorInfo {
        shape = shape.clone();
    }

    /** {@return a copy of the sizes of the axes} */
    @Override
    public long[] shape() {
        return shape.clone();
    }

    /** {@return how many axes there are} */
    public int rank() {
        return shape.length;
    }

    /** {@return how many elements there are} */
    public long elements() {
        return TensorData.elements(shape);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof TensorInfo t && type == t.type && Arrays.equals(shape, t.shape);
    }

    @Override
    public int hashCode() {
        return 31 * type.hashCode() + Arrays.hashCode(shape);
    }

    @Override
    public String toString() {
        return type + Arrays.toString(shape);
    }
}
