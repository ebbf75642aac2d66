package org.espalier.data;

import java.util.Arrays;

/** The values of one input: its description and one array per example. */
final class Column {
    private final InputSpec spec;
    /** byte[], float[] or long[] per example, after the element type. */
    private final Object[] rows;
    /** The float of every byte value, per channel: scaled and normalised, or only scaled. */
    private final float[][] normalized;

    private final float[] scaled;
    /** What white, byte 255, is after scaling; 1 for floats, whose range is not known. */
    private final float white;

    private final int plane;

    Column(InputSpec spec, Object[] rows) {
        this.spec = spec;
        this.rows = rows;
        int elements = spec.elements();
        int channels = spec.shape().isEmpty() ? 1 : spec.shape().get(0);
        this.plane = elements / channels;
        boolean bytes = spec.type() == StorageType.UINT8;
        this.scaled = bytes ? table(spec.normalization().scale(), 0, 1) : new float[0];
        this.white = bytes ? (float) (255 * spec.normalization().scale()) : 1;
        int tables = bytes ? channels : 0;
        boolean same = spec.normalization().mean().size() == 1;
        this.normalized = new float[tables][];
        for (int c = 0; c < tables; c++) {
            Normalization n = spec.normalization();
            normalized[c] = same && c > 0 ? normalized[0] : table(n.scale(), n.mean(c), n.std(c));
        }
    }

    private static float[] table(double scale, double mean, double std) {
        float[] table = new float[256];
        for (int value = 0; value < 256; value++) {
            table[value] = (float) ((value * scale - mean) / std);
        }
        return table;
    }

    InputSpec spec() {
        return spec;
    }

    int size() {
        return rows.length;
    }

    /** byte[], float[] or long[]. */
    Object row(int example) {
        return rows[example];
    }

    Column withNormalization(Normalization normalization) {
        return new Column(new InputSpec(spec.name(), spec.type(), spec.shape(), normalization), rows);
    }

    Column select(int[] indices) {
        Object[] selected = new Object[indices.length];
        for (int i = 0; i < indices.length; i++) {
            selected[i] = rows[indices[i]];
        }
        return new Column(spec, selected);
    }

    byte[] bytes(int example) {
        return (byte[]) rows[example];
    }

    void readLongs(int example, long[] out, int offset) {
        if (!(rows[example] instanceof long[] row)) {
            throw new IllegalStateException("input '" + spec.name()
                    + "': elements must be integers to be read as such, expected INT64, found " + spec.type());
        }
        System.arraycopy(row, 0, out, offset, row.length);
    }

    /** What augmentation works on: bytes as 0 to 1 whatever the scale, so that a change means the same; floats times scale. */
    void readToAugment(int example, float[] out, int offset) {
        readScaled(example, out, offset);
        multiply(out, offset, 1 / white);
    }

    /** Turns such values into what a network sees, in place. */
    void normalizeAugmented(float[] values, int offset) {
        multiply(values, offset, white);
        normalize(values, offset);
    }

    private void multiply(float[] values, int offset, float factor) {
        if (factor != 1) {
            int end = offset + spec.elements();
            for (int i = offset; i < end; i++) {
                values[i] *= factor;
            }
        }
    }

    /** Values times scale. */
    private void readScaled(int example, float[] out, int offset) {
        Object row = rows[example];
        if (row instanceof byte[] bytes) {
            for (int i = 0; i < bytes.length; i++) {
                out[offset + i] = scaled[bytes[i] & 0xff];
            }
        } else if (row instanceof float[] floats) {
            System.arraycopy(floats, 0, out, offset, floats.length);
            float scale = (float) spec.normalization().scale();
            if (scale != 1) {
                for (int i = 0; i < floats.length; i++) {
                    out[offset + i] *= scale;
                }
            }
        } else {
            throw new IllegalStateException("input '" + spec.name()
                    + "': elements must be numbers to be read as floats, expected FLOAT32 or UINT8, found "
                    + spec.type());
        }
    }

    /** What a network sees. */
    void readNormalized(int example, float[] out, int offset) {
        if (rows[example] instanceof byte[] bytes && !spec.normalization().perImage()) {
            for (int c = 0, i = 0; c < normalized.length; c++) {
                float[] table = normalized[c];
                for (int end = i + plane; i < end; i++) {
                    out[offset + i] = table[bytes[i] & 0xff];
                }
            }
        } else {
            readScaled(example, out, offset);
            normalize(out, offset);
        }
    }

    /** Turns scaled values of one example into normalised ones, in place. */
    private void normalize(float[] values, int offset) {
        Normalization n = spec.normalization();
        if (!n.shifts()) {
            return;
        }
        int elements = spec.elements();
        if (n.perImage()) {
            standardize(values, offset, elements);
            return;
        }
        for (int c = 0, i = offset; i < offset + elements; c++) {
            float mean = (float) n.mean(c);
            float inverse = (float) (1 / n.std(c));
            for (int end = i + plane; i < end; i++) {
                values[i] = (values[i] - mean) * inverse;
            }
        }
    }

    private static void standardize(float[] values, int offset, int elements) {
        double sum = 0;
        for (int i = offset; i < offset + elements; i++) {
            sum += values[i];
        }
        double mean = sum / elements;
        double squares = 0;
        for (int i = offset; i < offset + elements; i++) {
            double difference = values[i] - mean;
            squares += difference * difference;
        }
        double std = Math.max(Math.sqrt(squares / elements), 1 / Math.sqrt(elements));
        for (int i = offset; i < offset + elements; i++) {
            values[i] = (float) ((values[i] - mean) / std);
        }
    }

    /** Mean and standard deviation per channel of all scaled values. */
    Normalization measure() {
        int channels = spec.shape().isEmpty() ? 1 : spec.shape().get(0);
        double[] sum = new double[channels];
        double[] squares = new double[channels];
        // About the first value, so that a constant channel has no variance at all.
        double[] first = new double[channels];
        float[] values = new float[spec.elements()];
        for (int example = 0; example < rows.length; example++) {
            readScaled(example, values, 0);
            for (int c = 0, i = 0; c < channels; c++) {
                first[c] = example == 0 ? values[i] : first[c];
                double s = 0;
                double q = 0;
                for (int end = i + plane; i < end; i++) {
                    double d = values[i] - first[c];
                    s += d;
                    q += d * d;
                }
                sum[c] += s;
                squares[c] += q;
            }
        }
        double count = (double) plane * rows.length;
        Double[] mean = new Double[channels];
        Double[] std = new Double[channels];
        for (int c = 0; c < channels; c++) {
            double shift = sum[c] / count;
            mean[c] = first[c] + shift;
            double deviation = Math.sqrt(Math.max(0, squares[c] / count - shift * shift));
            std[c] = deviation > 1e-12 ? deviation : 1.0;
        }
        return new Normalization(spec.normalization().scale(), Arrays.asList(mean), Arrays.asList(std), false);
    }
}
