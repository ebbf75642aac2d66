package org.espalier.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorDataTest {
    @Test
    void ofFloats_values_areKept() {
        TensorData t = TensorData.ofFloats(new float[] {1, -2, 3.5f, 4, 5, 6}, 2, 3);
        assertThat(t.type()).isEqualTo(ElementType.FLOAT);
        assertThat(t.shape()).containsExactly(2, 3);
        assertThat(t.rank()).isEqualTo(2);
        assertThat(t.size(1)).isEqualTo(3);
        assertThat(t.toFloats()).containsExactly(1, -2, 3.5f, 4, 5, 6);
        assertThat(t.toDoubles()).containsExactly(1, -2, 3.5, 4, 5, 6);
        assertThat(t.toLongs()).containsExactly(1, -2, 3, 4, 5, 6);
        assertThat(t).hasToString("FLOAT[2, 3]");
    }

    @ParameterizedTest
    @EnumSource(ElementType.class)
    void getLong_onesInEveryType_areRead(ElementType type) {
        ByteBuffer data = ByteBuffer.allocate(3 * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : new int[] {0, 1, 1}) {
            switch (type) {
                case FLOAT -> data.putFloat(value);
                case DOUBLE -> data.putDouble(value);
                case FLOAT16 -> data.putShort(HalfFloats.toFloat16(value));
                case BFLOAT16 -> data.putShort(HalfFloats.toBfloat16(value));
                case INT64, UINT64 -> data.putLong(value);
                case INT32, UINT32 -> data.putInt(value);
                case INT16, UINT16 -> data.putShort((short) value);
                case INT8, UINT8, BOOL -> data.put((byte) value);
            }
        }
        TensorData t = TensorData.of(type, data.flip(), 3);
        assertThat(t.toLongs()).containsExactly(0, 1, 1);
        assertThat(t.toFloats()).containsExactly(0, 1, 1);
        assertThat(t.toDoubles()).containsExactly(0, 1, 1);
        assertThat(ElementType.ofOnnx(type.onnx(), "tensor")).isEqualTo(type);
    }

    @Test
    void getLong_unsigned_hasNoSign() {
        byte[] ones = {-1, -1, -1, -1};
        assertThat(TensorData.of(ElementType.UINT8, ByteBuffer.wrap(ones), 4).getLong(3))
                .isEqualTo(255);
        assertThat(TensorData.of(ElementType.INT8, ByteBuffer.wrap(ones), 4).getLong(3))
                .isEqualTo(-1);
        assertThat(TensorData.of(ElementType.UINT16, ByteBuffer.wrap(ones), 2).getLong(1))
                .isEqualTo(65535);
        assertThat(TensorData.of(ElementType.UINT32, ByteBuffer.wrap(ones), 1).getLong(0))
                .isEqualTo(0xffffffffL);
        assertThat(TensorData.of(ElementType.INT32, ByteBuffer.wrap(ones), 1).getLong(0))
                .isEqualTo(-1);
    }

    @Test
    void of_bytesThatDoNotFit_isRefused() {
        assertThatThrownBy(() -> TensorData.of(ElementType.FLOAT, ByteBuffer.allocate(7), 2))
                .isInstanceOf(GraphException.class)
                .hasMessage("tensor: data must fit type FLOAT and shape [2], expected 8 bytes, found 7");
    }

    @Test
    void elements_absurdShapes_areRefused() {
        assertThatThrownBy(() -> TensorData.elements(3, -1))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> TensorData.elements(1L << 40, 1L << 40)).isInstanceOf(GraphException.class);
        assertThatThrownBy(() -> TensorData.byteCount(ElementType.DOUBLE, 1L << 61))
                .isInstanceOf(GraphException.class);
        assertThatThrownBy(() -> TensorData.of(ElementType.DOUBLE, ByteBuffer.allocate(0), 1L << 61))
                .isInstanceOf(GraphException.class);
        assertThat(TensorData.elements(new long[0])).isEqualTo(1);
        assertThat(TensorData.elements(4, 0)).isZero();
    }

    @Test
    void take_severalAxes_isOneAfterTheOther() {
        TensorData t =
                TensorData.ofLongs(java.util.stream.LongStream.range(0, 60).toArray(), 3, 4, 5);
        int[] first = {2, 0};
        int[] last = {0, 1, 4};
        assertThat(t.take(new int[][] {first, null, last}))
                .isEqualTo(t.take(0, first).take(2, last));
        assertThat(t.take(new int[][] {first, {1}, null}))
                .isEqualTo(t.take(0, first).take(1, new int[] {1}));
        assertThat(t.take(new int[3][])).isEqualTo(t);
    }

    @Test
    void take_axis_keepsSlicesInOrder() {
        TensorData t = TensorData.ofLongs(new long[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 2, 3, 2);
        assertThat(t.take(1, new int[] {2, 0}))
                .isEqualTo(TensorData.ofLongs(new long[] {4, 5, 0, 1, 10, 11, 6, 7}, 2, 2, 2));
        assertThat(t.take(0, new int[] {1})).isEqualTo(TensorData.ofLongs(new long[] {6, 7, 8, 9, 10, 11}, 1, 3, 2));
        assertThat(t.take(2, new int[] {1})).isEqualTo(TensorData.ofLongs(new long[] {1, 3, 5, 7, 9, 11}, 2, 3, 1));
        assertThat(t.take(2, new int[0]).elements()).isZero();
    }

    @Test
    void reshape_otherShape_sharesValues() {
        TensorData t = TensorData.vector(1, 2, 3, 4).reshape(2, 2);
        assertThat(t.shape()).containsExactly(2, 2);
        assertThatThrownBy(() -> t.reshape(3)).isInstanceOf(GraphException.class);
    }

    @Test
    void data_buffer_cannotBeChanged() {
        TensorData t = TensorData.full(2, 3);
        assertThatThrownBy(() -> t.data().putFloat(0, 1)).isInstanceOf(ReadOnlyBufferException.class);
        t.data().getFloat();
        assertThat(t.data().remaining()).isEqualTo(12);
        long[] shape = t.shape();
        shape[0] = 99;
        assertThat(t.shape()).containsExactly(3);
    }

    @Test
    void equals_typeShapeAndBytes_decide() {
        TensorData t = TensorData.ofFloats(new float[] {1, 2}, 2);
        assertThat(t).isEqualTo(TensorData.ofFloats(new float[] {1, 2}, 2)).hasSameHashCodeAs(TensorData.full(7, 2));
        assertThat(t).isNotEqualTo(TensorData.ofFloats(new float[] {1, 2}, 2, 1));
        assertThat(t).isNotEqualTo(TensorData.ofFloats(new float[] {1, 3}, 2));
        assertThat(t).isNotEqualTo(TensorData.ofDoubles(new double[] {1, 2}, 2));
    }
}
