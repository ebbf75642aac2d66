package org.espalier.ops;

import java.util.Arrays;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;

/** Element type and shape of a value. */
public record TensorInfo(ElementType type, long[] shape) {
    public TensorInfo {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    public int rank() {
        return shape.length;
    }

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
