package org.espalier.data.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.data.DataException;
import org.espalier.data.DataSet;
import org.espalier.data.InputSpec;
import org.espalier.data.LabelKind;
import org.espalier.data.LabelValues;
import org.espalier.data.Splits;
import org.espalier.data.StorageType;
import org.espalier.data.TestFiles;
import org.espalier.data.formats.NpyArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrayFileTest {
    private final Path folder;

    ArrayFileTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private Splits open(Map<String, byte[]> arrays) {
        Path file = TestFiles.zip(folder.resolve("data.npz"), false, arrays);
        return DataSets.open("arrays:" + file, (Path) null);
    }

    private void assertRefused(Map<String, byte[]> arrays, String... parts) {
        assertThatThrownBy(() -> open(arrays))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("array file '" + folder.resolve("data.npz") + "': ")
                .hasMessageContainingAll(parts)
                .message()
                .doesNotContain("\n");
    }

    private static final byte[] Y = TestFiles.npy("<i8", "3,", TestFiles.longs(0, 2, 1));

    @Test
    void open_largeArrays_tellsHowFarTheReadingIs() {
        byte[] array = TestFiles.npy("|u1", "6, 1000000", new byte[6_000_000]);
        Path file = TestFiles.zip(folder.resolve("large.npz"), false, Map.of("x.npy", array));
        List<Long> read = new ArrayList<>();
        DataOptions options = DataOptions.defaults().withProgress((task, unit, done, total) -> {
            assertThat(task + ", " + unit).isEqualTo("read large.npz, bytes");
            assertThat(total).isEqualTo(array.length);
            read.add(done);
        });
        DataSets.open("arrays:" + file, options);
        assertThat(read).hasSizeBetween(5, 7).isSorted().last().isEqualTo((long) array.length);
    }

    @Test
    void open_severalInputs_keepsNamesTypesAndTestPart() {
        Map<String, byte[]> arrays = new LinkedHashMap<>();
        arrays.put("ids.npy", TestFiles.npy("<i8", "3, 2", TestFiles.longs(1, 2, 3, 4, 5, -6)));
        arrays.put("x.npy", TestFiles.npy("<f4", "3, 1, 2", TestFiles.floats(1, 2, 3, 4, 5, 6)));
        arrays.put("raw.npy", TestFiles.npy("|u1", "3,", new byte[] {0, 1, (byte) 200}));
        arrays.put("y.npy", Y);
        arrays.put("test_ids.npy", TestFiles.npy("<i8", "1, 2", TestFiles.longs(7, 8)));
        arrays.put("test_x.npy", TestFiles.npy("<f4", "1, 1, 2", TestFiles.floats(9, 10)));
        arrays.put("test_raw.npy", TestFiles.npy("|u1", "1,", new byte[] {3}));
        arrays.put("test_y.npy", TestFiles.npy("<i8", "1, 1", TestFiles.longs(4)));
        for (boolean stored : new boolean[] {false, true}) {
            Path file = TestFiles.zip(folder.resolve("data.npz"), stored, arrays);
            Splits splits = DataSets.open("arrays:" + file, (Path) null);
            DataSet train = splits.train();
            assertThat(train.inputs().stream().map(InputSpec::name)).containsExactly("ids", "x", "raw");
            assertThat(train.inputs().stream().map(InputSpec::type))
                    .containsExactly(StorageType.INT64, StorageType.FLOAT32, StorageType.UINT8);
            assertThat(train.inputs().get(1).shape()).containsExactly(1, 2);
            assertThat(train.inputs().get(2).shape()).isEmpty();
            assertThat(train.inputIndex("raw")).isEqualTo(2);
            assertThat(train.inputIndex("other")).isEqualTo(-1);
            long[] ids = new long[2];
            train.readLongs(0, 2, ids, 0);
            assertThat(ids).containsExactly(5, -6);
            float[] raw = new float[1];
            train.readFloats(2, 2, raw, 0);
            assertThat(raw).containsExactly(200);
            assertThat(train.classCount()).isEqualTo(5);
            assertThat(train.label(1)).isEqualTo(2);
            assertThat(splits.test().size()).isEqualTo(1);
            assertThat(splits.test().label(0)).isEqualTo(4);
        }
    }

    @Test
    void open_everyNumberType_isRead() {
        Map<String, byte[]> arrays = new LinkedHashMap<>();
        double[] values = {0, 1, -2.5, 100};
        for (String type : List.of("<f2", "<f4", "<f8", ">f4", ">f8")) {
            arrays.put("a" + arrays.size() + ".npy", TestFiles.npy(type, "4,", encode(type, values)));
        }
        for (String type : List.of("|i1", "<i2", "<i4", "<i8", ">i2", "<u2", "<u4", "<u8", "|u1", "|b1")) {
            arrays.put(
                    "a" + arrays.size() + ".npy", TestFiles.npy(type, "4,", encode(type, new double[] {0, 1, 1, 100})));
        }
        Map<String, byte[]> both = new LinkedHashMap<>(arrays);
        arrays.forEach((name, bytes) -> both.put("test_" + name, bytes));
        DataSet data = open(both).test();
        for (int input = 0; input < 15; input++) {
            InputSpec spec = data.inputs().get(input);
            double[] expected = input < 5 ? values : new double[] {0, 1, 1, 100};
            for (int i = 0; i < 4; i++) {
                double found;
                if (spec.type() == StorageType.INT64) {
                    long[] out = new long[1];
                    data.readLongs(input, i, out, 0);
                    found = out[0];
                } else {
                    float[] out = new float[1];
                    data.readFloats(input, i, out, 0);
                    found = out[0];
                }
                assertThat(found).as("input %s", spec).isEqualTo(expected[i]);
            }
        }
        assertThat(NpyArray.half((short) 0x0001)).isEqualTo(0x1p-24f);
        assertThat(NpyArray.half((short) 0x7bff)).isEqualTo(65504f);
        assertThat(NpyArray.half((short) 0xfc00)).isEqualTo(Float.NEGATIVE_INFINITY);
    }

    private static byte[] encode(String type, double[] values) {
        int width = type.charAt(2) - '0';
        ByteBuffer out = ByteBuffer.allocate(width * values.length)
                .order(type.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        short[] halves = {0, 0x3c00, (short) 0xc100, 0x5640};
        for (int i = 0; i < values.length; i++) {
            switch (type.substring(1)) {
                case "f2" -> out.putShort(halves[i]);
                case "f4" -> out.putFloat((float) values[i]);
                case "f8" -> out.putDouble(values[i]);
                case "i2", "u2" -> out.putShort((short) values[i]);
                case "i4", "u4" -> out.putInt((int) values[i]);
                case "i8", "u8" -> out.putLong((long) values[i]);
                default -> out.put((byte) values[i]);
            }
        }
        return out.array();
    }

    @Test
    void open_fortranOrder_isTurnedRound() {
        // [3, 2, 2] with element (n, i, j) = 100 n + 10 i + j, the first axis fastest.
        float[] values = new float[12];
        for (int j = 0, at = 0; j < 2; j++) {
            for (int i = 0; i < 2; i++) {
                for (int n = 0; n < 3; n++) {
                    values[at++] = 100 * n + 10 * i + j;
                }
            }
        }
        byte[] array = TestFiles.npy(2, "<f4", true, "3, 2, 2", TestFiles.floats(values));
        Splits splits = open(Map.of("x.npy", array, "test_x.npy", array));
        assertThat(splits.train().example(2)).containsExactly(200, 201, 210, 211);
        assertThat(splits.train().labelKind()).isEqualTo(LabelKind.NONE);
    }

    @Test
    void open_floatLabels_areTargets() {
        byte[] x = TestFiles.npy(3, "<f4", false, "3, 1", TestFiles.floats(1, 2, 3));
        byte[] y = TestFiles.npy("<f4", "3, 2", TestFiles.floats(1, 2, 3, 4, 5, 6));
        Splits splits = open(Map.of("x.npy", x, "y.npy", y));
        assertThat(splits.train().labelKind()).isEqualTo(LabelKind.TARGETS);
        assertThat(splits.train().targetShape()).containsExactly(2);
        assertThat(splits.train().classCount()).isZero();
    }

    @Test
    void open_severalIntegersPerExample_areReadAsTheyAre() {
        byte[] x = TestFiles.npy("<f4", "3, 1", TestFiles.floats(1, 2, 3));
        byte[] map = TestFiles.npy("|u1", "3, 2, 1", new byte[] {0, 4, (byte) 255, 3, 2, 1});
        Splits splits = open(Map.of("x.npy", x, "test_x.npy", x, "y.npy", map, "test_y.npy", map));
        assertThat(splits.train().labelKind()).isEqualTo(LabelKind.INTEGERS);
        assertThat(splits.train().targetShape()).containsExactly(2, 1);
        float[] second = new float[2];
        splits.test().readTarget(1, second, 0);
        assertThat(second).containsExactly(255, 3);
        assertThat(splits.train().labelValues()).isEqualTo(new LabelValues(false, false, true, 0, 4));
    }

    @Test
    void open_testPartOfZerosAndOnes_isKnownAsWhatTheTrainingPartIs() {
        byte[] x = TestFiles.npy("<f4", "2, 1", TestFiles.floats(1, 2));
        byte[] numbers = TestFiles.npy("<f4", "2, 2", TestFiles.floats(0.5f, 1, 1, 7));
        byte[] flags = TestFiles.npy("<f4", "2, 2", TestFiles.floats(0, 1, 1, 0));
        Splits splits = open(Map.of("x.npy", x, "test_x.npy", x, "y.npy", numbers, "test_y.npy", flags));
        assertThat(splits.test().labelValues()).isEqualTo(new LabelValues(false, false, false, 0, 7));
        Splits both = open(Map.of("x.npy", x, "test_x.npy", x, "y.npy", flags, "test_y.npy", flags));
        assertThat(both.test().labelValues()).isEqualTo(new LabelValues(true, true, true, 0, 1));
        assertThat(both.test().subset(0).labelValues()).isEqualTo(both.train().labelValues());
    }

    @Test
    void open_labelsOfAnotherName_leaveYToTheNetwork() {
        byte[] x = TestFiles.npy("<f4", "3, 1", TestFiles.floats(1, 2, 3));
        Path file = TestFiles.zip(folder.resolve("two.npz"), false, Map.of("x.npy", x, "y.npy", x, "answer.npy", Y));
        DataSet named = DataSets.open("arrays:" + file, DataOptions.defaults().withLabels("answer"))
                .train();
        assertThat(named.inputs().stream().map(InputSpec::name)).containsExactlyInAnyOrder("x", "y");
        assertThat(named.labelKind()).isEqualTo(LabelKind.CLASSES);
        DataSet without = DataSets.open("arrays:" + file, DataOptions.defaults().withLabels(""))
                .train();
        assertThat(without.inputs().stream().map(InputSpec::name)).containsExactlyInAnyOrder("x", "y", "answer");
        assertThat(without.labelKind()).isEqualTo(LabelKind.NONE);
        assertThatThrownBy(() ->
                        DataSets.open("arrays:" + file, DataOptions.defaults().withLabels("z")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("the array of labels must be there, expected an array z, found [");
    }

    @Test
    void open_damagedArrays_areRefused() {
        byte[] x = TestFiles.npy("<f4", "3, 1", TestFiles.floats(1, 2, 3));
        assertRefused(Map.of("x.npy", Arrays.copyOf(x, x.length - 1)), "data must be whole", "12 bytes, found 11");
        assertRefused(Map.of("x.npy", Arrays.copyOf(x, x.length + 1)), "data must end");
        assertRefused(Map.of("x.npy", Arrays.copyOf(x, 30)), "header must be whole");
        assertRefused(Map.of("x.npy", new byte[] {1, 2}), "magic");
        assertRefused(Map.of("x.npy", TestFiles.npy("|O", "3,", new byte[3])), "plain numbers", "'|O'");
        assertRefused(Map.of("x.npy", TestFiles.npy("<U4", "3,", new byte[48])), "plain numbers", "'<U4'");
        assertRefused(Map.of("x.npy", TestFiles.npy("<f4", "", new byte[4])), "count examples");
        assertRefused(Map.of("x.npy", TestFiles.npy("<f4", "0, 2", new byte[0])), "count examples");
        assertRefused(Map.of("x.npy", TestFiles.npy("<f4", "2, 99999999999", new byte[0])), "fit an int");
        assertRefused(Map.of("x.npy", TestFiles.npy("<f4", "2, 999999, 99999", new byte[0])), "fit in memory");
        byte[] nan = TestFiles.npy("<f4", "2,", TestFiles.floats(1, Float.NaN));
        assertRefused(Map.of("x.npy", nan), "array x: values must be finite", "NaN in example 1");
        assertRefused(Map.of("x.npy", TestFiles.npy("<u8", "1,", TestFiles.longs(-1))), "18446744073709551615");
    }

    @Test
    void open_arraysThatDoNotFit_areRefused() {
        byte[] x = TestFiles.npy("<f4", "3, 1", TestFiles.floats(1, 2, 3));
        byte[] two = TestFiles.npy("<f4", "2, 1", TestFiles.floats(1, 2));
        assertRefused(Map.of("y.npy", Y), "array per model input");
        assertRefused(Map.of("x.npy", two, "y.npy", Y), "array y", "expected 2, found 3");
        assertRefused(Map.of("x.npy", x, "test_z.npy", x), "training array", "expected z, found only test_z");
        assertRefused(Map.of("test_image.npy", x, "y.npy", Y), "'test_' before a name means the test part", "image");
        assertRefused(Map.of("x.npy", x, "y.npy", Y, "test_x.npy", x), "an array test_y");
        assertRefused(
                Map.of("x.npy", x, "test_x.npy", TestFiles.npy("<f4", "3,", new byte[12])),
                "array test_x: both parts must have the same type and shape of an example,"
                        + " expected float32 (3, 1), found float32 (3,)");
        assertRefused(
                Map.of("x.npy", x, "y.npy", TestFiles.npy("<i8", "3,", TestFiles.longs(0, -1, 1))),
                "label must be a class",
                "found -1 at example 1");
        assertRefused(
                Map.of("x.npy", x, "y.npy", TestFiles.npy("<i8", "3, 2", TestFiles.longs(0, 1, 1L << 20, 1, 1, 1))),
                "label must be a class",
                "found 1048576 at example 1");
        assertRefused(
                Map.of("x.npy", x, "y.npy", Y, "test_x.npy", x, "test_y.npy", TestFiles.npy("<f4", "3,", new byte[12])),
                "array test_y: classes must be integers, one per example, expected int64 (3,), found float32 (3,)");
        assertRefused(Map.of("notes.txt", x), "NAME.npy, found notes.txt");
        assertRefused(Map.of("x.npy", TestFiles.npy("<f4", "1, 1", TestFiles.floats(1))), "left to hold out");
    }

    @Test
    void open_damagedZip_isRefused() {
        byte[] x = TestFiles.npy("<f4", "300, 1", new byte[1200]);
        Path file = TestFiles.zip(folder.resolve("data.npz"), true, Map.of("x.npy", x));
        byte[] whole = readAll(file);
        byte[] bad = whole.clone();
        bad[600] ^= 1;
        TestFiles.write(file, bad);
        assertThatThrownBy(() -> DataSets.open("arrays:" + file, (Path) null))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("entry x.npy must be sound");
        TestFiles.write(file, Arrays.copyOf(whole, whole.length - 30));
        assertThatThrownBy(() -> DataSets.open("arrays:" + file, (Path) null))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("whole zip file");
        assertThatThrownBy(() -> DataSets.open("arrays:" + folder.resolve("none.npz"), (Path) null))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("file must exist");
    }

    private static byte[] readAll(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
