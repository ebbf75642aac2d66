package org.espalier.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One batch, in direct buffers of native byte order whose position is 0 and whose limit is what the batch fills.
 *
 * <p>The loader uses the buffers again: a batch is valid until the next call of {@link BatchLoader#next()},
 * {@link BatchLoader#seek} or {@link BatchLoader#close()}.
 */
public final class Batch {
    private final List<InputSpec> specs;
    private final List<FloatBuffer> floats = new ArrayList<>();
    private final List<LongBuffer> longs = new ArrayList<>();
    private final LongBuffer labels;
    private final FloatBuffer targets;
    private final int targetElements;
    private final int[] examples;
    private final LabelKind labelKind;
    private int size;
    private int epoch;
    private int index;

    Batch(DataSet data, int capacity) {
        specs = data.inputs();
        for (InputSpec spec : specs) {
            int elements = Math.multiplyExact(spec.elements(), capacity);
            boolean integer = spec.type() == StorageType.INT64;
            floats.add(newFloats(integer ? 0 : elements));
            longs.add(newLongs(integer ? elements : 0));
        }
        labelKind = data.labelKind();
        labels = newLongs(labelKind == LabelKind.CLASSES ? capacity : 0);
        int perTarget = 0;
        if (data.hasTargets()) {
            perTarget = data.targetShape().stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
        }
        targetElements = perTarget;
        targets = newFloats(Math.multiplyExact(perTarget, capacity));
        examples = new int[capacity];
    }

    private static FloatBuffer newFloats(int elements) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(elements, Float.BYTES))
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    private static LongBuffer newLongs(int elements) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(elements, Long.BYTES))
                .order(ByteOrder.nativeOrder())
                .asLongBuffer();
    }

    void begin(int batchEpoch, int batchIndex, int batchSize) {
        epoch = batchEpoch;
        index = batchIndex;
        size = batchSize;
        labels.clear();
        targets.clear();
        for (int i = 0; i < specs.size(); i++) {
            floats.get(i).clear();
            longs.get(i).clear();
        }
    }

    void finish() {
        labels.rewind().limit(labelKind == LabelKind.CLASSES ? size : 0);
        targets.rewind().limit(size * targetElements);
        for (int i = 0; i < specs.size(); i++) {
            int elements = size * specs.get(i).elements();
            boolean integer = specs.get(i).type() == StorageType.INT64;
            floats.get(i).rewind().limit(integer ? 0 : elements);
            longs.get(i).rewind().limit(integer ? elements : 0);
        }
    }

    void setExample(int row, int example) {
        examples[row] = example;
    }

    /**
     * The number of examples.
     *
     * @return 1 to the loader's batch size
     */
    public int size() {
        return size;
    }

    /**
     * The epoch that the batch belongs to.
     *
     * @return from 0
     */
    public int epoch() {
        return epoch;
    }

    /**
     * The batch's place in its epoch.
     *
     * @return 0 to batchesPerEpoch − 1
     */
    public int index() {
        return index;
    }

    /**
     * The values of an input of type float or byte, normalised: [N, shape…], images [N, C, H, W].
     *
     * @param input index in {@link DataSet#inputs()}
     * @return the buffer; empty for an integer input
     */
    public FloatBuffer floats(int input) {
        return floats.get(input);
    }

    /**
     * The values of an integer input, [N, shape…].
     *
     * @param input index in {@link DataSet#inputs()}
     * @return the buffer; empty for other inputs
     */
    public LongBuffer longs(int input) {
        return longs.get(input);
    }

    /**
     * The classes, [N].
     *
     * @return the buffer; empty where labels are no classes
     */
    public LongBuffer labels() {
        return labels;
    }

    /**
     * The numbers to predict, or the several integers that examples are labelled with, [N, shape…].
     *
     * @return the buffer; empty where labels are neither
     */
    public FloatBuffer targets() {
        return targets;
    }

    /**
     * Which example of the data set a row is.
     *
     * @param row 0 to size − 1
     * @return the example's number
     */
    public int example(int row) {
        return examples[row];
    }
}
