package org.espalier.checkpoint;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.bayes.Posterior;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.objective.PenaltySteering;
import org.espalier.onnx.OnnxReader;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.GroupMetrics;
import org.espalier.progress.VariationalObjective;
import org.espalier.recipe.TrainingPhase;
import org.espalier.shrink.AxisSlice;
import org.espalier.torch.Optimizer;

/** A checkpoint from its bytes: the counterpart of {@link CheckpointWriter}, field by field. */
final class CheckpointReader {
    /** Reads one value. */
    private interface Item<T> {
        T read() throws IOException;
    }

    private final DataInputStream in;
    private final String name;

    CheckpointReader(DataInputStream in, String name) {
        this.in = in;
        this.name = name;
    }

    Checkpoint read() throws IOException {
        return new Checkpoint(
                string(),
                TrainingPhase.valueOf(string()),
                in.readInt(),
                in.readInt(),
                in.readDouble(),
                in.readDouble(),
                in.readLong(),
                in.readDouble(),
                results(),
                in.readBoolean() ? state() : null,
                list(this::metrics));
    }

    private Checkpoint.Results results() throws IOException {
        return new Checkpoint.Results(
                in.readBoolean() ? graph() : null, in.readDouble(), in.readBoolean() ? pruned() : null);
    }

    private Checkpoint.Pruned pruned() throws IOException {
        return new Checkpoint.Pruned(
                graph(),
                in.readBoolean() ? new Posterior(doubles(), doubles()) : null,
                graph(),
                map(in::readInt),
                cuts());
    }

    private Checkpoint.State state() throws IOException {
        return new Checkpoint.State(
                graph(),
                cuts(),
                map(() -> new Optimizer.Moments(tensor(), tensor(), in.readFloat())),
                map(this::tensor),
                ints(),
                new PenaltySteering.State(in.readDouble(), in.readDouble()),
                in.readLong(),
                map(this::tensor));
    }

    private EpochMetrics metrics() throws IOException {
        return new EpochMetrics(
                TrainingPhase.valueOf(string()),
                in.readInt(),
                in.readInt(),
                in.readLong(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readBoolean() ? new VariationalObjective(in.readDouble(), in.readDouble()) : null,
                map(in::readInt),
                in.readLong(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                map(this::group));
    }

    private GroupMetrics group() throws IOException {
        return new GroupMetrics(
                in.readInt(), in.readInt(), in.readDouble(), list(in::readDouble), list(() -> (long) in.readInt()));
    }

    private List<Map<String, List<AxisSlice>>> cuts() throws IOException {
        return list(() -> map(() -> list(() -> new AxisSlice(in.readInt(), ints()))));
    }

    private Graph graph() throws IOException {
        return OnnxReader.read(bytes(), name);
    }

    private TensorData tensor() throws IOException {
        ElementType type = ElementType.valueOf(string());
        int axes = count();
        TensorData.requireRank(axes);
        long[] shape = new long[axes];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = in.readLong();
        }
        return TensorData.of(type, ByteBuffer.wrap(bytes()).order(ByteOrder.LITTLE_ENDIAN), shape);
    }

    private <T> List<T> list(Item<T> item) throws IOException {
        int n = count();
        List<T> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            out.add(item.read());
        }
        return out;
    }

    private <T> Map<String, T> map(Item<T> item) throws IOException {
        int n = count();
        Map<String, T> out = new LinkedHashMap<>();
        for (int i = 0; i < n; i++) {
            String key = string();
            out.put(key, item.read());
        }
        return out;
    }

    private double[] doubles() throws IOException {
        return list(in::readDouble).stream().mapToDouble(v -> v).toArray();
    }

    private int[] ints() throws IOException {
        return list(in::readInt).stream().mapToInt(v -> v).toArray();
    }

    private String string() throws IOException {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    private byte[] bytes() throws IOException {
        int n = count();
        byte[] b = in.readNBytes(n);
        if (b.length < n) {
            throw new EOFException("ends early");
        }
        return b;
    }

    private int count() throws IOException {
        int n = in.readInt();
        if (n < 0) {
            throw new IllegalArgumentException("a negative length");
        }
        return n;
    }
}
