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
import org.espalier.data.InputSpec;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;

/** Hands batches to libtorch. */
final class Feed {
    private final List<InputSpec> specs;
    private final List<String> names;

    /**
     * Matches a data set's inputs with a network's: by name, or the only one with the only one.
     *
     * @throws IllegalArgumentException if they do not fit
     */
    Feed(Graph graph, DataSet data) {
        this.specs = data.inputs();
        List<Value> inputs = graph.inputs();
        if (specs.size() == 1 && inputs.size() == 1) {
            names = List.of(inputs.get(0).name());
            check(inputs.get(0), specs.get(0));
            return;
        }
        names = specs.stream().map(InputSpec::name).toList();
        for (Value v : inputs) {
            int i = names.indexOf(v.name());
            if (i >= 0) {
                check(v, specs.get(i));
            } else {
                throw new IllegalArgumentException(
                        "network input '" + v.name() + "': the data must have an array of that name, found " + names);
            }
        }
    }

    private static void check(Value input, InputSpec spec) {
        List<Dimension> shape = input.shape();
        if (shape == null) {
            return;
        }
        boolean fits = shape.size() == spec.shape().size() + 1;
        for (int a = 1; fits && a < shape.size(); a++) {
            fits = !shape.get(a).isKnown()
                    || shape.get(a).size() == spec.shape().get(a - 1);
        }
        if (!fits) {
            throw new IllegalArgumentException("network input '" + input.name()
                    + "': examples must have the network's shape, expected "
                    + shape.subList(Math.min(1, shape.size()), shape.size()) + ", found " + spec.shape());
        }
    }

    /** The batch's inputs by the network's names. */
    Map<String, Tensor> inputs(Batch batch) {
        Map<String, Tensor> out = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            long[] shape = new long[specs.get(i).shape().size() + 1];
            shape[0] = batch.size();
            for (int a = 1; a < shape.length; a++) {
                shape[a] = specs.get(i).shape().get(a - 1);
            }
            out.put(
                    names.get(i),
                    specs.get(i).type() == org.espalier.data.ElementType.INT64
                            ? longs(batch.longs(i), shape)
                            : floats(batch.floats(i), shape));
        }
        return out;
    }

    /** The batch's class numbers, int64 [N]. */
    Tensor labels(Batch batch) {
        return longs(batch.labels(), batch.size());
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
