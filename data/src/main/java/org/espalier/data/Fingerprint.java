package org.espalier.data;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** A number that follows from values: whoever goes on with a run tells by it whether the data are what they were. */
final class Fingerprint {
    private final CRC32C sum = new CRC32C();

    /** Adds what an example holds: byte[], float[] or long[]. */
    void add(Object values) {
        if (values instanceof byte[] bytes) {
            sum.update(bytes);
        } else if (values instanceof float[] floats) {
            ByteBuffer bytes = ByteBuffer.allocate(floats.length * Float.BYTES);
            bytes.asFloatBuffer().put(floats);
            sum.update(bytes);
        } else {
            long[] longs = (long[]) values;
            ByteBuffer bytes = ByteBuffer.allocate(longs.length * Long.BYTES);
            bytes.asLongBuffer().put(longs);
            sum.update(bytes);
        }
    }

    long value() {
        return sum.getValue();
    }
}
