package org.espalier.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchLoaderTest {
    @Test
    void build_moreThanTwoGibibytes_saysHowManyFit() {
        byte[][] rows = new byte[600][];
        java.util.Arrays.fill(rows, new byte[3 * 1200 * 1200]);
        DataSet large = DataSet.builder("large")
                .bytes("", rows, Normalization.pixels(), 3, 1200, 1200)
                .build();
        assertThatThrownBy(() -> BatchLoader.of(large).batchSize(128).build())
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected a batch size of at most 124, found 128");
    }

    private static final int COUNT = 23;

    private static DataSet images() {
        byte[][] rows = new byte[COUNT][];
        int[] labels = new int[COUNT];
        for (int i = 0; i < COUNT; i++) {
            rows[i] = TestFiles.bytes(2 * 3 * 4, i);
            labels[i] = i % 3;
        }
        return DataSet.builder("tiny")
                .bytes("", rows, Normalization.pixels(List.of(0.5, 0.25), List.of(0.5, 2.0)), 2, 3, 4)
                .classes(labels, List.of("a", "b", "c"))
                .build();
    }

    private static final Augmentation NOISE = (pixels, channels, height, width, coin, random) -> {
        for (int i = 0; i < channels * height * width; i++) {
            pixels[i] += random.nextFloat();
        }
    };

    /** Everything in a batch, to compare streams by. */
    private static String print(Batch batch) {
        float[] values = new float[batch.floats(0).remaining()];
        batch.floats(0).get(values);
        long[] labels = new long[batch.labels().remaining()];
        batch.labels().get(labels);
        return batch.epoch() + "/" + batch.index() + " " + java.util.Arrays.toString(labels)
                + java.util.Arrays.toString(values);
    }

    private static List<String> take(BatchLoader loader, int count) {
        List<String> batches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batches.add(print(loader.next()));
        }
        return batches;
    }

    @Test
    void next_wholeEpoch_hasEveryExampleOnceNormalised() {
        DataSet data = images();
        try (BatchLoader loader = BatchLoader.of(data).batchSize(5).seed(3).build()) {
            assertThat(loader.batchesPerEpoch()).isEqualTo(5);
            Set<Integer> seen = new HashSet<>();
            for (int b = 0; b < 5; b++) {
                Batch batch = loader.next();
                assertThat(batch.size()).isEqualTo(b < 4 ? 5 : 3);
                assertThat(batch.index()).isEqualTo(b);
                assertThat(batch.floats(0).isDirect()).isTrue();
                assertThat(batch.floats(0).remaining()).isEqualTo(batch.size() * 24);
                for (int row = 0; row < batch.size(); row++) {
                    int example = batch.example(row);
                    assertThat(seen.add(example)).isTrue();
                    assertThat(batch.labels().get(row)).isEqualTo(example % 3);
                    float[] values = new float[24];
                    batch.floats(0).get(row * 24, values);
                    assertThat(values).containsExactly(data.example(example));
                    int raw = data.pixels(example)[13] & 0xff;
                    assertThat(values[13]).isEqualTo((float) ((raw / 255.0 - 0.25) / 2));
                }
            }
            assertThat(seen).hasSize(COUNT);
        }
    }

    @Test
    void next_anyPrefetchAndWorkers_givesTheSameBatches() {
        List<String> expected = null;
        for (int[] setting : new int[][] {{0, 1}, {1, 1}, {2, 1}, {7, 3}, {13, 2}}) {
            try (BatchLoader loader = BatchLoader.of(images())
                    .batchSize(4)
                    .seed(11)
                    .augmentation(NOISE)
                    .prefetch(setting[0])
                    .workers(setting[1])
                    .build()) {
                List<String> batches = take(loader, 20);
                expected = expected == null ? batches : expected;
                assertThat(batches).isEqualTo(expected);
            }
        }
        assertThat(new HashSet<>(expected)).hasSize(20);
    }

    @Test
    void seek_anyPosition_goesOnExactly() {
        List<String> all;
        try (BatchLoader loader =
                BatchLoader.of(images()).batchSize(4).augmentation(NOISE).build()) {
            all = take(loader, 18);
        }
        try (BatchLoader loader = BatchLoader.of(images())
                .batchSize(4)
                .augmentation(NOISE)
                .prefetch(4)
                .workers(2)
                .build()) {
            for (int start : new int[] {0, 7, 13, 3, 12}) {
                loader.seek(start / 6, start % 6);
                assertThat(take(loader, 5)).isEqualTo(all.subList(start, start + 5));
            }
            assertThatThrownBy(() -> loader.seek(0, 6))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("batch 0 to 5, found epoch 0, batch 6");
        }
    }

    @Test
    void next_afterLastEpoch_throwsAndSeekStartsAgain() {
        for (int prefetch : new int[] {0, 3}) {
            try (BatchLoader loader = BatchLoader.of(images())
                    .batchSize(10)
                    .dropLast(true)
                    .epochs(2)
                    .prefetch(prefetch)
                    .build()) {
                List<String> all = take(loader, 4);
                assertThatThrownBy(loader::next).isInstanceOf(NoSuchElementException.class);
                loader.seek(1, 0);
                assertThat(take(loader, 2)).isEqualTo(all.subList(2, 4));
            }
        }
    }

    @Test
    void next_failingWorker_throwsInsteadOfHanging() {
        for (int workers : new int[] {0, 1, 3}) {
            Augmentation broken = (pixels, channels, height, width, coin, random) -> {
                throw new AssertionError("no luck");
            };
            try (BatchLoader loader = BatchLoader.of(images())
                    .augmentation(broken)
                    .prefetch(workers == 0 ? 0 : 3)
                    .workers(Math.max(1, workers))
                    .build()) {
                for (int attempt = 0; attempt < 2; attempt++) {
                    assertThatThrownBy(loader::next)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("expected batch 0 of epoch 0")
                            .hasMessageContaining("no luck")
                            .cause()
                            .hasMessage("no luck");
                }
            }
        }
    }

    /** The worker takes its millisecond per image only while the consumer waits, however late that begins. */
    @Test
    void next_slowWorker_isCountedAsWaiting() {
        Thread consumer = Thread.currentThread();
        AtomicBoolean asked = new AtomicBoolean();
        Augmentation slow = (pixels, channels, height, width, coin, random) -> {
            while (!asked.get() || consumer.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            long end = System.nanoTime() + 1_000_000;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        };
        try (BatchLoader loader =
                BatchLoader.of(images()).epochs(1).augmentation(slow).build()) {
            asked.set(true);
            loader.next();
            assertThat(loader.waitNanos()).isGreaterThanOrEqualTo(COUNT * 1_000_000L);
        }
    }

    @Test
    void builder_outOfRange_saysWhatIsExpected() {
        assertThatThrownBy(() -> BatchLoader.of(images()).prefetch(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("batches of 'tiny': prefetch must be in range, expected >= 0, found -1");
        assertThatThrownBy(() -> BatchLoader.of(images()).batchSize(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("batches of 'tiny': batch size must be in range, expected >= 1, found 0");
    }

    @Test
    void next_closed_isRefused() {
        BatchLoader loader = BatchLoader.of(images()).build();
        loader.next();
        loader.close();
        loader.close();
        assertThatThrownBy(loader::next)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("found closed");
    }

    @Test
    void next_severalInputsAndTargets_fillTheirBuffers() {
        DataSet data = DataSet.builder("mixed")
                .floats("x", new float[][] {{1, 2}, {3, 4}, {5, 6}}, Normalization.identity(), 2)
                .longs("ids", new long[][] {{7}, {8}, {1L << 40}}, 1)
                .targets(new float[][] {{0.5f}, {1.5f}, {2.5f}})
                .build();
        try (BatchLoader loader =
                BatchLoader.of(data).batchSize(2).shuffle(false).build()) {
            Batch batch = loader.next();
            assertThat(batch.floats(0).get(3)).isEqualTo(4);
            assertThat(batch.longs(0).remaining()).isZero();
            assertThat(batch.longs(1).get(1)).isEqualTo(8);
            assertThat(batch.targets().get(1)).isEqualTo(1.5f);
            assertThat(batch.labels().remaining()).isZero();
            batch = loader.next();
            assertThat(batch.size()).isEqualTo(1);
            assertThat(batch.longs(1).get(0)).isEqualTo(1L << 40);
            assertThat(batch.targets().remaining()).isEqualTo(1);
        }
        assertThatThrownBy(() -> BatchLoader.of(data).augmentation(NOISE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[C, H, W]");
    }

    /** Shifted and mirrored as if they had their channels first, they would be destroyed. */
    @Test
    void augmentation_channelsLast_isRefused() {
        for (int channels : new int[] {1, 3}) {
            DataSet data = DataSet.builder("d")
                    .floats("x", new float[2][8 * 8 * channels], Normalization.identity(), 8, 8, channels)
                    .build();
            assertThatThrownBy(() -> BatchLoader.of(data).augmentation(NOISE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(
                            "channels first, expected [" + channels + ", 8, 8], found [8, 8, " + channels);
        }
    }
}
