package org.espalier.method;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.espalier.bayes.Posterior;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.shrink.Shrunk;
import org.espalier.torch.PassChanges;
import org.jspecify.annotations.Nullable;

/**
 * A pruning method at work on one network: what it attaches to units or weights, what that adds to the loss, and what it drops.
 *
 * <p>Units are numbered as by {@link ChannelGroups}. Tensors that methods return belong to the scope that is open.
 */
public interface PruningMethod extends AutoCloseable {
    /** What this step's forward pass does otherwise than the graph says; differentiable. */
    PassChanges changes(Map<String, Tensor> parameters);

    /** What this step adds to the sum of the losses of all training examples, in nats: a scalar; null for nothing. */
    @Nullable
    Tensor penalty();

    /** Multiplies the penalty from now on: less than 1 while training warms up. */
    default void setShare(double share) {}

    /** What is trained beside the network's own parameters. */
    List<Attached> parameters();

    /**
     * Which units the method would keep now, and how much each is worth: greater is better.
     *
     * @param network the network with its weights as they are now
     */
    Decision decide(Graph network);

    /**
     * The network as it counts once training is over, before {@link #scale}: without the weights that the method drops one by one.
     *
     * @param network the network with its weights as they are now
     */
    default Graph finish(Graph network) {
        return network;
    }

    /** The factor by which a kept unit's signal is multiplied where it is read, once training is over: one per unit. */
    double[] scale();

    /**
     * The method over the units that are left.
     *
     * @param smaller the groups of the smaller network, which number the units that are left
     * @param cut what was cut
     */
    PruningMethod shrink(ChannelGroups smaller, Shrunk cut);

    /** The posterior of each unit, or null for a method without one. */
    default @Nullable Posterior posterior() {
        return null;
    }

    /** The divergence of each unit at the last draw or decision, unweighted, in nats; empty for a method without one. */
    default double[] kl() {
        return new double[0];
    }

    /** What a checkpoint must hold so that {@link #load} goes on from here, beside what the optimizer remembers. */
    Map<String, TensorData> state();

    /** Puts back what {@link #state} returned for a network with the same groups. */
    void load(Map<String, TensorData> state);

    @Override
    void close();

    /**
     * A tensor that is trained beside the network's own parameters.
     *
     * @param weight the parameter whose shape it has and with which it is cut; null for one number per unit
     */
    record Attached(Tensor tensor, @Nullable String weight) {}

    /**
     * A wish which units to keep.
     *
     * @param kept one per unit
     * @param score one per unit: greater is better
     */
    record Decision(boolean[] kept, double[] score) {}
}
