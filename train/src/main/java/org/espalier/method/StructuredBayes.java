package org.espalier.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.espalier.bayes.Posterior;
import org.espalier.bayes.PruneRule;
import org.espalier.bayes.SnrRule;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.ReadSite;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.shrink.Shrunk;
import org.espalier.torch.Engine;
import org.espalier.torch.PassChanges;
import org.espalier.torch.WeightMultiplier;
import org.espalier.torch.ops.TensorConversions;

/**
 * Structured Bayesian Pruning: one {@link NoiseLayer} over all units of a network.
 *
 * <p>A unit's multiplier acts where its signal is read: on the axis of each consuming weight, or, which is the same, on the signal that goes
 * into the product, whichever is smaller (see {@link WeightMultiplier}).
 */
public final class StructuredBayes implements PruningMethod {
    private final ChannelGroups groups;
    private final NoiseLayer noise;
    private final PruneRule rule;
    private final double[] weightPerUnit;
    private double klShare = 1;
    private int drawsPerStep = 1;

    /**
     * Attaches fresh noise to every unit.
     *
     * @param rule decides which units go
     */
    public StructuredBayes(ChannelGroups groups, KlWeights klWeights, PruneRule rule, long seed) {
        this(groups, new NoiseLayer(groups.units(), seed), klWeights.of(groups), rule);
    }

    /** Attaches noise with given parameters, as a checkpoint holds them. */
    public StructuredBayes(ChannelGroups groups, NoiseLayer noise, double[] weightPerUnit, PruneRule rule) {
        if (noise.units() != groups.units()) {
            throw new IllegalArgumentException(
                    "noise: one multiplier per unit, expected " + groups.units() + ", found " + noise.units());
        }
        this.groups = groups;
        this.noise = noise;
        this.weightPerUnit = weightPerUnit.clone();
        this.rule = rule;
    }

    @Override
    public void setShare(double share) {
        klShare = share;
    }

    public NoiseLayer noise() {
        return noise;
    }

    /**
     * Draws the noise several times for each step, each time for a part of the batch, so that gradients are less noisy. One draw, for the
     * whole batch, is what a method starts with.
     *
     * @param count 1 or more
     */
    public void setDrawsPerStep(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("draws per step: must be 1 or more, found " + count);
        }
        drawsPerStep = count;
    }

    @Override
    public PassChanges changes(Map<String, Tensor> parameters) {
        Tensor theta = noise.sample(drawsPerStep).to(Engine.device(), torch.ScalarType.Float);
        List<WeightMultiplier> multipliers = new ArrayList<>();
        for (ReadSite s : groups.sites()) {
            if (!parameters.containsKey(s.weight())) {
                throw new IllegalArgumentException(
                        "weight '" + s.weight() + "': is not trained, but units are read through it");
            }
            Tensor factor = isRange(s.units())
                    ? theta.narrow(1, s.unit(0), s.length())
                    : withOne(theta).index_select(1, index(s.units()));
            multipliers.add(new WeightMultiplier(s.weight(), s.axis(), factor));
        }
        return PassChanges.ofMultipliers(multipliers);
    }

    /** One more column, a constant 1, for indices that always stay. */
    private Tensor withOne(Tensor theta) {
        return torch.cat(new TensorVector(theta, torch.ones_like(theta.narrow(1, 0, 1))), 1);
    }

    private static boolean isRange(int[] units) {
        for (int i = 0; i < units.length; i++) {
            if (units[i] < 0 || units[i] != units[0] + i) {
                return false;
            }
        }
        return units.length > 0;
    }

    private Tensor index(int[] units) {
        long[] at = new long[units.length];
        for (int i = 0; i < at.length; i++) {
            at[i] = units[i] < 0 ? groups.units() : units[i];
        }
        return TensorConversions.longs(at, at.length).to(Engine.device(), torch.ScalarType.Long);
    }

    @Override
    public Tensor penalty() {
        return noise.kl(Arrays.stream(weightPerUnit).map(w -> w * klShare).toArray());
    }

    @Override
    public List<Attached> parameters() {
        return noise.parameters().stream().map(p -> new Attached(p, null)).toList();
    }

    @Override
    public Decision decide(Graph network) {
        return decide(noise.posterior(), rule);
    }

    /** What a rule says of a posterior. Units are worth their signal-to-noise ratio, or what another rule says for them. */
    public static Decision decide(Posterior posterior, PruneRule rule) {
        double[] score = posterior.snr();
        if (!(rule instanceof SnrRule)) {
            Arrays.setAll(score, i -> -rule.score(posterior.mu()[i], posterior.logSigma()[i]));
        }
        return new Decision(posterior.kept(rule), score);
    }

    @Override
    public double[] scale() {
        return noise.posterior().mean();
    }

    @Override
    public Posterior posterior() {
        return noise.posterior();
    }

    @Override
    public PruningMethod shrink(ChannelGroups smaller, Shrunk cut) {
        boolean[] kept = cut.kept();
        Posterior left = noise.posterior().select(kept);
        double[] weights = new double[smaller.units()];
        int at = 0;
        for (int u = 0; u < kept.length; u++) {
            if (kept[u]) {
                weights[at++] = weightPerUnit[u];
            }
        }
        NoiseLayer layer = new NoiseLayer(left.mu(), left.logSigma(), noise.seed(), noise.draws());
        StructuredBayes s = new StructuredBayes(smaller, layer, weights, rule);
        s.klShare = klShare;
        s.drawsPerStep = drawsPerStep;
        layer.setLogSigmaFloor(noise.logSigmaFloor());
        return s;
    }

    @Override
    public double[] kl() {
        return noise.lastKl();
    }

    @Override
    public Map<String, TensorData> state() {
        Posterior p = noise.posterior();
        Map<String, TensorData> state = new LinkedHashMap<>();
        state.put("mu", vector(p.mu()));
        state.put("log_sigma", vector(p.logSigma()));
        state.put("kl_weight", vector(weightPerUnit));
        state.put("draws", TensorData.vector(noise.draws()));
        return state;
    }

    private static TensorData vector(double[] values) {
        return TensorData.ofDoubles(values, values.length);
    }

    @Override
    public void load(Map<String, TensorData> state) {
        double[] weights = part(state, "kl_weight").toDoubles();
        if (weights.length != weightPerUnit.length) {
            throw new IllegalArgumentException("noise state 'kl_weight': one value per unit, expected "
                    + weightPerUnit.length + ", found " + weights.length);
        }
        noise.load(
                part(state, "mu").toDoubles(),
                part(state, "log_sigma").toDoubles(),
                part(state, "draws").toLongs()[0]);
        System.arraycopy(weights, 0, weightPerUnit, 0, weights.length);
    }

    private static TensorData part(Map<String, TensorData> state, String name) {
        TensorData t = state.get(name);
        if (t == null) {
            throw new IllegalArgumentException("noise state '" + name + "': is missing, found " + state.keySet());
        }
        return t;
    }

    @Override
    public void close() {
        noise.close();
    }
}
