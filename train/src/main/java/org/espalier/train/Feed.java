package org.espalier.train;

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
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.torch.Engine;
import org.espalier.torch.ops.Conversions;

/** Hands batches to libtorch. */
final class Feed {
    private final List<InputFit> fits;

    /**
     * Matches a data set's inputs with a network's.
     *
     * @throws IllegalArgumentException if they do not fit
     */
    Feed(Graph graph, DataSet data) {
        this.fits = InputFit.of(graph.inputs(), data);
    }

    /** The one batch size that the network takes, or 0 where any will do. */
    int fixedBatch() {
        for (InputFit f : fits) {
            List<Dimension> shape = f.input().shape();
            if (shape != null && !shape.isEmpty() && shape.get(0).isKnown()) {
                return Math.toIntExact(shape.get(0).size());
            }
        }
        return 0;
    }

    /** The batch's inputs by the network's names, on the engine's device as all that this returns. */
    Map<String, Tensor> inputs(Batch batch) {
        Map<String, Tensor> out = new LinkedHashMap<>();
        for (InputFit f : fits) {
            out.put(f.input().name(), input(f, batch));
        }
        return out;
    }

    private static Tensor input(InputFit f, Batch batch) {
        long[] shape = f.shape(batch.size());
        long[] stored = f.channelsLast() ? new long[] {shape[0], shape[3], shape[1], shape[2]} : shape;
        Tensor t = f.isIntegers() ? longs(batch.longs(f.index()), stored) : floats(batch.floats(f.index()), stored);
        if (f.channelsLast()) {
            t = t.permute(0, 2, 3, 1).contiguous();
        }
        return t.to(Engine.device(), Conversions.scalarType(f.input().type()));
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
        Tensor t = torch.empty(shape, new TensorOptions(torch.ScalarType.Float), null);
        new FloatPointer(t.data_ptr()).capacity(t.numel()).asBuffer().put(values.duplicate());
        return t;
    }

    private static Tensor longs(LongBuffer values, long... shape) {
        Tensor t = torch.empty(shape, new TensorOptions(torch.ScalarType.Long), null);
        new LongPointer(t.data_ptr()).capacity(t.numel()).asBuffer().put(values.duplicate());
        return t;
    }
}
