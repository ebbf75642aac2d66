package org.espalier.checkpoint;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.espalier.bayes.Posterior;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.onnx.OnnxWriter;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.GroupMetrics;
import org.espalier.progress.VariationalObjective;
import org.espalier.shrink.AxisSlice;
import org.espalier.torch.Optimizer;

/** A checkpoint's bytes: the counterpart of {@link CheckpointReader}, field by field. */
final class CheckpointWriter {
    private final DataOutputStream out;

    CheckpointWriter(DataOutputStream out) {
        this.out = out;
    }

    void write(Checkpoint c) throws IOException {
        string(c.settings());
        string(c.phase().name());
        out.writeInt(c.epoch());
        out.writeInt(c.batch());
        out.writeDouble(c.loss());
        out.writeDouble(c.dataLoss());
        out.writeLong(c.done());
        out.writeDouble(c.seconds());
        results(c.results());
        if (present(c.network()) && c.network() != null) {
            state(c.network());
        }
        out.writeInt(c.metrics().size());
        for (EpochMetrics m : c.metrics()) {
            metrics(m);
        }
    }

    /** Writes whether something follows. */
    private boolean present(@org.jspecify.annotations.Nullable Object o) throws IOException {
        out.writeBoolean(o != null);
        return o != null;
    }

    private void results(Checkpoint.Results r) throws IOException {
        if (present(r.original()) && r.original() != null) {
            graph(r.original());
        }
        out.writeDouble(r.originalErrorPercent());
        Checkpoint.Pruned p = r.pruned();
        if (!present(p) || p == null) {
            return;
        }
        graph(p.trained());
        Posterior posterior = p.posterior();
        if (present(posterior) && posterior != null) {
            doubles(posterior.mu());
            doubles(posterior.logSigma());
        }
        graph(p.graph());
        counts(p.units());
        cuts(p.cuts());
    }

    private void state(Checkpoint.State s) throws IOException {
        graph(s.graph());
        cuts(s.cuts());
        out.writeInt(s.optimizer().size());
        for (Map.Entry<String, Optimizer.Moments> e : s.optimizer().entrySet()) {
            string(e.getKey());
            tensor(e.getValue().average());
            tensor(e.getValue().squares());
            out.writeFloat(e.getValue().steps());
        }
        tensors(s.method());
        ints(s.epochsBelow());
        out.writeDouble(s.steering().share());
        out.writeDouble(s.steering().excess());
        out.writeLong(s.averaged());
        tensors(s.average());
    }

    private void tensors(Map<String, TensorData> tensors) throws IOException {
        out.writeInt(tensors.size());
        for (Map.Entry<String, TensorData> e : tensors.entrySet()) {
            string(e.getKey());
            tensor(e.getValue());
        }
    }

    private void metrics(EpochMetrics m) throws IOException {
        string(m.phase().name());
        out.writeInt(m.epoch());
        out.writeInt(m.epochs());
        out.writeLong(m.step());
        out.writeDouble(m.loss());
        out.writeDouble(m.penalty());
        out.writeDouble(m.klShare());
        objective(m.objective());
        counts(m.units());
        out.writeLong(m.macs());
        out.writeDouble(m.heldOutErrorPercent());
        out.writeDouble(m.learningRate());
        out.writeDouble(m.noiseLearningRate());
        out.writeDouble(m.seconds());
        out.writeDouble(m.runSeconds());
        out.writeDouble(m.examplesPerSecond());
        out.writeDouble(m.dataWaitShare());
        out.writeInt(m.groups().size());
        for (Map.Entry<String, GroupMetrics> e : m.groups().entrySet()) {
            string(e.getKey());
            GroupMetrics g = e.getValue();
            out.writeInt(g.size());
            out.writeInt(g.units());
            out.writeDouble(g.kl());
            doubles(g.snrQuantiles().stream().mapToDouble(v -> v).toArray());
            ints(g.snrHistogram().stream().mapToInt(Math::toIntExact).toArray());
        }
    }

    private void objective(@org.jspecify.annotations.Nullable VariationalObjective o) throws IOException {
        if (present(o) && o != null) {
            out.writeDouble(o.data());
            out.writeDouble(o.divergence());
        }
    }

    private void cuts(List<Map<String, List<AxisSlice>>> cuts) throws IOException {
        out.writeInt(cuts.size());
        for (Map<String, List<AxisSlice>> cut : cuts) {
            out.writeInt(cut.size());
            for (Map.Entry<String, List<AxisSlice>> e : cut.entrySet()) {
                string(e.getKey());
                out.writeInt(e.getValue().size());
                for (AxisSlice s : e.getValue()) {
                    out.writeInt(s.axis());
                    ints(s.kept());
                }
            }
        }
    }

    private void counts(Map<String, Integer> counts) throws IOException {
        out.writeInt(counts.size());
        for (Map.Entry<String, Integer> e : counts.entrySet()) {
            string(e.getKey());
            out.writeInt(e.getValue());
        }
    }

    private void graph(Graph graph) throws IOException {
        bytes(OnnxWriter.toBytes(graph));
    }

    private void tensor(TensorData t) throws IOException {
        string(t.type().name());
        out.writeInt(t.rank());
        for (long size : t.shape()) {
            out.writeLong(size);
        }
        ByteBuffer data = t.data();
        byte[] raw = new byte[data.remaining()];
        data.get(raw);
        bytes(raw);
    }

    private void doubles(double[] values) throws IOException {
        out.writeInt(values.length);
        for (double v : values) {
            out.writeDouble(v);
        }
    }

    private void ints(int[] values) throws IOException {
        out.writeInt(values.length);
        for (int v : values) {
            out.writeInt(v);
        }
    }

    private void string(String s) throws IOException {
        bytes(s.getBytes(StandardCharsets.UTF_8));
    }

    private void bytes(byte[] b) throws IOException {
        out.writeInt(b.length);
        out.write(b);
    }
}
