package org.espalier.objective;

import java.util.Arrays;

/**
 * Where the channels of one example's numbers lie: number (o · channels + c) · inner + i belongs to channel c. Channels may be of very
 * different size, such as boxes in pixels beside scores, and each is measured by its own variance.
 *
 * @param outer positions before the channels' axis
 * @param channels how many there are
 * @param inner positions behind it
 */
record ChannelAxis(int outer, int channels, int inner) {
    /** An axis that is so many times shorter than the last one is that of channels: 84 of 8,400 boxes. */
    private static final int FAR_SHORTER = 8;

    /** Checks the sizes. */
    ChannelAxis {
        if (outer < 1 || channels < 1 || inner < 1) {
            throw new IllegalArgumentException(
                    "channel axis: sizes must be positive, found " + outer + ", " + channels + ", " + inner);
        }
    }

    /**
     * The axis that the shape suggests: of [K] that one; of [A, K], such as detections or steps in time, the last, or the first where it is
     * far shorter; of pictures [C, H, W] the first, or the last where it is the shortest.
     *
     * @param example sizes of the axes of one example, without the batch; axes of size 1 do not matter
     */
    static ChannelAxis of(long... example) {
        long[] sizes = Arrays.stream(example).filter(n -> n != 1).toArray();
        return switch (sizes.length) {
            case 0 -> new ChannelAxis(1, 1, 1);
            case 1 -> at(0, sizes);
            case 2 -> at(sizes[1] >= FAR_SHORTER * sizes[0] ? 0 : 1, sizes);
            default -> {
                long last = sizes[sizes.length - 1];
                boolean lastIsShortest =
                        Arrays.stream(sizes, 0, sizes.length - 1).allMatch(n -> n > last);
                yield at(lastIsShortest ? sizes.length - 1 : 0, sizes);
            }
        };
    }

    /**
     * A given axis.
     *
     * @param axis its number
     * @param example sizes of the axes of one example, without the batch
     */
    static ChannelAxis at(int axis, long... example) {
        return new ChannelAxis(
                product(example, 0, axis), (int) example[axis], product(example, axis + 1, example.length));
    }

    private static int product(long[] sizes, int from, int to) {
        return (int) Arrays.stream(sizes, from, to).reduce(1, Math::multiplyExact);
    }

    /** Numbers of one example. */
    int size() {
        return outer * channels * inner;
    }

    /** The channel of a number. */
    int channel(int number) {
        return number / inner % channels;
    }

    /** Numbers of each channel in one example. */
    int positions() {
        return outer * inner;
    }
}
