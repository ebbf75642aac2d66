package org.espalier.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AugmentationTest {
    private static float[] ramp(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i + 1;
        }
        return values;
    }

    /** The oracle: pads, then cuts out. */
    private static float[] padAndCut(float[] image, int channels, int height, int width, int down, int right) {
        float[] out = new float[image.length];
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int sy = y - down;
                    int sx = x - right;
                    boolean inside = sy >= 0 && sy < height && sx >= 0 && sx < width;
                    out[(c * height + y) * width + x] = inside ? image[(c * height + sy) * width + sx] : 0;
                }
            }
        }
        return out;
    }

    @Test
    void shift_everyOffset_equalsPaddingAndCutting() {
        for (int down = -5; down <= 5; down++) {
            for (int right = -6; right <= 6; right++) {
                float[] image = ramp(2 * 4 * 5);
                float[] expected = padAndCut(image, 2, 4, 5, down, right);
                PixelOps.shift(image, 2, 4, 5, down, right);
                assertThat(image).as("down %d, right %d", down, right).containsExactly(expected);
            }
        }
    }

    @Test
    void flip_twice_isTheSameImage() {
        float[] image = ramp(2 * 3 * 5);
        PixelOps.flip(image, 6, 5);
        assertThat(Arrays.copyOf(image, 5)).containsExactly(5, 4, 3, 2, 1);
        PixelOps.flip(image, 6, 5);
        assertThat(image).containsExactly(ramp(30));
    }

    @Test
    void contrast_anyFactor_keepsChannelMeansAndScalesDistances() {
        float[] image = {1, 3, 10, 20};
        PixelOps.stretch(image, 2, 2, 0.5f);
        assertThat(image).containsExactly(1.5f, 2.5f, 12.5f, 17.5f);
    }

    @Test
    void cutout_anyPlace_isASquareOfEachChannelsMean() {
        SeededRandom random = new SeededRandom(3);
        int[] hits = new int[4 * 5];
        for (int i = 0; i < 1_000; i++) {
            float[] image = new float[2 * 4 * 5];
            Arrays.fill(image, 20, 40, 7);
            image[0] = 10;
            image[19] = 10;
            float[] before = image.clone();
            Augmentation.cutout(3).apply(image, 2, 4, 5, false, random);
            int cut = 0;
            for (int p = 0; p < 20; p++) {
                if (image[p] == 1) {
                    cut++;
                    hits[p]++;
                } else {
                    assertThat(image[p]).isEqualTo(before[p]);
                }
                assertThat(image[20 + p]).isEqualTo(7);
            }
            assertThat(cut).isEqualTo(9);
        }
        assertThat(hits).doesNotContain(0);
    }

    @Test
    void cutout_widerThanTheImage_takesAllOfIt() {
        float[] image = {1, 3, 5, 7};
        Augmentation.cutout(9).apply(image, 1, 2, 2, false, new SeededRandom(1));
        assertThat(image).containsOnly(4);
    }

    /** 4,000 draws at a fixed seed; bounds are five standard deviations of the counts. */
    @Test
    void augmentations_draws_coverTheirRanges() {
        SeededRandom random = new SeededRandom(5);
        float least = 1;
        float most = -1;
        int[] moves = new int[5];
        for (int i = 0; i < 4_000; i++) {
            float[] image = {0, 0, 1, 0, 0};
            Augmentation.randomCrop(2).apply(image, 1, 1, 5, false, random);
            for (int x = 0; x < 5; x++) {
                moves[x] += image[x] == 1 ? 1 : 0;
            }
            float[] grey = {0.5f};
            Augmentation.brightness(0.25).apply(grey, 1, 1, 1, false, random);
            least = Math.min(least, grey[0]);
            most = Math.max(most, grey[0]);
        }
        // One row of five is moved out of sight by four of the five vertical moves.
        for (int count : moves) {
            assertThat(count).isBetween(160 - 62, 160 + 62);
        }
        assertThat(least).isBetween(0.25f, 0.26f);
        assertThat(most).isBetween(0.74f, 0.75f);
    }

    @Test
    void horizontalFlip_turnsHalfOfTheImages_andEachInEveryOtherEpoch() {
        byte[][] rows = new byte[4_000][];
        Arrays.fill(rows, new byte[] {0, 1});
        DataSet data = DataSet.builder("pairs")
                .bytes("", rows, Normalization.pixels(List.of(0.0), List.of(1.0)), 1, 1, 2)
                .build();
        boolean[][] flipped = new boolean[4][rows.length];
        try (BatchLoader loader = BatchLoader.of(data)
                .batchSize(rows.length)
                .augmentation(Augmentation.horizontalFlip())
                .build()) {
            for (boolean[] epoch : flipped) {
                Batch batch = loader.next();
                for (int row = 0; row < rows.length; row++) {
                    epoch[batch.example(row)] = batch.floats(0).get(2 * row) > 0;
                }
            }
        }
        int first = 0;
        for (int i = 0; i < rows.length; i++) {
            first += flipped[0][i] ? 1 : 0;
            assertThat(flipped[1][i]).isEqualTo(!flipped[0][i]);
            assertThat(flipped[2][i]).isEqualTo(flipped[0][i]);
            assertThat(flipped[3][i]).isEqualTo(flipped[1][i]);
        }
        assertThat(first).as("five standard deviations").isBetween(2_000 - 160, 2_000 + 160);
    }

    /** Pixels of 0 to 255 were once moved by brightness as if they were 0 to 1. */
    @Test
    void augmentations_whateverTheNormalization_doTheSameToPictures() {
        byte[][] rows = {TestFiles.bytes(3 * 8 * 8, 1), TestFiles.bytes(3 * 8 * 8, 2)};
        Augmentation all = Augmentation.randomCrop(2)
                .then(Augmentation.brightness(0.5))
                .then(Augmentation.contrast(0.2, 1.8))
                .then(Augmentation.cutout(3));
        float[] unit = augmented(rows, Normalization.pixels(), all);
        List<Double> mean = List.of(0.5, 0.4, 0.3);
        List<Double> std = List.of(0.25, 0.2, 2.0);
        float[] raw = augmented(rows, Normalization.identity(), all);
        float[] normalized = augmented(rows, Normalization.pixels(mean, std), all);
        for (int i = 0; i < unit.length; i++) {
            int c = i / 64 % 3;
            assertThat(raw[i]).isEqualTo(255 * unit[i], within(1e-3f));
            assertThat(normalized[i]).isEqualTo((float) ((unit[i] - mean.get(c)) / std.get(c)), within(1e-5f));
        }
    }

    private static float[] augmented(byte[][] rows, Normalization normalization, Augmentation augmentation) {
        DataSet data =
                DataSet.builder("two").bytes("", rows, normalization, 3, 8, 8).build();
        try (BatchLoader loader =
                BatchLoader.of(data).batchSize(2).augmentation(augmentation).build()) {
            float[] values = new float[2 * 3 * 64];
            loader.next().floats(0).get(values);
            return values;
        }
    }

    @Test
    void factories_badRanges_areRefused() {
        for (Runnable bad : List.<Runnable>of(
                () -> Augmentation.randomCrop(-1),
                () -> Augmentation.cutout(0),
                () -> Augmentation.brightness(Double.NaN),
                () -> Augmentation.contrast(2, 1),
                () -> Augmentation.contrast(Double.NaN, 1))) {
            assertThatThrownBy(bad::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("augmentation '")
                    .hasMessageContaining("found");
        }
    }

    @Test
    void perImageNormalization_anyImage_hasMeanZeroAndDeviationOne() {
        byte[][] rows = {TestFiles.bytes(3 * 8 * 8, 1), new byte[3 * 8 * 8]};
        DataSet data = DataSet.builder("two")
                .bytes("", rows, Normalization.perImagePixels(), 3, 8, 8)
                .build();
        double sum = 0;
        double squares = 0;
        for (float value : data.example(0)) {
            sum += value;
            squares += value * value;
        }
        assertThat(sum / 192).isEqualTo(0, within(1e-6));
        assertThat(squares / 192).isEqualTo(1, within(1e-5));
        assertThat(data.example(1)).containsOnly(0);
    }

    /** The published recipe on CIFAR-sized images against the same batches without it, by the time of the processor. */
    @Test
    void batchLoader_cifarRecipe_costsLittleMoreThanLoading() {
        byte[][] rows = new byte[2_000][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = TestFiles.bytes(3072, i);
        }
        DataSet data = DataSet.builder("noise")
                .bytes("", rows, Normalization.perImagePixels(), 3, 32, 32)
                .build();
        Augmentation recipe = Augmentation.randomCrop(2)
                .then(Augmentation.horizontalFlip())
                .then(Augmentation.brightness(63.0 / 255))
                .then(Augmentation.contrast(0.2, 1.8));
        // Prepared in this thread, whose time is measured, and in turns: what slows down one slows down the other.
        try (BatchLoader plain = BatchLoader.of(data).batchSize(100).prefetch(0).build();
                BatchLoader augmented = BatchLoader.of(data)
                        .batchSize(100)
                        .augmentation(recipe)
                        .prefetch(0)
                        .build()) {
            double[] ratios = new double[5];
            for (int round = 0; round < ratios.length; round++) {
                double without = nanosOfAnEpoch(plain);
                ratios[round] = nanosOfAnEpoch(augmented) / without;
            }
            Arrays.sort(ratios);
            assertThat(ratios[ratios.length / 2]).isLessThan(10);
        }
    }

    private static double nanosOfAnEpoch(BatchLoader loader) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < loader.batchesPerEpoch(); i++) {
            loader.next();
        }
        return threads.getCurrentThreadCpuTime() - start;
    }
}
