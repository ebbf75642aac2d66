package org.espalier.objective;

import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.espalier.data.Batch;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;
import org.espalier.torch.Engine;
import org.espalier.torch.ops.TensorConversions;

/** Hands batches to libtorch. */
public final class BatchTensors {
    private static final int EVALUATION_BATCH = 500;
    /** 64 MiB of float32. */
    private static final int EVALUATION_ELEMENTS = 1 << 24;

    private final List<InputMatch> fits;

    /**
     * Matches a data set's inputs with a network's.
     *
     * @param graph the network
     * @param data the data set
     * @throws IllegalArgumentException if they do not fit
     */
    public BatchTensors(Graph graph, DataSet data) {
        this.fits = InputMatch.of(graph.inputs(), data);
    }

    /** The one batch size that the network takes, or 0 where any will do. */
    int fixedBatch() {
        return Value.fixedBatch(fits.stream().map(InputMatch::input).toList());
    }

    /** How many examples to compute at a time where nothing says how many: fewer of large ones. */
    int evaluationBatch() {
        int fixed = fixedBatch();
        int largest = fits.stream().mapToInt(f -> f.spec().elements()).max().orElse(1);
        return fixed > 0 ? fixed : Math.max(1, Math.min(EVALUATION_BATCH, EVALUATION_ELEMENTS / largest));
    }

    /**
     * The batch's inputs by the network's names, on the engine's device as all that this returns.
     *
     * @param batch the batch
     * @return tensors of the open scope
     */
    public Map<String, Tensor> inputs(Batch batch) {
        return inputs(batch, batch.size());
    }

    /**
     * As {@link #inputs(Batch)}, with rows of zeros after the batch's own up to {@code rows}, as ONNX Runtime's
     * evaluation has them.
     *
     * @param batch the batch
     * @param rows of the result
     * @return tensors of the open scope
     */
    public Map<String, Tensor> inputs(Batch batch, int rows) {
        Map<String, Tensor> out = new LinkedHashMap<>();
        for (InputMatch f : fits) {
            out.put(f.input().name(), input(f, batch, rows));
        }
        return out;
    }

    private static Tensor input(InputMatch f, Batch batch, int rows) {
        long[] shape = f.shape(rows);
        long[] stored = f.channelsLast() ? new long[] {shape[0], shape[3], shape[1], shape[2]} : shape;
        Tensor t = f.isIntegers() ? longs(batch.longs(f.index()), stored) : floats(batch.floats(f.index()), stored);
        if (f.channelsLast()) {
            t = t.permute(0, 2, 3, 1).contiguous();
        }
        return t.to(Engine.device(), TensorConversions.scalarType(f.input().type()));
    }

    /** The batch's class numbers, int64 [N]. */
    Tensor labels(Batch batch) {
        return longs(batch.labels(), batch.size()).to(Engine.device(), torch.ScalarType.Long);
    }

    /** The batch's numbers to predict, float32 [N, numbers]. */
    Tensor targets(Batch batch, int numbers) {
        return floats(batch.targets(), batch.size(), numbers).to(Engine.device(), torch.ScalarType.Float);
    }

    private static Tensor floats(FloatBuffer values, long... shape) {
        Tensor t = empty(torch.ScalarType.Float, values.remaining(), shape);
        new FloatPointer(t.data_ptr()).capacity(t.numel()).asBuffer().put(values.duplicate());
        return t;
    }

    private static Tensor longs(LongBuffer values, long... shape) {
        Tensor t = empty(torch.ScalarType.Long, values.remaining(), shape);
        new LongPointer(t.data_ptr()).capacity(t.numel()).asBuffer().put(values.duplicate());
        return t;
    }

    /** Room for values; zeros where fewer are given than there is room for. */
    private static Tensor empty(torch.ScalarType type, int given, long... shape) {
        Tensor t = torch.empty(shape, new TensorOptions(type), null);
        return t.numel() > given ? t.zero_() : t;
    }
}
