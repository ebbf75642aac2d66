package org.espalier.train;

import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.espalier.data.Batch;
import org.espalier.method.NotFiniteException;
import org.espalier.objective.PenaltySteering;
import org.espalier.objective.TrainingLoss;
import org.espalier.progress.TrainingException;
import org.espalier.recipe.TrainingPhase;
import org.espalier.torch.Engine;
import org.espalier.torch.EngineLease;
import org.espalier.torch.PassChanges;
import org.espalier.torch.PassMode;
import org.espalier.torch.Precision;
import org.espalier.torch.Scope;
import org.jspecify.annotations.Nullable;

/** The steps of one phase: forward, backward, update; and why one cannot be taken. */
final class TrainingStep {
    private final RunSession session;
    private final PhasePlan plan;
    private final NetworkInTraining network;
    private final TrainingLoss objective;
    private final @Nullable PenaltySteering steering;
    private final PassMode mode;

    TrainingStep(
            RunSession session,
            PhasePlan plan,
            NetworkInTraining network,
            TrainingLoss objective,
            @Nullable PenaltySteering steering) {
        this.session = session;
        this.plan = plan;
        this.network = network;
        this.objective = objective;
        this.steering = steering;
        Precision precision = session.recipe.batches().precision();
        PassMode training = PassMode.training(precision).withExact(precision == Precision.FLOAT32);
        this.mode = plan.settings().frozenStatistics() ? training.withFrozenStatistics() : training;
    }

    /**
     * What a step tells.
     *
     * @param loss of the batch, without what the method adds
     * @param dataLoss of the batch with its labels alone, as {@link TrainingLoss#dataLoss} has it
     * @param penalty what the method added to the loss of one example; 0 where it was not asked for
     */
    record Result(double loss, double dataLoss, double penalty) {}

    /** By what steering multiplies the penalty; 1 where nothing steers. */
    double share() {
        return steering == null ? 1 : steering.share();
    }

    /**
     * Takes one step. The engine is this thread's from the random numbers to the update: nothing else changes
     * precision or seed between.
     *
     * @param number within the phase, from 0
     * @param withPenalty whether to tell the penalty
     */
    Result run(long number, Batch batch, boolean withPenalty) {
        try (EngineLease lease = Engine.lease();
                Scope scope = Scope.open()) {
            seed(number);
            network.optimizer().zeroGrad();
            Map<String, Tensor> inputs = objective.inputs(batch);
            PassChanges changes = network.method().changes(network.torch().parameters());
            Map<String, Tensor> outputs = network.torch().forward(inputs, changes, mode);
            Map<String, Tensor> wanted = objective.wanted(number, batch, inputs, mode);
            Tensor loss = objective.loss(outputs, wanted, batch);
            double value = loss.item_double();
            if (!Double.isFinite(value)) {
                // The same random numbers again.
                seed(number);
                throw diverged(
                        "the loss must be finite, found " + value, place(batch), first(inputs, changes, wanted, batch));
            }
            steer(value, wanted, batch);
            Tensor penalty = network.method().penalty();
            Tensor total = penalty == null ? loss : loss.add(penalty.div(new Scalar((double) session.train.size())));
            total.backward();
            network.optimizer().step();
            double added = penalty == null || !withPenalty ? 0 : penalty.item_double() / session.train.size();
            return new Result(value, dataLoss(value, outputs, batch), added);
        } catch (NotFiniteException e) {
            throw diverged(e, place(batch));
        }
    }

    /** It is asked for where units have a posterior, whose divergence it is added to. */
    private double dataLoss(double loss, Map<String, Tensor> outputs, Batch batch) {
        boolean asked = plan.phase() == TrainingPhase.PRUNE && network.method().hasPosterior();
        return asked && !objective.isDataLoss() ? objective.dataLoss(outputs, batch) : loss;
    }

    private void steer(double loss, Map<String, Tensor> wanted, Batch batch) {
        if (steering == null) {
            return;
        }
        if (steering.isByCost()) {
            steering.step();
            return;
        }
        double original = objective.loss(wanted, wanted, batch).item_double();
        if (!Double.isFinite(original)) {
            throw cannotTeach("loss must be finite, found " + original, batch);
        }
        steering.step(loss, original);
    }

    private void seed(long step) {
        Engine.seed(((session.recipe.batches().seed() * 31 + plan.phase().number()) << 32) + step);
    }

    /**
     * What is not finite must not get into a checkpoint.
     *
     * @param epoch from 0
     */
    void requireFinite(int epoch) {
        String where = "after step " + session.done() + " (epoch " + (epoch + 1) + ")";
        Optional<String> weight = new FirstNotFinite(network).weight();
        if (weight.isPresent()) {
            throw diverged("weights must be finite", where, weight.get());
        }
        try {
            network.method().state();
        } catch (NotFiniteException e) {
            throw diverged(e, where);
        }
    }

    /** Looks for the cause of a loss in the order in which one value follows from the other. */
    private String first(Map<String, Tensor> inputs, PassChanges changes, Map<String, Tensor> wanted, Batch batch) {
        FirstNotFinite search = new FirstNotFinite(network);
        return search.weight().or(() -> search.layer(inputs, changes, mode)).orElseGet(() -> {
            if (wanted.values().stream().anyMatch(t -> !t.isfinite().all().item_bool())) {
                throw cannotTeach("outputs must be finite, found NaN or an infinity", batch);
            }
            return "the loss itself: all that the network computes is finite";
        });
    }

    /** A smaller learning rate does not help against what the original network answers. */
    private TrainingException cannotTeach(String what, Batch batch) {
        return new TrainingException(plan.phase() + ": the original network, which this one learns from: " + what + " "
                + place(batch) + "; begin with a network that is trained further, or learn without it (distillation and"
                + " tolerance 0)");
    }

    private TrainingException diverged(NotFiniteException e, String where) {
        FirstNotFinite search = new FirstNotFinite(network);
        String weight = e.weight();
        String group = weight == null ? search.place(e.unit()) : search.group(weight);
        return diverged(e.getMessage() + group, where, search.weight().orElse(""));
    }

    private String place(Batch batch) {
        return "at step " + (session.done() + 1) + " (batch " + (batch.index() + 1) + " of epoch " + (batch.epoch() + 1)
                + ")";
    }

    private TrainingException diverged(String what, String where, String first) {
        return new TrainingException(
                plan.phase() + ": " + what + " " + where + (first.isEmpty() ? "" : ", first in " + first)
                        + "; lower the learning rate (now " + plan.weightRate().rate() + "), the method's (now "
                        + plan.noiseRate().rate()
                        + ") or its strength");
    }
}
