package org.espalier.graph;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The value of a node's attribute. Kinds that Espalier never looks into are carried along as {@link Opaque}. */
public sealed interface Attribute {
    /**
     * An integer.
     *
     * @param value the integer
     */
    record OfLong(long value) implements Attribute {}

    /**
     * A number.
     *
     * @param value the number
     */
    record OfFloat(float value) implements Attribute {}

    /**
     * A text.
     *
     * @param value the text
     */
    record OfString(String value) implements Attribute {}

    /**
     * Integers.
     *
     * @param values the integers
     */
    record OfLongs(List<Long> values) implements Attribute {
        /**
         * Copies the integers.
         *
         * @param values the integers
         */
        public OfLongs {
            values = List.copyOf(values);
        }

        /** {@return the integers} */
        public long[] toArray() {
            return values.stream().mapToLong(Long::longValue).toArray();
        }
    }

    /**
     * Numbers.
     *
     * @param values the numbers
     */
    record OfFloats(List<Float> values) implements Attribute {
        /**
         * Copies the numbers.
         *
         * @param values the numbers
         */
        public OfFloats {
            values = List.copyOf(values);
        }
    }

    /**
     * Texts.
     *
     * @param values the texts
     */
    record OfStrings(List<String> values) implements Attribute {
        /**
         * Copies the texts.
         *
         * @param values the texts
         */
        public OfStrings {
            values = List.copyOf(values);
        }
    }

    /**
     * A tensor.
     *
     * @param value the tensor
     */
    record OfTensor(TensorData value) implements Attribute {}

    /**
     * Anything else (a subgraph, a type, a sparse tensor), kept as the bytes of its {@code AttributeProto}.
     *
     * @param proto the bytes
     * @param outerValues names of the surrounding graph's values that a subgraph refers to
     */
    record Opaque(ByteBuffer proto, List<String> outerValues) implements Attribute {
        /**
         * Keeps a view of the bytes and copies the names.
         *
         * @param proto the bytes
         * @param outerValues names of the surrounding graph's values that a subgraph refers to
         */
        public Opaque {
            proto = proto.asReadOnlyBuffer();
            outerValues = List.copyOf(outerValues);
        }

        /** {@return the bytes, as a buffer of its own position and limit} */
        @Override
        public ByteBuffer proto() {
            return proto.duplicate();
        }
    }

    /**
     * {@return what a Constant node with this attribute gives: a scalar, a vector or the tensor; null where it is no
     * tensor of numbers}
     */
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

    /**
     * An integer as an attribute.
     *
     * @param value the value
     * @return an integer as an attribute
     */
    static Attribute of(long value) {
        return new OfLong(value);
    }

    /**
     * A number as an attribute.
     *
     * @param value the value
     * @return a number as an attribute
     */
    static Attribute of(float value) {
        return new OfFloat(value);
    }

    /**
     * A text as an attribute.
     *
     * @param value the value
     * @return a text as an attribute
     */
    static Attribute of(String value) {
        return new OfString(value);
    }

    /**
     * Integers as an attribute.
     *
     * @param values the values
     * @return integers as an attribute
     */
    static Attribute of(long[] values) {
        return new OfLongs(Arrays.stream(values).boxed().toList());
    }

    /**
     * A tensor as an attribute.
     *
     * @param value the value
     * @return a tensor as an attribute
     */
    static Attribute of(TensorData value) {
        return new OfTensor(value);
    }
}
