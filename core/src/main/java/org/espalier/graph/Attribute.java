package org.espalier.graph;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The value of a node's attribute. Kinds that Espalier never looks into are carried along as {@link Opaque}. */
public sealed interface Attribute {
    record OfLong(long value) implements Attribute {}

    record OfFloat(float value) implements Attribute {}

    record OfString(String value) implements Attribute {}

    record OfLongs(List<Long> values) implements Attribute {
        public OfLongs {
            values = List.copyOf(values);
        }

        public long[] toArray() {
            return values.stream().mapToLong(Long::longValue).toArray();
        }
    }

    record OfFloats(List<Float> values) implements Attribute {
        public OfFloats {
            values = List.copyOf(values);
        }
    }

    record OfStrings(List<String> values) implements Attribute {
        public OfStrings {
            values = List.copyOf(values);
        }
    }

    record OfTensor(TensorData value) implements Attribute {}

    /**
     * Anything else (a subgraph, a type, a sparse tensor), kept as the bytes of its {@code AttributeProto}.
     *
     * @param outerValues names of the surrounding graph's values that a subgraph refers to
     */
    record Opaque(ByteBuffer proto, List<String> outerValues) implements Attribute {
        public Opaque {
            proto = proto.asReadOnlyBuffer();
            outerValues = List.copyOf(outerValues);
        }

        /** The bytes, as a buffer of its own position and limit. */
        @Override
        public ByteBuffer proto() {
            return proto.duplicate();
        }
    }

    /** What a Constant node with this attribute gives: a scalar, a vector or the tensor; null where it is no tensor of numbers. */
    default @Nullable TensorData tensor() {
        if (this instanceof OfTensor t) {
            return t.value();
        } else if (this instanceof OfLong v) {
            return TensorData.ofLongs(new long[] {v.value()});
        } else if (this instanceof OfFloat v) {
            return TensorData.ofFloats(new float[] {v.value()});
        } else if (this instanceof OfLongs v) {
            return TensorData.vector(v.toArray());
        } else if (this instanceof OfFloats v) {
            float[] values = new float[v.values().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = v.values().get(i);
            }
            return TensorData.ofFloats(values, values.length);
        }
        return null;
    }

    static Attribute of(long value) {
        return new OfLong(value);
    }

    static Attribute of(float value) {
        return new OfFloat(value);
    }

    static Attribute of(String value) {
        return new OfString(value);
    }

    static Attribute of(long[] values) {
        return new OfLongs(Arrays.stream(values).boxed().toList());
    }

    static Attribute of(TensorData value) {
        return new OfTensor(value);
    }
}
