package org.espalier.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DataSetTest {
    /** Example i holds the value i; class 0 has four times as many examples as class 1. */
    private static DataSet numbered(int count) {
        float[][] rows = new float[count][];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            rows[i] = new float[] {i};
            labels[i] = i % 5 == 0 ? 1 : 0;
        }
        return DataSet.builder("numbers")
                .floats("x", rows, Normalization.identity(), 1)
                .classes(labels, List.of("many", "few"))
                .build();
    }

    private static List<Integer> values(DataSet data) {
        return IntStream.range(0, data.size())
                .mapToObj(i -> (int) data.example(i)[0])
                .toList();
    }

    @Test
    void holdOut_anySeed_isADisjointStratifiedSplit() {
        DataSet data = numbered(100);
        for (long seed = 0; seed < 20; seed++) {
            Splits splits = data.holdOut(0.3, seed);
            List<Integer> held = values(splits.test());
            TreeSet<Integer> all = new TreeSet<>(held);
            all.addAll(values(splits.train()));
            assertThat(held).hasSize(30).isSorted();
            assertThat(all).hasSize(100);
            assertThat(held.stream().filter(i -> i % 5 == 0)).hasSize(6);
            assertThat(values(data.holdOut(30, seed).test())).isEqualTo(held);
        }
        assertThat(values(data.holdOut(0.3, 1).test()))
                .isNotEqualTo(values(data.holdOut(0.3, 2).test()));
    }

    @Test
    void fingerprint_followsFromLabelsAndValues() {
        DataSet data = numbered(5000);
        assertThat(data.fingerprint()).isEqualTo(numbered(5000).fingerprint());
        assertThat(data.withRandomLabels(1).fingerprint()).isNotEqualTo(data.fingerprint());
        assertThat(data.take(4999).fingerprint()).isNotEqualTo(data.fingerprint());
        float[][] rows = new float[1][1];
        DataSet zero = DataSet.builder("one")
                .floats("x", rows.clone(), Normalization.identity(), 1)
                .build();
        rows[0] = new float[] {1};
        DataSet one = DataSet.builder("one")
                .floats("x", rows, Normalization.identity(), 1)
                .build();
        assertThat(one.fingerprint()).isNotEqualTo(zero.fingerprint());
        DataSet whole = DataSet.builder("one").longs("x", new long[][] {{1}}, 1).build();
        assertThat(whole.fingerprint())
                .isNotEqualTo(DataSet.builder("one")
                        .longs("x", new long[][] {{2}}, 1)
                        .build()
                        .fingerprint());
    }

    @Test
    void subset_repeatsAndOrder_areKept() {
        DataSet part = numbered(10).subset(7, 5, 7);
        assertThat(values(part)).containsExactly(7, 5, 7);
        assertThat(part.label(1)).isEqualTo(1);
        assertThat(numbered(10).take(3).size()).isEqualTo(3);
        assertThat(numbered(10).take(30).size()).isEqualTo(10);
        assertThatThrownBy(() -> numbered(10).subset(10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected 0 to 9, found 10");
        assertThatThrownBy(() -> numbered(10).take(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> numbered(10).holdOut(10, 0)).hasMessageContaining("expected 1 to 9, found 10");
        assertThatThrownBy(() -> numbered(10).holdOut(Double.NaN, 0)).hasMessageContaining("(0, 1)");
    }

    @Test
    void pixels_everyByte_equalsFloatDivision() {
        byte[] all = new byte[256];
        for (int i = 0; i < 256; i++) {
            all[i] = (byte) i;
        }
        DataSet data = DataSet.builder("bytes")
                .bytes("", new byte[][] {all}, Normalization.pixels(), 1, 16, 16)
                .build();
        float[] values = data.example(0);
        for (int i = 0; i < 256; i++) {
            assertThat(values[i]).isEqualTo(i / 255f);
        }
        assertThat(data.inputIndex("anything")).isZero();
        assertThatThrownBy(() -> data.label(0)).isInstanceOf(IllegalStateException.class);
        byte[] copy = data.pixels(0);
        Arrays.fill(copy, (byte) 0);
        assertThat(data.pixels(0)).isEqualTo(all);
    }

    @Test
    void measureNormalization_constantChannel_keepsItsUnit() {
        byte[] row = new byte[100];
        Arrays.fill(row, (byte) 200);
        byte[][] rows = new byte[20_000][];
        Arrays.fill(rows, row);
        Normalization measured = DataSet.builder("constant")
                .bytes("", rows, Normalization.pixels(), 1, 10, 10)
                .build()
                .measureNormalization();
        assertThat(measured.std().get(0)).isEqualTo(1);
        assertThat(measured.mean().get(0)).isEqualTo(200 / 255.0, within(1e-7));
    }

    @Test
    void measureNormalization_twoChannels_standardisesEach() {
        byte[][] rows = {{0, 10, 100, 100}, {20, 30, 100, 100}};
        DataSet data = DataSet.builder("two")
                .bytes("", rows, Normalization.pixels(), 2, 1, 2)
                .build();
        Normalization measured = data.measureNormalization();
        assertThat(measured.mean().get(0) * 255).isEqualTo(15, within(1e-4));
        assertThat(measured.std().get(0) * 255).isEqualTo(Math.sqrt(125), within(1e-4));
        assertThat(measured.std().get(1)).as("constant channel").isEqualTo(1);
        float[] values = data.withNormalization(measured).example(1);
        assertThat(values[1]).isEqualTo((float) (15 / Math.sqrt(125)), within(1e-5f));
        assertThat(values[3]).isEqualTo(0, within(1e-6f));
    }

    @Test
    void withRandomLabels_sameSeed_drawsAllClassesAgain() {
        DataSet data = numbered(400);
        DataSet random = data.withRandomLabels(3);
        int[] labels = IntStream.range(0, 400).map(random::label).toArray();
        // Seed fixed; 200 ± five standard deviations.
        assertThat(Arrays.stream(labels).sum()).isBetween(150, 250);
        assertThat(IntStream.range(0, 400).map(data.withRandomLabels(3)::label).toArray())
                .isEqualTo(labels);
        assertThat(random.example(7)).isEqualTo(data.example(7));
    }

    @Test
    void build_badInput_isRefused() {
        Normalization none = Normalization.identity();
        assertThatThrownBy(() -> DataSet.builder("d").build()).hasMessageContaining("found none");
        assertThatThrownBy(() -> DataSet.builder("d").floats("x", new float[][] {{1}}, none, 2))
                .hasMessageContaining("expected 2 values, found 1");
        assertThatThrownBy(() -> DataSet.builder("d").floats("x", new float[][] {{Float.NaN}}, none, 1))
                .hasMessageContaining("found NaN in example 0");
        assertThatThrownBy(() -> DataSet.builder("d")
                        .floats("x", new float[2][1], none, 1)
                        .longs("i", new long[3][1], 1)
                        .build())
                .hasMessageContaining("expected 2, found 3 in 'i'");
        assertThatThrownBy(() -> DataSet.builder("d")
                        .floats("x", new float[2][1], none, 1)
                        .classes(new int[] {0, 2}, List.of("a", "b"))
                        .build())
                .hasMessageContaining("expected 0 to 1, found 2 at example 1");
        assertThatThrownBy(() -> DataSet.builder("d")
                        .floats("x", new float[2][1], none, 1)
                        .targets(new float[1][1])
                        .build())
                .hasMessageContaining("one label per example, expected 2, found 1");
        assertThatThrownBy(() -> Normalization.pixels(List.of(0.0), List.of(0.0)))
                .hasMessageContaining("std must be positive");
        assertThatThrownBy(() -> Normalization.pixels(List.of(0.0), List.of(1.0, 1.0)))
                .hasMessageContaining("expected 1 std, found 2");
    }
}
