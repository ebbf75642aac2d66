package org.espalier.method;

import java.util.Arrays;
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
 * A pruning method at work on one network: what it attaches to units or weights, what that adds to the loss, and what
 * it drops.
 *
 * <p>Units are numbered as by {@link ChannelGroups}. Tensors that methods return belong to the scope that is open.
 */
public interface PruningMethod extends AutoCloseable {
    /**
     * What this step's forward pass does otherwise than the graph says; differentiable.
     *
     * @param parameters the network's parameters by name
     * @return the changes, of the open scope
     */
    PassChanges changes(Map<String, Tensor> parameters);

    /**
     * What this step adds to the sum of the losses of all training examples, in nats: a scalar; null for nothing.
     *
     * @return nats
     */
    @Nullable
    Tensor penalty();

    /**
     * Prepares for a step. A method that nobody calls this of works at full weight, with one draw.
     *
     * @param epoch epochs of the phase that are over, with a fraction
     * @param examples of the step
     * @param share by what steering multiplies the penalty; 1 where nothing steers
     */
    default void beforeStep(double epoch, int examples, double share) {}

    /**
     * By what the method multiplies its full penalty of its own accord.
     *
     * @param epoch epochs of the phase that are over
     * @return a share, greater than 1 where it begins with more
     */
    default double share(double epoch) {
        return 1;
    }

    /**
     * What is trained beside the network's own parameters.
     *
     * @return tensors of this method
     */
    List<Attached> parameters();

    /**
     * Which units the method would keep now, and how much each is worth: greater is better.
     *
     * @param network the network with its weights as they are now
     * @return the wish
     */
    Decision decide(Graph network);

    /**
     * How much is lost with each unit, up to a common factor: what a budget weighs against the unit's cost.
     *
     * @param decision of this method
     * @return one per unit: greater is worth more
     */
    default double[] importance(Decision decision) {
        return decision.score();
    }

    /**
     * The network as it counts once training is over, before {@link Decision#scale}: without the weights that the
     * method drops one by one.
     *
     * @param network the network with its weights as they are now
     * @return that network
     */
    default Graph finish(Graph network) {
        return network;
    }

    /**
     * The method over the units that are left.
     *
     * @param smaller the groups of the smaller network, which number the units that are left
     * @param cut what was cut
     * @return a new method; this one must still be closed
     */
    PruningMethod shrink(ChannelGroups smaller, Shrunk cut);

    /**
     * Whether units have a posterior.
     *
     * @return true where {@link #posterior} returns one
     */
    default boolean hasPosterior() {
        return false;
    }

    /**
     * The posterior of each unit, or null for a method without one.
     *
     * @return a copy
     */
    default @Nullable Posterior posterior() {
        return null;
    }

    /**
     * The divergence of each unit at the last draw or decision, unweighted, in nats; empty for a method without one.
     *
     * @return one per unit, a copy
     */
    default double[] kl() {
        return new double[0];
    }

    /**
     * What a checkpoint must hold so that {@link #load} goes on from here, beside what the optimizer remembers.
     *
     * @return copies by name
     */
    Map<String, TensorData> state();

    /**
     * Puts back what {@link #state} returned for a network with the same groups.
     *
     * @param state what it returned
     */
    void load(Map<String, TensorData> state);

    @Override
    void close();

    /**
     * A tensor that is trained beside the network's own parameters.
     *
     * @param weight the parameter whose shape it has and with which it is cut; null for one number per unit
     */
    record Attached(Tensor tensor, @Nullable String weight) {}

    /** A wish which units to keep, and what is known of each for it. */
    final class Decision {
        private final boolean[] kept;
        private final double[] score;
        private final double[] scale;
        private final double[] snr;

        /**
         * A wish of a method whose units have no multipliers.
         *
         * @param kept one per unit
         * @param score one per unit: greater is better
         */
        public Decision(boolean[] kept, double[] score) {
            this(kept, score, ones(kept.length), new double[0]);
        }

        /**
         * A wish of a method whose units have a posterior.
         *
         * @param kept one per unit
         * @param score one per unit: greater is better
         * @param scale one per unit: the factor by which its signal is multiplied where it is read, once training is
         *     over
         * @param snr one per unit: its signal-to-noise ratio
         */
        public Decision(boolean[] kept, double[] score, double[] scale, double[] snr) {
            this.kept = kept.clone();
            this.score = score.clone();
            this.scale = scale.clone();
            this.snr = snr.clone();
        }

        private static double[] ones(int count) {
            double[] ones = new double[count];
            Arrays.fill(ones, 1);
            return ones;
        }

        /**
         * The units to keep.
         *
         * @return one per unit, a copy
         */
        public boolean[] kept() {
            return kept.clone();
        }

        /**
         * How much each unit is worth: greater is better.
         *
         * @return one per unit, a copy
         */
        public double[] score() {
            return score.clone();
        }

        /**
         * The factor by which a kept unit's signal is multiplied where it is read, once training is over.
         *
         * @return one per unit, a copy
         */
        public double[] scale() {
            return scale.clone();
        }

        /**
         * Signal-to-noise ratio of each unit's multiplier.
         *
         * @return one per unit, a copy; empty for a method without a posterior
         */
        public double[] snr() {
            return snr.clone();
        }
    }
}
