package org.espalier.method;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.espalier.channels.ChannelGroups;
import org.jspecify.annotations.Nullable;

/**
 * A pruning method at work on one network: what it attaches to units or weights, what that adds to the loss, and what it drops.
 *
 * <p>Units are numbered as by {@link ChannelGroups}. Tensors that methods return belong to the scope that is open.
 */
public interface Method extends AutoCloseable {
    /** The weights that this step's forward pass uses in place of parameters, by name; differentiable. */
    Map<String, Tensor> weights(Map<String, Tensor> parameters);

    /** What this step adds to the sum of the losses of all training examples, in nats: a scalar; null for nothing. */
    @Nullable
    Tensor penalty();

    /** What is trained beside the network's own parameters. */
    List<Tensor> parameters();

    /** Which units the method would keep now, and how much each is worth: greater is better. */
    Decision decide();

    /** The factor by which a kept unit's signal is multiplied where it is read, once training is over: one per unit. */
    double[] scale();

    /** The method over the units that are left, as numbered by the groups of the smaller network. */
    Method shrink(ChannelGroups smaller, boolean[] kept);

    /** The posterior of each unit, or null for a method without one. */
    default @Nullable Posterior posterior() {
        return null;
    }

    /** The divergence of each unit at the last draw, unweighted, in nats; empty for a method without one. */
    default double[] kl() {
        return new double[0];
    }

    /** What a checkpoint must hold so that {@link #load} goes on from here, beside what the optimizer remembers. */
    Map<String, org.espalier.graph.Tensor> state();

    /** Puts back what {@link #state} returned for a network with the same groups. */
    void load(Map<String, org.espalier.graph.Tensor> state);

    @Override
    void close();

    /**
     * A wish which units to keep.
     *
     * @param kept one per unit
     * @param score one per unit: greater is better
     */
    record Decision(boolean[] kept, double[] score) {}
}
