package org.espalier.checkpoint;

import java.util.List;
import java.util.Map;
import org.espalier.bayes.Posterior;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.objective.PenaltySteering;
import org.espalier.progress.EpochMetrics;
import org.espalier.recipe.TrainingPhase;
import org.espalier.shrink.AxisSlice;
import org.espalier.torch.Optimizer;
import org.jspecify.annotations.Nullable;

/**
 * All that is needed to go on with a run as if it had never stopped. The order of data, the multipliers' draws and
 * libtorch's random numbers follow from seeds and positions, so that no generator's inner state is among it.
 *
 * @param settings what the run was made from; another run must not go on from it
 * @param phase part of the run in which training goes on
 * @param epoch from 0
 * @param batch from 0: the next one to train on
 * @param loss sum of the losses of this epoch so far
 * @param dataLoss the same of the losses with labels alone
 * @param done steps of all phases so far
 * @param seconds wall time so far
 * @param results what earlier phases made
 * @param network the network in training; null at the beginning of a phase
 * @param metrics all epochs so far
 */
public record Checkpoint(
        String settings,
        TrainingPhase phase,
        int epoch,
        int batch,
        double loss,
        double dataLoss,
        long done,
        double seconds,
        Results results,
        @Nullable State network,
        List<EpochMetrics> metrics) {

    /**
     * What phases that are over made.
     *
     * @param original the network after pre-training; null before
     * @param originalErrorPercent its error on the test set
     * @param pruned what pruning made; null before
     */
    public record Results(
            @Nullable Graph original,
            double originalErrorPercent,
            /** Nothing is made yet. */
            /** Nothing is made yet. */
            /** Nothing is made yet. */
            /** Nothing is made yet. */
            @Nullable Pruned pruned) {
        /** Nothing is made yet. */
        public static final Results NONE = new Results(null, Double.NaN, null);
    }

    /**
     * What pruning made.
     *
     * @param trained the network as the method left it
     * @param posterior of its units
     * @param graph the smaller network
     * @param units per group
     * @param cuts what stayed at each cut, first to last
     */
    public record Pruned(
            Graph trained,
            @Nullable Posterior posterior,
            Graph graph,
            Map<String, Integer> units,
            List<Map<String, List<AxisSlice>>> cuts) {}

    /**
     * A network in training.
     *
     * @param graph with the constants as they are now
     * @param cuts in this phase so far
     * @param optimizer moments by parameter
     * @param method what the method remembers
     * @param epochsBelow per unit for how many epochs it has been below the threshold
     * @param steering of the divergence's weights
     * @param averaged steps over which weights were averaged so far
     * @param average the mean weights by name
     */
    public record State(
            Graph graph,
            List<Map<String, List<AxisSlice>>> cuts,
            Map<String, Optimizer.Moments> optimizer,
            Map<String, TensorData> method,
            int[] epochsBelow,
            PenaltySteering.State steering,
            long averaged,
            Map<String, TensorData> average) {
        /**
         * Copies the counts.
         *
         * @param graph with the constants as they are now
         * @param cuts in this phase so far
         * @param optimizer moments by parameter
         * @param method what the method remembers
         * @param epochsBelow per unit for how many epochs it has been below the threshold
         * @param steering of the divergence's weights
         * @param averaged steps over which weights were averaged so far
         * @param average the mean weights by name
         */
        public State {
            epochsBelow = epochsBelow.clone();
        }

        /**
         * Per unit for how many epochs it has been below the threshold.
         *
         * @return one per unit, a copy
         */
        @Override
        public int[] epochsBelow() {
            return epochsBelow.clone();
        }
    }
}
