package org.espalier.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.espalier.bayes.LogUniform;
import org.espalier.bayes.Posterior;
import org.espalier.bayes.PosteriorBatch;
import org.espalier.bayes.PruneRule;
import org.espalier.bayes.SnrRule;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.ReadSite;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.recipe.NoiseSettings;
import org.espalier.shrink.Shrunk;
import org.espalier.torch.Engine;
import org.espalier.torch.PassChanges;
import org.espalier.torch.WeightMultiplier;
import org.espalier.torch.ops.TensorConversions;

/**
 * Structured Bayesian Pruning: one {@link NoiseLayer} over all units of a network.
 *
 * <p>A unit's multiplier acts where its signal is read: on the axis of each consuming weight, or, which is the same,
 * on the signal that goes into the product, whichever is smaller (see {@link WeightMultiplier}). Normalisations count the units that the
 * rule would keep now, without multipliers.
 */
public final class StructuredBayes implements PruningMethod {
    private final ChannelGroups groups;
    private final CountedUnits counted;
    private final NoiseLayer noise;
    private final PruneRule rule;
    private final NoiseSettings settings;
    private DivergenceSchedule schedule;
    /** Of each unit's divergence in the step that is under way. */
    private double[] weights;

    private int drawsPerStep = 1;
    /** Whether weights have not been trained with the noise that there is. */
    private boolean untrained;

    /**
     * Attaches fresh noise to every unit, with a divergence that has its full weights from the first step on.
     *
     * @param groups of the network
     * @param klWeights weights of the divergence
     * @param rule decides which units go
     * @param seed of all draws
     */
    public StructuredBayes(ChannelGroups groups, KlWeights klWeights, PruneRule rule, long seed) {
        this(groups, klWeights, NoiseSettings.DEFAULT.withEpochsUntilFull(0), rule, seed);
    }

    /**
     * Attaches fresh noise to every unit, as a recipe says.
     *
     * @param groups of the network
     * @param klWeights full weights of the divergence
     * @param settings draws, floor and schedule; where there is a tolerance, the weights are steered and nothing
     *     grows or falls
     * @param rule decides which units go
     * @param seed of all draws
     */
    public StructuredBayes(
            ChannelGroups groups, KlWeights klWeights, NoiseSettings settings, PruneRule rule, long seed) {
        this(
                groups,
                new NoiseLayer(groups.units(), seed),
                new DivergenceSchedule(
                        klWeights.of(groups),
                        KlWeights.of(settings.startWeights()).of(groups),
                        settings.tolerance() > 0 ? 0 : settings.epochsUntilFull()),
                settings,
                rule);
    }

    /**
     * Attaches noise with given parameters, with a divergence of given weights.
     *
     * @param groups of the network
     * @param noise one multiplier per unit, which this closes
     * @param weightPerUnit of the divergence, one per unit
     * @param rule decides which units go
     */
    public StructuredBayes(ChannelGroups groups, NoiseLayer noise, double[] weightPerUnit, PruneRule rule) {
        this(
                groups,
                noise,
                new DivergenceSchedule(weightPerUnit, weightPerUnit, 0),
                NoiseSettings.DEFAULT.withEpochsUntilFull(0),
                rule);
    }

    StructuredBayes(
            ChannelGroups groups,
            NoiseLayer noise,
            DivergenceSchedule schedule,
            NoiseSettings settings,
            PruneRule rule) {
        if (noise.units() != groups.units()) {
            throw new IllegalArgumentException(
                    "noise: one multiplier per unit, expected " + groups.units() + ", found " + noise.units());
        }
        this.groups = groups;
        this.counted = new CountedUnits(groups);
        this.noise = noise;
        this.schedule = schedule;
        this.settings = settings;
        this.rule = rule;
        this.weights = schedule.full();
    }

    /** The floor of log sigma holds from the second epoch on: at first all noise is small. */
    @Override
    public void beforeStep(double epoch, int examples, double share) {
        untrained = false;
        weights = schedule.at(epoch, share);
        drawsPerStep = settings.drawsFor(examples);
        if (epoch >= 1) {
            noise.setLogSigmaFloor(settings.logSigmaFloor());
        }
    }

    /**
     * The weights of the divergence that the first steps have at a share of 1: where they begin above the full ones,
     * those.
     *
     * @return one per unit
     */
    public double[] firstWeights() {
        double[] full = schedule.full();
        double[] start = schedule.start();
        return IntStream.range(0, full.length)
                .mapToDouble(u -> Math.max(full[u], start[u]))
                .toArray();
    }

    /**
     * Begins with a posterior that suits {@link #firstWeights}: the divergence does not grow any more. Until the first
     * step, kept units count as they are: weights that were never trained with the noise are not meant to be multiplied by
     * its means.
     *
     * @param begin of each unit
     */
    public void begin(Posterior begin) {
        untrained = true;
        noise.load(begin.mu(), begin.logSigma(), 0);
        schedule = schedule.with(schedule.full(), firstWeights());
    }

    @Override
    public double share(double epoch) {
        return schedule.share(epoch);
    }

    /**
     * The noise of all units.
     *
     * @return the layer, which belongs to this method
     */
    public NoiseLayer noise() {
        return noise;
    }

    @Override
    public PassChanges changes(Map<String, Tensor> parameters) {
        return multiplied(noise.sample(drawsPerStep).to(Engine.device(), torch.ScalarType.Float), parameters);
    }

    /**
     * What a forward pass does otherwise where units have given multipliers.
     *
     * @param theta float32 [draws, units]
     * @param parameters the network's parameters by name
     * @return the changes, of the open scope
     */
    public PassChanges multiplied(Tensor theta, Map<String, Tensor> parameters) {
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
        PassChanges changes = PassChanges.ofMultipliers(multipliers);
        return counted.isEmpty()
                ? changes
                : changes.withStatistics(
                        counted.of(decide(noise.posterior(), rule).kept()));
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
        return noise.kl(weights);
    }

    @Override
    public List<Attached> parameters() {
        return noise.parameters().stream().map(p -> new Attached(p, null)).toList();
    }

    @Override
    public Decision decide(Graph network) {
        Decision d = decide(noise.posterior(), rule);
        double[] ones = new double[groups.units()];
        Arrays.fill(ones, 1);
        return untrained ? new Decision(d.kept(), d.score(), ones, d.snr()) : d;
    }

    /**
     * What a rule says of a posterior. Units are worth their signal-to-noise ratio, or what another rule says for them.
     *
     * @param posterior of each unit
     * @param rule decides
     * @return the wish, with the means of the multipliers as its scale
     */
    public static Decision decide(Posterior posterior, PruneRule rule) {
        double[] mu = posterior.mu();
        double[] logSigma = posterior.logSigma();
        double[] mean = new double[mu.length];
        double[] snr = new double[mu.length];
        new PosteriorBatch(LogUniform.DEFAULT).moments(mu, logSigma, mean, snr);
        double[] score = snr.clone();
        boolean[] kept = new boolean[mu.length];
        if (rule instanceof SnrRule ratio && ratio.prior().equals(LogUniform.DEFAULT)) {
            for (int i = 0; i < kept.length; i++) {
                kept[i] = snr[i] >= ratio.threshold();
            }
        } else {
            for (int i = 0; i < kept.length; i++) {
                score[i] = -rule.score(mu[i], logSigma[i]);
                kept[i] = !rule.prunes(mu[i], logSigma[i]);
            }
        }
        return new Decision(kept, score, mean, snr);
    }

    @Override
    public double[] importance(Decision decision) {
        return importance(decision.snr(), schedule.full());
    }

    /**
     * By how much the loss grows where a unit goes, up to a common factor: weight · SNR². With a curvature h of the loss
     * along its multiplier, the bound is greatest at a variance of weight / h, and the loss grows by h · mean² / 2.
     *
     * @param snr of each unit's multiplier
     * @param weights of each unit's divergence; a weight of 0 counts as 1
     * @return one number per unit
     */
    public static double[] importance(double[] snr, double[] weights) {
        double[] lost = new double[snr.length];
        for (int i = 0; i < lost.length; i++) {
            lost[i] = (weights[i] > 0 ? weights[i] : 1) * snr[i] * snr[i];
        }
        return lost;
    }

    @Override
    public boolean hasPosterior() {
        return true;
    }

    @Override
    public Posterior posterior() {
        return noise.posterior();
    }

    @Override
    public PruningMethod shrink(ChannelGroups smaller, Shrunk cut) {
        boolean[] kept = cut.kept();
        Posterior left = noise.posterior().select(kept);
        NoiseLayer layer = new NoiseLayer(left.mu(), left.logSigma(), noise.seed(), noise.draws());
        layer.setLogSigmaFloor(noise.logSigmaFloor());
        return new StructuredBayes(smaller, layer, schedule.select(kept), settings, rule);
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
        state.put("kl_weight", vector(schedule.full()));
        state.put("kl_start", vector(schedule.start()));
        state.put("draws", TensorData.vector(noise.draws()));
        return state;
    }

    private static TensorData vector(double[] values) {
        return TensorData.ofDoubles(values, values.length);
    }

    @Override
    public void load(Map<String, TensorData> state) {
        double[] full = perUnit(state, "kl_weight");
        double[] start = perUnit(state, "kl_start");
        noise.load(
                perUnit(state, "mu"),
                perUnit(state, "log_sigma"),
                part(state, "draws").toLongs()[0]);
        schedule = schedule.with(full, start);
        weights = schedule.full();
    }

    private double[] perUnit(Map<String, TensorData> state, String name) {
        double[] values = part(state, name).toDoubles();
        if (values.length != schedule.units()) {
            throw new IllegalArgumentException("noise state '" + name + "': one value per unit, expected "
                    + schedule.units() + ", found " + values.length);
        }
        return values;
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
