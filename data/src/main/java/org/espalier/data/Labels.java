package org.espalier.data;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The labels of a data set. */
final class Labels {
    private final LabelKind kind;
    private final int[] classes;
    private final List<String> names;
    private final float[][] targets;
    private final List<Integer> shape;
    private final LabelValues values;

    private Labels(
            LabelKind kind,
            int[] classes,
            List<String> names,
            float[][] targets,
            List<Integer> shape,
            LabelValues values) {
        this.kind = kind;
        this.classes = classes;
        this.names = List.copyOf(names);
        this.targets = targets;
        this.shape = List.copyOf(shape);
        this.values = values;
    }

    static Labels none() {
        return new Labels(LabelKind.NONE, new int[0], List.of(), new float[0][], List.of(), LabelValues.NONE);
    }

    static Labels classes(int[] classes, List<String> names) {
        return new Labels(LabelKind.CLASSES, classes.clone(), names, new float[0][], List.of(), LabelValues.NONE);
    }

    static Labels targets(float[][] rows, List<Integer> shape) {
        return new Labels(LabelKind.TARGETS, new int[0], List.of(), rows.clone(), shape, LabelValues.of(rows));
    }

    static Labels integers(float[][] rows, List<Integer> shape) {
        return new Labels(LabelKind.INTEGERS, new int[0], List.of(), rows.clone(), shape, LabelValues.of(rows));
    }

    /** The same, of which more is known. */
    Labels withValues(LabelValues known) {
        return new Labels(kind, classes, names, targets, shape, known);
    }

    LabelKind kind() {
        return kind;
    }

    List<String> names() {
        return names;
    }

    int classOf(String dataSet, int example) {
        require(dataSet, LabelKind.CLASSES);
        return classes[example];
    }

    List<Integer> targetShape(String dataSet) {
        requireNumbers(dataSet);
        return shape;
    }

    LabelValues values() {
        return values;
    }

    /** Whether examples have numbers, which may be integers. */
    boolean areNumbers() {
        return kind == LabelKind.TARGETS || kind == LabelKind.INTEGERS;
    }

    void readTarget(String dataSet, int example, float[] out, int offset) {
        requireNumbers(dataSet);
        System.arraycopy(targets[example], 0, out, offset, targets[example].length);
    }

    private void requireNumbers(String dataSet) {
        require(dataSet, kind == LabelKind.INTEGERS ? kind : LabelKind.TARGETS);
    }

    private void require(String dataSet, LabelKind wanted) {
        if (kind != wanted) {
            throw new IllegalStateException("data set '" + dataSet
                    + "': labels must be of the kind asked for, expected " + wanted + ", found " + kind);
        }
    }

    void addTo(Fingerprint sum) {
        sum.add(Arrays.stream(classes).asLongStream().toArray());
        for (float[] numbers : targets) {
            sum.add(numbers);
        }
    }

    Labels select(int[] indices) {
        int[] someClasses = new int[kind == LabelKind.CLASSES ? indices.length : 0];
        for (int i = 0; i < someClasses.length; i++) {
            someClasses[i] = classes[indices[i]];
        }
        float[][] someTargets = new float[areNumbers() ? indices.length : 0][];
        for (int i = 0; i < someTargets.length; i++) {
            someTargets[i] = targets[indices[i]];
        }
        return new Labels(kind, someClasses, names, someTargets, shape, values);
    }

    void check(String dataSet, int size) {
        int found = kind == LabelKind.CLASSES ? classes.length : areNumbers() ? targets.length : size;
        if (found != size) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "data set '%s': there must be one label per example, expected %d, found %d",
                    dataSet,
                    size,
                    found));
        }
        for (int i = 0; i < classes.length; i++) {
            if (classes[i] < 0 || classes[i] >= names.size()) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "data set '%s': label must be a class, expected 0 to %d, found %d at example %d",
                        dataSet,
                        names.size() - 1,
                        classes[i],
                        i));
            }
        }
        int elements = shape.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
        for (int i = 0; i < targets.length; i++) {
            if (targets[i].length != elements) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "data set '%s': target must fill its shape %s, expected %d values, found %d at example %d",
                        dataSet,
                        shape,
                        elements,
                        targets[i].length,
                        i));
            }
            for (float value : targets[i]) {
                if (!Float.isFinite(value)) {
                    throw new IllegalArgumentException(String.format(
                            Locale.ROOT,
                            "data set '%s': targets must be finite, expected a number, found %s at example %d",
                            dataSet,
                            value,
                            i));
                }
            }
        }
    }
}
