package org.espalier.data.sources;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.espalier.data.DataException;
import org.espalier.data.DataProgress;
import org.espalier.data.DataSet;
import org.espalier.data.DataSetBuilder;
import org.espalier.data.Normalization;
import org.espalier.data.Splits;
import org.espalier.data.StorageType;
import org.espalier.data.formats.NpyArray;
import org.espalier.data.formats.NpyHeader;
import org.espalier.data.formats.ZipEntries;
import org.jspecify.annotations.Nullable;

/**
 * Reads numpy's {@code .npz} files: one array per model input, by the input's name, and one of labels, {@code y} unless
 * another is named; the same with {@code test_} before the name, or a part held out. A network whose input's name begins with {@code test_} cannot be
 * fed from such a file.
 */
final class ArrayFile {
    private static final String SUBJECT = "array file";
    private static final String TEST = "test_";
    private static final int MAX_CLASSES = 1 << 20;

    private final Path file;
    private final Map<String, NpyArray> arrays;
    private final String labelsName;

    private ArrayFile(Path file, Map<String, NpyArray> arrays, String labelsName) {
        this.file = file;
        this.arrays = arrays;
        this.labelsName = labelsName;
    }

    /**
     * Reads a file.
     *
     * @throws DataException if it is damaged or its arrays do not fit
     */
    static Splits open(Path path, DataOptions options) {
        ArrayFile arrays = new ArrayFile(path, readAll(path, options.progress()), options.labels());
        arrays.requireLabels();
        List<String> inputs = arrays.inputNames();
        List<String> classes = arrays.classNames();
        DataSet train = arrays.part("", inputs, classes);
        if (arrays.arrays.keySet().stream().anyMatch(name -> name.startsWith(TEST))) {
            return new Splits(train, arrays.part(TEST, inputs, classes));
        }
        if (train.size() < 2) {
            throw arrays.refuse("something must be left to hold out", "at least 2 examples", train.size());
        }
        return train.holdOut(options.holdOut(), options.seed()).asHeldOut();
    }

    private DataException refuse(String rule, Object expected, Object found) {
        return DataException.of(SUBJECT, file, rule, expected, found);
    }

    private static Map<String, NpyArray> readAll(Path file, DataProgress progress) {
        Map<String, NpyArray> arrays = new LinkedHashMap<>();
        if (Files.isDirectory(file) || file.toString().endsWith(".npy")) {
            throw DataException.of(
                    SUBJECT,
                    file,
                    "arrays must be in one .npz file",
                    "numpy.savez('data.npz', INPUT=x, y=labels), INPUT being the name of the network's input",
                    Files.isDirectory(file) ? "a folder" : "one array");
        }
        try (ZipFile zip = ZipEntries.open(SUBJECT, file)) {
            List<? extends ZipEntry> entries = Collections.list(zip.entries());
            ReadBytes read = new ReadBytes(
                    progress,
                    "read " + file.getFileName(),
                    entries.stream().mapToLong(ZipEntry::getSize).sum());
            for (ZipEntry entry : entries) {
                if (!entry.getName().endsWith(".npy")) {
                    throw DataException.of(SUBJECT, file, "entries must be numpy arrays", "NAME.npy", entry.getName());
                }
                String name = entry.getName().substring(0, entry.getName().length() - 4);
                NpyHeader.Refusal refusal = (rule, expected, found) ->
                        DataException.of(SUBJECT, file, "array " + name + ": " + rule, expected, found);
                NpyArray array = ZipEntries.read(
                        SUBJECT,
                        file,
                        zip,
                        entry,
                        in -> NpyArray.read(
                                new BufferedInputStream(read.counted(in), 1 << 16), entry.getSize(), refusal));
                arrays.put(name, array);
            }
        } catch (IOException e) {
            throw DataException.unreadable(SUBJECT, file, "an .npz file", e);
        } catch (ArithmeticException e) {
            throw DataException.of(
                    SUBJECT, file, "arrays must fit in memory", "sane shapes", String.valueOf(e.getMessage()));
        }
        return arrays;
    }

    /** An array of labels that was named must be there. */
    private void requireLabels() {
        boolean named = !labelsName.isEmpty() && !labelsName.equals(DataOptions.LABELS);
        if (named && !arrays.containsKey(labelsName)) {
            throw refuse("the array of labels must be there", "an array " + labelsName, arrays.keySet());
        }
    }

    private List<String> inputNames() {
        List<String> inputs = arrays.keySet().stream()
                .filter(name -> !name.equals(labelsName) && !name.startsWith(TEST))
                .toList();
        for (String name : arrays.keySet()) {
            if (name.startsWith(TEST) && !arrays.containsKey(name.substring(TEST.length()))) {
                throw refuse(
                        "'" + TEST + "' before a name means the test part (no input's own name may begin so), and a "
                                + "test array must have its training array",
                        name.substring(TEST.length()),
                        "only " + name);
            }
        }
        if (inputs.isEmpty()) {
            throw refuse("there must be an array per model input", "arrays by the inputs' names", arrays.keySet());
        }
        return inputs;
    }

    /** Class numbers as names, from both parts; empty where labels are no integers. */
    private List<String> classNames() {
        long max = -1;
        for (String name : List.of(labelsName, TEST + labelsName)) {
            NpyArray labels = arrays.get(name);
            if (labels != null && isOneClass(labels)) {
                for (long label : integers(name, labels)) {
                    max = Math.max(max, label);
                }
            }
        }
        return IntStream.rangeClosed(0, (int) max).mapToObj(Integer::toString).toList();
    }

    private DataSet part(String prefix, List<String> inputs, List<String> classes) {
        int size = array(prefix + inputs.get(0)).size();
        DataSetBuilder builder = DataSet.builder(String.valueOf(file.getFileName()));
        for (String input : inputs) {
            NpyArray array = array(prefix + input);
            requireSameShape(input, prefix, array);
            requireSize(prefix + input, array, size);
            switch (array.type()) {
                case UINT8 -> builder.bytes(input, array.byteRows(), Normalization.identity(), array.rowShape());
                case FLOAT32 -> builder.floats(input, array.floatRows(), Normalization.identity(), array.rowShape());
                case INT64 -> builder.longs(input, array.longRows(), array.rowShape());
            }
        }
        if (arrays.containsKey(labelsName)) {
            label(builder, prefix, size, classes);
        }
        return builder.build();
    }

    private void label(DataSetBuilder builder, String prefix, int size, List<String> classes) {
        NpyArray labels = array(prefix + labelsName);
        requireSize(prefix + labelsName, labels, size);
        if (isOneClass(array(labelsName))) {
            builder.classes(integers(prefix + labelsName, labels), classes);
            return;
        }
        requireSameShape(labelsName, prefix, labels);
        if (labels.type() == StorageType.FLOAT32) {
            builder.targets(labels.floatRows(), labels.rowShape());
        } else {
            builder.integers(severalIntegers(prefix + labelsName, labels), labels.rowShape());
        }
    }

    /** Whether examples have one integer each: their class. */
    private static boolean isOneClass(NpyArray labels) {
        return labels.type() != StorageType.FLOAT32 && labels.header().rowElements() == 1;
    }

    private NpyArray array(String name) {
        NpyArray array = arrays.get(name);
        if (array == null) {
            throw refuse("both parts must have the same arrays", "an array " + name, arrays.keySet());
        }
        return array;
    }

    private void requireSize(String name, NpyArray array, int size) {
        if (array.size() != size) {
            throw refuse("array " + name + ": arrays must have the same number of examples", size, array.size());
        }
    }

    private void requireSameShape(String name, String prefix, NpyArray array) {
        NpyArray train = array(name);
        if (train.type() != array.type() || !Arrays.equals(train.rowShape(), array.rowShape())) {
            throw refuse(
                    "array " + prefix + name + ": both parts must have the same type and shape of an example",
                    train.header().describe(),
                    array.header().describe());
        }
    }

    /** Labels as class numbers. */
    private int[] integers(String name, NpyArray labels) {
        if (!isOneClass(labels)) {
            throw refuse(
                    "array " + name + ": classes must be integers, one per example",
                    "int64 (" + labels.size() + ",)",
                    labels.header().describe());
        }
        List<Integer> classes = new ArrayList<>();
        byte @Nullable [][] bytes = labels.type() == StorageType.UINT8 ? labels.byteRows() : null;
        long[][] longs = labels.type() == StorageType.INT64 ? labels.longRows() : new long[0][];
        for (int i = 0; i < labels.size(); i++) {
            long label = bytes != null ? bytes[i][0] & 0xff : longs[i][0];
            if (label < 0 || label >= MAX_CLASSES) {
                throw refuse(
                        "array " + name + ": label must be a class",
                        "0 to " + (MAX_CLASSES - 1) + " (numbers to predict must be floats)",
                        label + " at example " + i);
            }
            classes.add((int) label);
        }
        return classes.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Labels of several integers per example, as floats, which hold all of them. */
    private float[][] severalIntegers(String name, NpyArray labels) {
        float[][] rows = new float[labels.size()][];
        byte @Nullable [][] bytes = labels.type() == StorageType.UINT8 ? labels.byteRows() : null;
        long[][] longs = bytes == null ? labels.longRows() : new long[0][];
        for (int example = 0; example < rows.length; example++) {
            float[] row = new float[(int) labels.header().rowElements()];
            for (int i = 0; i < row.length; i++) {
                long label = bytes != null ? bytes[example][i] & 0xff : longs[example][i];
                if (Math.abs(label) >= MAX_CLASSES) {
                    throw refuse(
                            "array " + name + ": label must be a class",
                            "0 to " + (MAX_CLASSES - 1) + " (numbers to predict must be floats)",
                            label + " at example " + example);
                }
                row[i] = label;
            }
            rows[example] = row;
        }
        return rows;
    }
}
