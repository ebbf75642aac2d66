package org.espalier.job;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.data.DataSet;
import org.espalier.data.LabelKind;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.objective.ErrorScore;
import org.espalier.objective.InputMatch;
import org.espalier.objective.LabelledOutput;
import org.espalier.progress.TrainingException;
import org.espalier.recipe.LayerChoice;
import org.espalier.recipe.PruningTask;
import org.espalier.runtime.OnnxSession;
import org.jspecify.annotations.Nullable;

/** How far a network errs on a data set, in ONNX Runtime. */
public final class OnnxRuntimeEvaluation {
    private final OnnxSession session;
    private final DataSet data;
    private final LabelledOutput head;
    private final ErrorScore scoring;

    private OnnxRuntimeEvaluation(OnnxSession session, Graph graph, DataSet data, @Nullable String output) {
        this.session = session;
        this.data = data;
        try {
            this.head = LabelledOutput.of(graph, data, new PruningTask(output, false, LayerChoice.ALL));
        } catch (IllegalArgumentException e) {
            throw new InputException(session.name() + ": " + e.getMessage(), e);
        }
        this.scoring = new ErrorScore(head, data);
    }

    /**
     * Runs a network over a data set.
     *
     * @param session the network, opened in ONNX Runtime
     * @param graph the network
     * @param data the examples
     * @param output that labels belong to; null for the first
     * @param batchSize examples at a time, unless the network takes one batch size only
     * @param progress is told how many examples are done
     * @return the error on all examples
     * @throws InputException if network and data set do not fit each other
     * @throws JobException if a score is not a number
     */
    public static ErrorScore of(
            OnnxSession session,
            Graph graph,
            DataSet data,
            @Nullable String output,
            int batchSize,
            JobProgress progress) {
        if (data.labelKind() == LabelKind.NONE) {
            throw new InputException(
                    "data set '" + data.name()
                            + "': there must be labels to compare with, expected an array y, or one folder per class, found none");
        }
        OnnxRuntimeEvaluation e = new OnnxRuntimeEvaluation(session, graph, data, output);
        int fixed = Value.fixedBatch(session.inputs());
        int batch = fixed == 0 ? Math.min(batchSize, data.size()) : fixed;
        for (int from = 0; from < data.size(); from += batch) {
            int count = Math.min(batch, data.size() - from);
            e.add(from, count, fixed == 0 ? count : fixed);
            progress.to(from + count, "");
        }
        return e.scoring;
    }

    private void add(int from, int count, int rows) {
        TensorData out = session.run(inputs(session, data, from, count, rows)).get(head.output());
        if (out == null || out.rank() == 0 || out.size(0) < count) {
            throw new InputException(session.name() + ": output '" + head.output()
                    + "' must have a row per example, expected [" + rows + ", ...], found " + out);
        }
        float[] values = out.toFloats();
        long[] example = Arrays.copyOfRange(out.shape(), 1, out.rank());
        int size = values.length / (int) out.size(0);
        if (head.isClasses() && (size > 1 ? size : 2) < data.classCount()) {
            throw new InputException(session.name() + ": output '" + head.output()
                    + "' must hold one score per class of data set '" + data.name() + "', expected [N, "
                    + data.classCount() + "], found " + out);
        }
        for (int i = 0; i < count; i++) {
            try {
                scoring.add(from + i, values, i * size, example, null);
            } catch (TrainingException e) {
                throw new JobException(session.name() + ": " + e.getMessage(), e);
            }
        }
    }

    /** One batch for every input; rows beyond {@code count} are zero. */
    static Map<String, TensorData> inputs(OnnxSession session, DataSet data, int from, int count, int rows) {
        List<InputMatch> fits;
        try {
            fits = InputMatch.of(session.inputs(), data);
        } catch (IllegalArgumentException e) {
            throw new InputException(session.name() + ": " + e.getMessage(), e);
        }
        Map<String, TensorData> inputs = new LinkedHashMap<>();
        for (InputMatch f : fits) {
            inputs.put(
                    f.input().name(),
                    f.isIntegers() ? longs(f, data, from, count, rows) : floats(f, data, from, count, rows));
        }
        return inputs;
    }

    /**
     * How many numbers of an input make a batch.
     *
     * @throws InputException if they do not fit a buffer
     */
    private static int size(InputMatch f, DataSet data, int rows) {
        int stored = f.isIntegers() ? Long.BYTES : Float.BYTES;
        long example =
                (long) f.spec().elements() * Math.max(stored, f.input().type().bytes());
        if (rows * example > Integer.MAX_VALUE) {
            throw new InputException("data set '" + data.name() + "': a batch must fit 2 GiB, expected a batch size of"
                    + " at most " + Integer.MAX_VALUE / example + ", found " + rows);
        }
        return rows * f.spec().elements();
    }

    private static TensorData longs(InputMatch f, DataSet data, int from, int count, int rows) {
        int elements = f.spec().elements();
        long[] values = new long[size(f, data, rows)];
        for (int i = 0; i < count; i++) {
            data.readLongs(f.index(), from + i, values, i * elements);
        }
        return typed(TensorData.ofLongs(values, f.shape(rows)), f);
    }

    private static TensorData floats(InputMatch f, DataSet data, int from, int count, int rows) {
        int elements = f.spec().elements();
        float[] values = new float[size(f, data, rows)];
        for (int i = 0; i < count; i++) {
            data.readFloats(f.index(), from + i, values, i * elements);
        }
        return typed(TensorData.ofFloats(f.channelsLast() ? channelsLast(values, f, rows) : values, f.shape(rows)), f);
    }

    private static TensorData typed(TensorData t, InputMatch f) {
        ElementType wanted = f.input().type();
        return t.type() == wanted ? t : t.as(wanted);
    }

    private static float[] channelsLast(float[] values, InputMatch f, int rows) {
        int channels = f.sizes().get(2);
        int plane = f.sizes().get(0) * f.sizes().get(1);
        float[] moved = new float[values.length];
        for (int row = 0; row < rows; row++) {
            int base = row * channels * plane;
            for (int c = 0; c < channels; c++) {
                for (int p = 0; p < plane; p++) {
                    moved[base + p * channels + c] = values[base + c * plane + p];
                }
            }
        }
        return moved;
    }
}
