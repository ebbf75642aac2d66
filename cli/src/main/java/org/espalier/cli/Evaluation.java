package org.espalier.cli;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.espalier.data.DataSet;
import org.espalier.data.InputSpec;
import org.espalier.data.LabelKind;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Tensor;
import org.espalier.graph.Value;
import org.espalier.runtime.Inputs;
import org.espalier.runtime.OnnxSession;

/**
 * How often a classifier errs. The class is the largest score of the network's first output [N, classes]; among equals the first.
 *
 * @param examples how many were looked at
 * @param errors how many were given a wrong class
 */
record Evaluation(int examples, int errors) {
    /** In percent of the examples. */
    double errorPercent() {
        return 100.0 * errors / examples;
    }

    /**
     * Runs a network over a data set.
     *
     * @param batchSize examples at a time, unless the network takes one batch size only
     * @throws InputException if network and data set do not fit each other
     * @throws JobException if a score is not a number
     */
    static Evaluation of(OnnxSession session, DataSet data, int batchSize, Progress progress) {
        if (data.labelKind() != LabelKind.CLASSES) {
            throw new InputException(
                    "data set '" + data.name() + "': labels must be classes, found " + data.labelKind());
        }
        int fixed = Inputs.fixedBatch(session.inputs());
        int batch = fixed == 0 ? Math.min(batchSize, data.size()) : fixed;
        int errors = 0;
        for (int from = 0; from < data.size(); from += batch) {
            int count = Math.min(batch, data.size() - from);
            Map<String, Tensor> inputs = inputs(session, data, from, count, fixed == 0 ? count : fixed);
            Tensor scores = session.run(inputs).values().iterator().next();
            errors += errors(session, data, from, count, scores);
            progress.to(from + count, "");
        }
        return new Evaluation(data.size(), errors);
    }

    /** One batch for every input; rows beyond {@code count} are zero. */
    static Map<String, Tensor> inputs(OnnxSession session, DataSet data, int from, int count, int rows) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (Value v : session.inputs()) {
            int index = session.inputs().size() == 1 && data.inputs().size() == 1 ? 0 : data.inputIndex(v.name());
            if (index < 0) {
                throw new InputException(
                        session.name() + ": input '" + v.name() + "' is not in data set '" + data.name() + "', found "
                                + data.inputs().stream().map(InputSpec::name).toList());
            }
            inputs.put(v.name(), input(session, v, data, index, from, count, rows));
        }
        return inputs;
    }

    private static Tensor input(OnnxSession session, Value v, DataSet data, int index, int from, int count, int rows) {
        InputSpec spec = data.inputs().get(index);
        long[] shape = shape(session, v, data, spec, rows);
        int elements = spec.elements();
        boolean integers = spec.type() == org.espalier.data.ElementType.INT64;
        if (v.type() != (integers ? ElementType.INT64 : ElementType.FLOAT)) {
            throw new InputException(
                    session.name() + ": input '" + v.name() + "' must have the data set's type, expected "
                            + (integers ? "INT64" : "FLOAT") + ", found " + v.type());
        }
        if (integers) {
            long[] values = new long[rows * elements];
            for (int i = 0; i < count; i++) {
                data.readLongs(index, from + i, values, i * elements);
            }
            return Tensor.ofLongs(values, shape);
        }
        float[] values = new float[rows * elements];
        for (int i = 0; i < count; i++) {
            data.readFloats(index, from + i, values, i * elements);
        }
        return Tensor.ofFloats(values, shape);
    }

    /** The network's shape; it must be the data's but for axes of size 1, or flat. */
    private static long[] shape(OnnxSession session, Value v, DataSet data, InputSpec spec, int rows) {
        long[] sizes = spec.shape().stream().mapToLong(Integer::longValue).toArray();
        List<Dimension> declared = v.shape() == null ? List.of() : v.shape();
        long[] shape = new long[declared.size()];
        for (int axis = 0; axis < shape.length; axis++) {
            Dimension d = declared.get(axis);
            boolean same = axis > 0 && shape.length == sizes.length + 1;
            shape[axis] = axis == 0 ? rows : d.isKnown() ? d.size() : same ? sizes[axis - 1] : -1;
        }
        long[] wanted = Arrays.stream(shape).skip(1).filter(n -> n != 1).toArray();
        long[] given = Arrays.stream(sizes).filter(n -> n != 1).toArray();
        boolean flat = wanted.length == 1 && wanted[0] == spec.elements();
        if (shape.length == 0 || !(flat || Arrays.equals(wanted, given))) {
            throw new InputException(session.name() + ": input '" + v.name() + "' does not fit data set '" + data.name()
                    + "', expected [N, " + join(sizes) + "], found " + declared);
        }
        return shape;
    }

    private static String join(long[] sizes) {
        return Arrays.stream(sizes).mapToObj(Long::toString).collect(Collectors.joining(", "));
    }

    private static int errors(OnnxSession session, DataSet data, int from, int count, Tensor scores) {
        int classes = data.classCount();
        if (scores.rank() < 2 || scores.size(0) < count || scores.elements() != scores.size(0) * classes) {
            throw new InputException(session.name() + ": first output must hold one score per class of data set '"
                    + data.name() + "', expected [N, " + classes + "], found " + scores);
        }
        float[] values = scores.toFloats();
        int errors = 0;
        for (int i = 0; i < count; i++) {
            errors += largest(session, values, i * classes, classes, from + i) == data.label(from + i) ? 0 : 1;
        }
        return errors;
    }

    private static int largest(OnnxSession session, float[] scores, int offset, int classes, int example) {
        int best = 0;
        for (int c = 0; c < classes; c++) {
            if (Float.isNaN(scores[offset + c])) {
                throw new JobException(session.name() + ": score must be a number, found NaN for class " + c
                        + " of example " + example);
            }
            best = scores[offset + c] > scores[offset + best] ? c : best;
        }
        return best;
    }
}
