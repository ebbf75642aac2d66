package org.espalier.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.bayes.SparseVdKl;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.shrink.AxisSlice;
import org.espalier.shrink.Shrunk;
import org.espalier.torch.Engine;
import org.espalier.torch.LocalReparametrization;
import org.espalier.torch.NativeHandles;
import org.espalier.torch.PassChanges;
import org.espalier.torch.Scope;
import org.espalier.torch.ops.TensorConversions;
import org.jspecify.annotations.Nullable;

/**
 * Sparse Variational Dropout: each weight has a Gaussian posterior about its value w, with a variance σ² that is
 * learnt.
 *
 * <p>With log α = log σ² − log w², the loss gets the divergence of {@link SparseVdKl} from a log-uniform prior, and
 * layers sample their outputs ({@link LocalReparametrization}). A weight with log α above 3 is more than nineteen
 * parts noise in twenty and becomes zero. A unit of which no weight is left on the side that makes it, or on the side
 * that reads it, goes.
 *
 * <p>Weights are those of convolutions and dense layers that make or read prunable units; what is trained beside them
 * is log σ², of their shapes, float32, from −10.
 *
 * <p>Source: Molchanov, Ashukha, Vetrov, "Variational Dropout Sparsifies Deep Neural Networks", ICML 2017.
 */
public final class SparseVd implements PruningMethod {
    /** Weights with a greater log α are zero. */
    public static final double LARGEST_LOG_ALPHA = 3;

    private static final double INITIAL = -10;
    private static final double LOWEST = -20;
    private static final double HIGHEST = 5;
    /** Added to w² under the logarithm. */
    private static final double TINY = 1e-30;

    private static final String STATE = "log_sigma2:";

    private final ChannelGroups groups;
    private final List<WeightAxis> axes;
    private final Map<String, Tensor> logSigma2 = new LinkedHashMap<>();
    /** The network's parameters in the step that is under way. */
    private Map<String, Tensor> current = Map.of();

    private final double epochsUntilFull;
    private double share = 1;
    private double[] kl = new double[0];

    /**
     * Attaches fresh noise to every weight of the groups' network that makes or reads units.
     *
     * @param groups its groups of units
     */
    public SparseVd(ChannelGroups groups) {
        this(groups, 0);
    }

    /**
     * Attaches fresh noise to every weight of the groups' network that makes or reads units.
     *
     * @param groups its groups of units
     * @param epochsUntilFull epochs in which the divergence grows from 0 to its full weight
     */
    public SparseVd(ChannelGroups groups, double epochsUntilFull) {
        Engine.start();
        this.groups = groups;
        this.epochsUntilFull = epochsUntilFull;
        Set<String> sampled = groups.graph().nodes().stream()
                .filter(LocalReparametrization::applies)
                .map(n -> n.input(1))
                .collect(Collectors.toSet());
        this.axes = WeightAxis.of(groups).stream()
                .filter(a ->
                        sampled.contains(a.weight()) && LocalReparametrization.isWeight(groups.graph(), a.weight()))
                .toList();
        for (WeightAxis a : axes) {
            logSigma2.computeIfAbsent(
                    a.weight(),
                    name -> parameter(graphTensor(groups.graph(), name).shape()));
        }
    }

    private static Tensor parameter(long[] shape) {
        Tensor t = torch.full(shape, new Scalar(INITIAL)).to(Engine.device(), torch.ScalarType.Float);
        NativeHandles.keep(t);
        t.set_requires_grad(true);
        return t;
    }

    private static TensorData graphTensor(Graph graph, String name) {
        return Objects.requireNonNull(graph.initializer(name), name);
    }

    /**
     * The variances of this step.
     *
     * @throws NotFiniteException if a log σ² is NaN or infinite
     */
    @Override
    public PassChanges changes(Map<String, Tensor> parameters) {
        current = parameters;
        requireFinite();
        try (AutoGradMode off = new AutoGradMode(false)) {
            logSigma2
                    .values()
                    .forEach(t ->
                            t.clamp_(new ScalarOptional(new Scalar(LOWEST)), new ScalarOptional(new Scalar(HIGHEST))));
        }
        Map<String, Tensor> out = new LinkedHashMap<>();
        logSigma2.forEach((name, t) -> out.put(name, t.exp()));
        return PassChanges.ofVariances(out);
    }

    /** Before log σ² is brought back into its box, in which an infinity would look like any other value. */
    private void requireFinite() {
        try (Scope scope = Scope.open();
                AutoGradMode off = new AutoGradMode(false)) {
            logSigma2.forEach((name, t) -> {
                // A sum is faster than a look at each, and finite only if all of them are.
                if (!Double.isFinite(t.sum().item_double())) {
                    for (float v : TensorConversions.toGraph(t).toFloats()) {
                        if (!Float.isFinite(v)) {
                            throw new NotFiniteException("log sigma^2", name, v);
                        }
                    }
                }
            });
        }
    }

    /** Σ KL over all weights, in nats, times the share. */
    @Override
    public @Nullable Tensor penalty() {
        Tensor total = null;
        for (Map.Entry<String, Tensor> e : logSigma2.entrySet()) {
            Tensor w = current.get(e.getKey());
            if (w == null) {
                throw new IllegalStateException(
                        "weight '" + e.getKey() + "': the divergence belongs to a step, expected"
                                + " trained weights from it, found " + current.keySet());
            }
            Tensor kl = divergence(logAlpha(w, e.getValue())).sum();
            total = total == null ? kl : total.add(kl);
        }
        return total == null ? null : total.mul(new Scalar(share));
    }

    /** log σ² − log w² of each weight. */
    static Tensor logAlpha(Tensor w, Tensor logSigma2) {
        return logSigma2.sub(w.square().add(new Scalar(TINY)).log());
    }

    /** {@link SparseVdKl#value} of each element. */
    static Tensor divergence(Tensor logAlpha) {
        Tensor z = logAlpha.mul(new Scalar(-SparseVdKl.K3)).sub(new Scalar(SparseVdKl.K2));
        Tensor rest = torch.log_sigmoid(logAlpha).mul(new Scalar(-0.5));
        return z.sigmoid().mul(new Scalar(SparseVdKl.K1)).add(rest);
    }

    @Override
    public void beforeStep(double epoch, int examples, double steered) {
        share = steered * share(epoch);
    }

    @Override
    public double share(double epoch) {
        return DivergenceSchedule.grown(epoch, epochsUntilFull);
    }

    @Override
    public List<Attached> parameters() {
        List<Attached> all = new ArrayList<>();
        logSigma2.forEach((name, t) -> all.add(new Attached(t, name)));
        return all;
    }

    /** log α of each weight, by name. */
    private Map<String, float[]> logAlpha(Graph network) {
        Map<String, float[]> out = new LinkedHashMap<>();
        try (Scope scope = Scope.open()) {
            logSigma2.forEach((name, t) -> {
                float[] w = graphTensor(network, name).toFloats();
                float[] s = TensorConversions.toGraph(t).toFloats();
                for (int i = 0; i < s.length; i++) {
                    s[i] = (float) (s[i] - Math.log((double) w[i] * w[i] + TINY));
                }
                out.put(name, s);
            });
        }
        return out;
    }

    /** A unit is worth −log α of the best of the weights that make or read it, whichever side is worth less. */
    @Override
    public Decision decide(Graph network) {
        Map<String, float[]> logAlpha = logAlpha(network);
        kl = klPerUnit(logAlpha);
        double[] score = score(logAlpha);
        boolean[] kept = alive(score);
        // A unit that goes takes its weights along, and others may have had no weights but these.
        int before = -1;
        for (int now = count(kept); now != before; now = count(kept)) {
            before = now;
            dropWeights(logAlpha, kept);
            kept = alive(score(logAlpha));
        }
        return new Decision(kept, score);
    }

    private double[] score(Map<String, float[]> logAlpha) {
        double[] made = new double[groups.units()];
        double[] read = new double[groups.units()];
        Arrays.fill(made, Double.NEGATIVE_INFINITY);
        Arrays.fill(read, Double.NEGATIVE_INFINITY);
        boolean[] hasMaker = new boolean[groups.units()];
        boolean[] hasReader = new boolean[groups.units()];
        for (WeightAxis a : axes) {
            float[] values = Objects.requireNonNull(logAlpha.get(a.weight()));
            int[] unit = a.unitOfElement(graphTensor(groups.graph(), a.weight()));
            double[] best = a.read() ? read : made;
            boolean[] has = a.read() ? hasReader : hasMaker;
            for (int i = 0; i < values.length; i++) {
                if (unit[i] >= 0) {
                    best[unit[i]] = Math.max(best[unit[i]], -values[i]);
                    has[unit[i]] = true;
                }
            }
        }
        double[] score = new double[groups.units()];
        for (int u = 0; u < score.length; u++) {
            double maker = hasMaker[u] ? made[u] : Double.MAX_VALUE;
            double reader = hasReader[u] ? read[u] : Double.MAX_VALUE;
            score[u] = Math.min(maker, reader);
        }
        return score;
    }

    private static boolean[] alive(double[] score) {
        boolean[] kept = new boolean[score.length];
        for (int u = 0; u < kept.length; u++) {
            kept[u] = score[u] >= -LARGEST_LOG_ALPHA;
        }
        return kept;
    }

    private static int count(boolean[] kept) {
        int n = 0;
        for (boolean k : kept) {
            n += k ? 1 : 0;
        }
        return n;
    }

    private void dropWeights(Map<String, float[]> logAlpha, boolean[] kept) {
        for (WeightAxis a : axes) {
            float[] values = Objects.requireNonNull(logAlpha.get(a.weight()));
            int[] unit = a.unitOfElement(graphTensor(groups.graph(), a.weight()));
            for (int i = 0; i < values.length; i++) {
                if (unit[i] >= 0 && !kept[unit[i]]) {
                    values[i] = Float.POSITIVE_INFINITY;
                }
            }
        }
    }

    private double[] klPerUnit(Map<String, float[]> logAlpha) {
        double[] sum = new double[groups.units()];
        for (WeightAxis a : axes) {
            if (a.read()) {
                float[] values = Objects.requireNonNull(logAlpha.get(a.weight()));
                int[] unit = a.unitOfElement(graphTensor(groups.graph(), a.weight()));
                for (int i = 0; i < values.length; i++) {
                    if (unit[i] >= 0) {
                        sum[unit[i]] += SparseVdKl.value(values[i]);
                    }
                }
            }
        }
        return sum;
    }

    /** The divergence of the weights that read each unit, at the last decision. */
    @Override
    public double[] kl() {
        return kl.clone();
    }

    @Override
    public Graph finish(Graph network) {
        Map<String, TensorData> changed = new LinkedHashMap<>();
        logAlpha(network).forEach((name, logAlpha) -> {
            TensorData t = graphTensor(network, name);
            float[] w = t.toFloats();
            for (int i = 0; i < w.length; i++) {
                w[i] = logAlpha[i] > LARGEST_LOG_ALPHA ? 0 : w[i];
            }
            changed.put(name, TensorData.ofFloats(w, t.shape()).as(t.type()));
        });
        return network.withInitializers(changed);
    }

    @Override
    public PruningMethod shrink(ChannelGroups smaller, Shrunk cut) {
        SparseVd left = new SparseVd(smaller, epochsUntilFull);
        left.share = share;
        Map<String, TensorData> state = state();
        state.replaceAll((name, t) -> {
            TensorData taken = t;
            for (AxisSlice s : cut.slices().getOrDefault(name.substring(STATE.length()), List.of())) {
                taken = taken.take(s.axis(), s.kept());
            }
            return taken;
        });
        left.load(state);
        return left;
    }

    /**
     * log σ² of each weight.
     *
     * @throws NotFiniteException if one is NaN or infinite
     */
    @Override
    public Map<String, TensorData> state() {
        requireFinite();
        Map<String, TensorData> state = new LinkedHashMap<>();
        try (Scope scope = Scope.open()) {
            logSigma2.forEach((name, t) -> state.put(STATE + name, TensorConversions.toGraph(t)));
        }
        return state;
    }

    @Override
    public void load(Map<String, TensorData> state) {
        try (Scope scope = Scope.open();
                AutoGradMode off = new AutoGradMode(false)) {
            for (Map.Entry<String, Tensor> e : logSigma2.entrySet()) {
                TensorData value = state.get(STATE + e.getKey());
                long[] shape = TensorConversions.shape(e.getValue());
                if (value == null || !Arrays.equals(value.shape(), shape)) {
                    throw new IllegalArgumentException("noise state '" + STATE + e.getKey()
                            + "': must have the weight's shape, expected " + Arrays.toString(shape) + ", found "
                            + value);
                }
                e.getValue().copy_(TensorConversions.toTorch(value));
            }
        }
    }

    @Override
    public void close() {
        logSigma2.values().forEach(NativeHandles::release);
    }
}
