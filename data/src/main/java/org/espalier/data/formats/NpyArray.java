package org.espalier.data.formats;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.espalier.data.DataException;
import org.espalier.data.StorageType;

/** A numpy array cut into examples along its first axis. */
public final class NpyArray {
    private final NpyHeader header;
    private final StorageType type;
    private final Object[] rows;

    private NpyArray(NpyHeader header, StorageType type, Object[] rows) {
        this.header = header;
        this.type = type;
        this.rows = rows;
    }

    /**
     * Reads an array: floats as float32, unsigned bytes and booleans as bytes, other integers as 64 bits.
     *
     * @param in the bytes
     * @param length of the stream in bytes, as it was announced
     * @param refusal makes the error
     * @return the array
     * @throws DataException if it is not a whole array of finite numbers with at least one example
     * @throws IOException if the disk cannot take it
     */
    public static NpyArray read(InputStream in, long length, NpyHeader.Refusal refusal) throws IOException {
        NpyHeader header = NpyHeader.read(in, refusal);
        if (header.shape().isEmpty() || header.shape().contains(0)) {
            throw refusal.because("first axis must count examples", "a shape (N, ...), N >= 1", header.shape());
        }
        int count = header.shape().get(0);
        long rowBytes = Math.multiplyExact(header.rowElements(), header.bytes());
        if (rowBytes > Integer.MAX_VALUE - 8) {
            throw refusal.because("one example must fit in memory", "< 2 GiB", rowBytes + " bytes");
        }
        StorageType type = typeOf(header);
        requireRoom(header, type, length, refusal);
        NpyArray array;
        if (header.fortran() && header.shape().size() > 1) {
            array = readFortran(in, header, type, count, (int) header.rowElements(), refusal);
        } else {
            ArrayList<Object> rows = new ArrayList<>();
            for (int row = 0; row < count; row++) {
                byte[] bytes = in.readNBytes((int) rowBytes);
                if (bytes.length < rowBytes) {
                    throw cut(refusal, count * rowBytes, row * rowBytes + bytes.length);
                }
                rows.add(decode(bytes, header, type, row, refusal));
            }
            array = new NpyArray(header, type, rows.toArray());
        }
        if (in.read() >= 0) {
            throw refusal.because("data must end with the last element", count * rowBytes + " bytes", "more");
        }
        return array;
    }

    /** Before a row is read: the shape must fit the bytes that were announced, and memory must hold what becomes of them. */
    private static void requireRoom(NpyHeader header, StorageType type, long length, NpyHeader.Refusal refusal) {
        int count = header.shape().get(0);
        long bytes = Math.multiplyExact(Math.multiplyExact(count, header.rowElements()), (long) header.bytes());
        if (bytes > length) {
            throw cut(refusal, bytes, Math.max(0, length));
        }
        int each = type == StorageType.UINT8 ? 1 : type == StorageType.FLOAT32 ? 4 : 8;
        long needed = Memory.ofRows(count, header.rowElements() * each);
        if (!Memory.holds(needed)) {
            throw refusal.because(
                    "must fit into Java's memory: take less, or give it more (-Xmx)",
                    "at most " + Memory.megabytes(Runtime.getRuntime().maxMemory()),
                    Memory.megabytes(needed) + " for shape " + header.shape());
        }
    }

    private static DataException cut(NpyHeader.Refusal refusal, long expected, long found) {
        return refusal.because("data must be whole", expected + " bytes", found + " bytes");
    }

    private static StorageType typeOf(NpyHeader header) {
        if (header.kind() == 'f') {
            return StorageType.FLOAT32;
        }
        return header.bytes() == 1 && header.kind() != 'i' ? StorageType.UINT8 : StorageType.INT64;
    }

    /** Reads the whole array, the first axis fastest, and turns it round. */
    private static NpyArray readFortran(
            InputStream in, NpyHeader header, StorageType type, int count, int rowElements, NpyHeader.Refusal refusal)
            throws IOException {
        int width = header.bytes();
        long total = Math.multiplyExact((long) count * rowElements, width);
        if (total > Integer.MAX_VALUE - 8) {
            throw refusal.because("an array in Fortran order must fit in memory", "< 2 GiB", total + " bytes");
        }
        byte[] all = in.readNBytes((int) total);
        if (all.length < total) {
            throw cut(refusal, total, all.length);
        }
        List<Integer> shape = header.shape();
        int[] from = new int[rowElements];
        int[] index = new int[shape.size()];
        for (int element = 0; element < rowElements; element++) {
            int offset = 0;
            int stride = count;
            for (int axis = 1; axis < index.length; axis++) {
                offset += index[axis] * stride;
                stride *= shape.get(axis);
            }
            from[element] = offset;
            for (int axis = index.length - 1; axis > 0 && ++index[axis] == shape.get(axis); axis--) {
                index[axis] = 0;
            }
        }
        Object[] rows = new Object[count];
        byte[] bytes = new byte[rowElements * width];
        for (int row = 0; row < count; row++) {
            for (int element = 0; element < rowElements; element++) {
                System.arraycopy(all, (from[element] + row) * width, bytes, element * width, width);
            }
            rows[row] = decode(bytes.clone(), header, type, row, refusal);
        }
        return new NpyArray(header, type, rows);
    }

    private static Object decode(byte[] bytes, NpyHeader header, StorageType type, int row, NpyHeader.Refusal refusal) {
        int elements = bytes.length / header.bytes();
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(header.order());
        if (type == StorageType.UINT8) {
            return bytes;
        }
        if (type == StorageType.FLOAT32) {
            float[] values = new float[elements];
            for (int i = 0; i < elements; i++) {
                values[i] = nextFloat(buffer, header.bytes());
                if (!Float.isFinite(values[i])) {
                    throw refusal.because(
                            "values must be finite in float32", "a number", values[i] + " in example " + row);
                }
            }
            return values;
        }
        long[] values = new long[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = nextLong(buffer, header.bytes(), header.kind() == 'u');
            if (header.kind() == 'u' && values[i] < 0) {
                throw refusal.because(
                        "integers must fit 63 bits",
                        "at most " + Long.MAX_VALUE,
                        Long.toUnsignedString(values[i]) + " in example " + row);
            }
        }
        return values;
    }

    private static float nextFloat(ByteBuffer buffer, int bytes) {
        return bytes == 4 ? buffer.getFloat() : bytes == 8 ? (float) buffer.getDouble() : half(buffer.getShort());
    }

    private static long nextLong(ByteBuffer buffer, int bytes, boolean unsigned) {
        return switch (bytes) {
            case 1 -> buffer.get();
            case 2 -> unsigned ? buffer.getShort() & 0xffffL : buffer.getShort();
            case 4 -> unsigned ? buffer.getInt() & 0xffffffffL : buffer.getInt();
            default -> buffer.getLong();
        };
    }

    /**
     * IEEE half precision: 1 sign bit, 5 exponent bits, 10 fraction bits.
     *
     * @param bits the 16 bits
     * @return the number
     */
    public static float half(short bits) {
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        float magnitude;
        if (exponent == 0x1f) {
            magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else if (exponent == 0) {
            magnitude = fraction * 0x1p-24f;
        } else {
            magnitude = Float.intBitsToFloat((exponent + 112) << 23 | fraction << 13);
        }
        return bits < 0 ? -magnitude : magnitude;
    }

    /** {@return element type and shape as the file says them} */
    public NpyHeader header() {
        return header;
    }

    /** {@return the type in which values are held} */
    public StorageType type() {
        return type;
    }

    /** {@return how many examples there are} */
    public int size() {
        return rows.length;
    }

    /** {@return the axes of one example} */
    public int[] rowShape() {
        return header.shape().stream().skip(1).mapToInt(Integer::intValue).toArray();
    }

    /** {@return one array of bytes per example} */
    public byte[][] byteRows() {
        return Arrays.copyOf(rows, rows.length, byte[][].class);
    }

    /** {@return one array of floats per example} */
    public float[][] floatRows() {
        return Arrays.copyOf(rows, rows.length, float[][].class);
    }

    /** {@return one array of integers per example} */
    public long[][] longRows() {
        return Arrays.copyOf(rows, rows.length, long[][].class);
    }
}
