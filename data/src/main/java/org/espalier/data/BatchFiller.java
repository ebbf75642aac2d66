package org.espalier.data;

import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import org.jspecify.annotations.Nullable;

/** Fills batches; each worker thread has one of its own. */
final class BatchFiller {
    /** Set apart from the stream that orders the epoch. */
    private static final long AUGMENTATION_STREAM = 0x6175676d656e74L;

    private static final long COIN_STREAM = 0x636f696eL;

    private final DataSet data;
    private final @Nullable Augmentation augmentation;
    private final long seed;
    private final SeededRandom random = new SeededRandom(0);
    private final float[] values;
    private final long[] integers;
    private final float[] target;

    BatchFiller(DataSet data, @Nullable Augmentation augmentation, long seed) {
        this.data = data;
        this.augmentation = augmentation;
        this.seed = seed;
        int elements =
                data.inputs().stream().mapToInt(InputSpec::elements).max().orElse(0);
        this.values = new float[elements];
        this.integers = new long[elements];
        int perTarget = 0;
        if (data.hasTargets()) {
            perTarget = data.targetShape().stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
        }
        this.target = new float[perTarget];
    }

    /** Fills a batch with the examples at the given places of the epoch's order. */
    void fill(Batch batch, int epoch, int[] order, int from, int count) {
        for (int row = 0; row < count; row++) {
            int example = order[from + row];
            batch.setExample(row, example);
            for (int input = 0; input < data.inputs().size(); input++) {
                fillInput(batch, input, epoch, example);
            }
            if (data.labelKind() == LabelKind.CLASSES) {
                batch.labels().put(data.label(example));
            } else if (data.hasTargets()) {
                data.readTarget(example, target, 0);
                batch.targets().put(target);
            }
        }
    }

    private void fillInput(Batch batch, int input, int epoch, int example) {
        Column column = data.column(input);
        InputSpec spec = column.spec();
        int elements = spec.elements();
        if (spec.type() == StorageType.INT64) {
            LongBuffer out = batch.longs(input);
            column.readLongs(example, integers, 0);
            out.put(integers, 0, elements);
            return;
        }
        FloatBuffer out = batch.floats(input);
        if (augmentation != null && spec.isImage()) {
            column.readToAugment(example, values, 0);
            random.reset(seed ^ COIN_STREAM, 0, example);
            boolean coin = random.nextLong() < 0 ^ (epoch & 1) == 1;
            random.reset(seed ^ AUGMENTATION_STREAM, epoch, example);
            augmentation.apply(
                    values,
                    spec.shape().get(0),
                    spec.shape().get(1),
                    spec.shape().get(2),
                    coin,
                    random);
            column.normalizeAugmented(values, 0);
        } else {
            column.readNormalized(example, values, 0);
        }
        out.put(values, 0, elements);
    }
}
