package org.espalier.job;

import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.GroupMetrics;
import org.espalier.progress.TrainingListener;
import org.espalier.tensorboard.TensorBoard;
import org.espalier.torch.NativeHandles;
import org.jspecify.annotations.Nullable;

/** Writes a run's metrics into its folder, for programs and for TensorBoard, and tells people how far it is. */
public final class RunRecorder implements TrainingListener, AutoCloseable {
    private final RunFolder folder;
    private final JobListener listener;
    private final JobProgress progress;
    private final TensorBoard events;
    private String last = "";

    RunRecorder(RunFolder folder, JobListener listener, JobProgress progress) {
        this.folder = folder;
        this.listener = listener;
        this.progress = progress;
        this.events = new TensorBoard(folder.path());
    }

    @Override
    public void onResume(long done, long all, List<EpochMetrics> before) {
        folder.rewindMetrics(before.stream().map(RunRecorder::values).toList());
        events.onResume(done, all, before);
        progress.from(done);
        listener.onMessage(
                JobMessage.Code.RESUMED,
                Format.of(
                        "going on after step %s of %s (%s epochs)",
                        Format.count(done), Format.count(all), Format.count(before.size())));
    }

    @Override
    public void onStep(long done, long all) {
        events.onStep(done, all);
        progress.to(done, last);
    }

    @Override
    public void onEpoch(EpochMetrics m) {
        folder.appendMetrics(values(m));
        if (NativeHandles.DEBUG) {
            listener.onMessage(JobMessage.Code.MEMORY, NativeHandles.report());
        }
        try {
            events.onEpoch(m);
        } catch (UncheckedIOException e) {
            throw folder.eventsFailed(Objects.requireNonNull(e.getCause()));
        }
        listener.onEpoch(m);
        last = Format.of(
                "%s epoch %d/%d, loss %.4f, %s MACs",
                m.phase(), m.epoch(), m.epochs(), m.loss(), Format.count(m.macs()));
    }

    @Override
    public void onMessage(String line) {
        listener.onMessage(JobMessage.Code.TRAINING, line);
    }

    @Override
    public boolean shouldStop() {
        return listener.shouldStop();
    }

    /** A line of the metrics file. */
    private static Map<String, Object> values(EpochMetrics m) {
        Map<String, Object> v = new LinkedHashMap<>();
        v.put("phase", m.phase().toString());
        v.put("epoch", m.epoch());
        v.put("epochs", m.epochs());
        v.put("step", m.step());
        v.put("loss", m.loss());
        v.put("penalty", m.penalty());
        v.put("kl_share", m.klShare());
        if (m.objective() != null) {
            v.put("objective_nats", m.objective().total());
            v.put("data_nats", m.objective().data());
            v.put("divergence_nats", m.objective().divergence());
        }
        v.put("units", m.units());
        v.put("macs", m.macs());
        v.put("held_out_error_percent", m.heldOutErrorPercent());
        v.put("learning_rate", m.learningRate());
        v.put("noise_learning_rate", m.noiseLearningRate());
        v.put("seconds", m.seconds());
        v.put("run_seconds", m.runSeconds());
        v.put("examples_per_second", m.examplesPerSecond());
        v.put("data_wait_share", m.dataWaitShare());
        v.put("units_in_network", each(m, GroupMetrics::size));
        v.put("kl", each(m, g -> g.snrQuantiles().isEmpty() ? null : g.kl()));
        v.put("snr_quantiles", each(m, g -> g.snrQuantiles().isEmpty() ? null : quantiles(g)));
        return v;
    }

    /** By group; groups without a value are left out. */
    private static Map<String, Object> each(EpochMetrics m, Function<GroupMetrics, @Nullable Object> value) {
        Map<String, Object> out = new LinkedHashMap<>();
        m.groups().forEach((name, g) -> {
            Object v = value.apply(g);
            if (v != null) {
                out.put(name, v);
            }
        });
        return out;
    }

    private static Map<String, Double> quantiles(GroupMetrics g) {
        Map<String, Double> out = new LinkedHashMap<>();
        for (int i = 0; i < GroupMetrics.SHARES.size(); i++) {
            out.put(GroupMetrics.SHARES.get(i).toString(), g.snrQuantiles().get(i));
        }
        return out;
    }

    @Override
    public void close() {
        events.close();
    }
}
