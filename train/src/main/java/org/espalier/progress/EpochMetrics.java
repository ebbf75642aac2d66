package org.espalier.progress;

import java.util.Map;
import org.espalier.recipe.TrainingPhase;
import org.jspecify.annotations.Nullable;

/**
 * What is known after an epoch.
 *
 * @param phase part of the run
 * @param epoch number within the phase, from 1
 * @param epochs epochs of the phase
 * @param step steps of the whole run so far
 * @param loss mean loss over the epoch's batches, without what the method adds
 * @param penalty what the method added to the loss of one example at the last step, in nats
 * @param klShare by what the weights of the divergence are multiplied at the epoch's end; 1 where nothing is pruned
 * @param objective the objective at weights of 1; null for a method without a posterior
 * @param units units that the method would keep now, per group of the network as it is now
 * @param macs multiply-accumulates of one example with those units
 * @param heldOutErrorPercent error on the held-out part with the others removed; NaN where nothing is held out
 * @param learningRate of the weights at the epoch's end
 * @param noiseLearningRate of what the method adds at the epoch's end
 * @param seconds wall time of the epoch's training; of a run that went on within the epoch, from there
 * @param runSeconds wall time of the whole run so far, without interruptions
 * @param examplesPerSecond training throughput
 * @param dataWaitShare share of the time in which training waited for data
 * @param groups more about each group of the network as it is now
 */
public record EpochMetrics(
        TrainingPhase phase,
        int epoch,
        int epochs,
        long step,
        double loss,
        double penalty,
        double klShare,
        @Nullable VariationalObjective objective,
        Map<String, Integer> units,
        long macs,
        double heldOutErrorPercent,
        double learningRate,
        double noiseLearningRate,
        double seconds,
        double runSeconds,
        double examplesPerSecond,
        double dataWaitShare,
        Map<String, GroupMetrics> groups) {}
