package org.espalier.train;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.espalier.bayes.Posterior;
import org.espalier.bayes.QuadraticFit;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.method.StructuredBayes;
import org.espalier.objective.PenaltySteering;
import org.espalier.objective.TrainingLoss;
import org.espalier.torch.Engine;
import org.espalier.torch.EngineLease;
import org.espalier.torch.PassChanges;
import org.espalier.torch.PassMode;
import org.espalier.torch.Scope;
import org.espalier.torch.ops.TensorConversions;
import org.jspecify.annotations.Nullable;

/**
 * Where training with noise begins: the posterior that suits a loss which is quadratic in each unit's multiplier.
 *
 * <p>Small batches give, at multipliers of 1, the mean gradient of the loss by each multiplier, and its curvature:
 * the mean of squared derivatives of {@link TrainingLoss#probe}. Both are of the mean loss of an example; times the
 * number of training examples and divided by the weight of a unit's divergence they are what {@link QuadraticFit}
 * takes. Where a tolerance steers the weights, their share is searched at which the loss with that noise is as far above
 * the original's as may be: units are fitted one by one, but the loss is measured with the noise of all.
 */
final class WarmStart {
    /** Small batches give more samples of squared derivatives for the same work. */
    private static final int BATCH = 16;

    /** Batches on which the loss with noise is measured, each with a draw of its own. */
    private static final int MEASURED = 4;

    private static final int MEASURED_BATCH = 32;

    /** Halvings of the range in which the share is searched: a 30th of an e-fold is left. */
    private static final int SEARCH = 9;

    /** How far the loss with the first noise is above the original's, in units of how far it may be. */
    private static final double AIM = 0.7;

    /** Apart from the random numbers of steps. */
    private static final long SEED = 0x5741524dL;

    private final RunSession session;
    private final PhasePlan plan;
    private final NetworkInTraining network;
    private final StructuredBayes method;
    private final TrainingLoss objective;
    private final @Nullable PenaltySteering steering;
    private final PassMode mode = PassMode.evaluation();
    private double[] slope = new double[0];
    private double[] curvature = new double[0];

    WarmStart(
            RunSession session,
            PhasePlan plan,
            NetworkInTraining network,
            StructuredBayes method,
            TrainingLoss objective,
            @Nullable PenaltySteering steering) {
        this.session = session;
        this.plan = plan;
        this.network = network;
        this.method = method;
        this.objective = objective;
        this.steering = steering;
    }

    /** Sets the method's posterior, and the share where one is steered. */
    void run() {
        measure(session.recipe.noise().warmStartBatches());
        double share = steering == null ? 1 : steering.isByCost() ? steering.share() : search(steering);
        method.begin(fit(share));
    }

    /** Collects slope and curvature of the mean loss by each unit's multiplier. */
    private void measure(int batches) {
        List<Tensor> trained = network.torch().parameters().values().stream()
                .filter(Tensor::requires_grad)
                .toList();
        slope = new double[network.groups().units()];
        curvature = new double[slope.length];
        try (BatchLoader loader = loader(Math.min(BATCH, plan.batchSize()))) {
            // Their gradients would be computed for nothing.
            trained.forEach(t -> t.set_requires_grad(false));
            for (int i = 0; i < batches; i++) {
                add(i, loader.next());
            }
        } finally {
            trained.forEach(t -> t.set_requires_grad(true));
        }
        for (int u = 0; u < slope.length; u++) {
            slope[u] /= batches;
            curvature[u] /= batches;
        }
    }

    private BatchLoader loader(int size) {
        return BatchLoader.of(session.train)
                .batchSize(objective.fixedBatch() > 0 ? objective.fixedBatch() : size)
                .seed(session.recipe.batches().seed() * 31 + SEED)
                .dropLast(true)
                .build();
    }

    private void add(int number, Batch batch) {
        try (EngineLease lease = Engine.lease();
                Scope scope = Scope.open()) {
            seed(number);
            float[] ones = new float[slope.length];
            Arrays.fill(ones, 1);
            Tensor theta = row(ones);
            theta.set_requires_grad(true);
            Map<String, Tensor> inputs = objective.inputs(batch);
            Map<String, Tensor> outputs = network.torch()
                    .forward(inputs, method.multiplied(theta, network.torch().parameters()), mode.withGradients(true));
            Map<String, Tensor> wanted = objective.wanted(0, batch, inputs, mode);
            objective
                    .loss(outputs, wanted, batch)
                    .backward(new Tensor(), new BoolOptional(true), false, new TensorArrayRefOptional());
            float[] g = values(theta);
            theta.mutable_grad().put(new Tensor());
            objective.probe(outputs, batch).backward();
            float[] p = values(theta);
            for (int u = 0; u < ones.length; u++) {
                slope[u] += g[u];
                curvature[u] += (double) p[u] * p[u];
            }
        }
    }

    private PassChanges changes(boolean[] kept) {
        Map<String, Tensor> parameters = network.torch().parameters();
        if (kept.length == 0) {
            return method.changes(parameters);
        }
        float[] theta = new float[kept.length];
        for (int u = 0; u < theta.length; u++) {
            theta[u] = kept[u] ? 1 : 0;
        }
        return method.multiplied(row(theta), parameters);
    }

    /** The same multipliers for the whole batch: float32 [1, units]. */
    private static Tensor row(float[] theta) {
        return TensorConversions.floats(theta, 1, theta.length).to(Engine.device(), torch.ScalarType.Float);
    }

    private static float[] values(Tensor theta) {
        return TensorConversions.toGraph(theta.grad()).toFloats();
    }

    private void seed(long number) {
        Engine.seed(((session.recipe.batches().seed() * 31 + SEED) << 32) + number);
    }

    /** The best posterior at the method's first weights, times a share. */
    private Posterior fit(double share) {
        double[] weight = method.firstWeights();
        double[] a = new double[weight.length];
        double[] c = new double[weight.length];
        int examples = session.train.size();
        for (int u = 0; u < weight.length; u++) {
            // A weight of 0 asks for no noise at all.
            double times = examples / Math.max(1e-12, share * weight[u]);
            a[u] = slope[u] * times;
            c[u] = curvature[u] * times;
        }
        return QuadraticFit.of(a, c);
    }

    /** The share at which the loss is as far above the original's as it is to be, with which steering begins, too. */
    private double search(PenaltySteering steered) {
        double low = Math.log(PenaltySteering.LEAST);
        double high = Math.log(PenaltySteering.MOST);
        double excess = 0;
        for (int i = 0; i < SEARCH; i++) {
            double middle = (low + high) / 2;
            double found = excess(steered, Math.exp(middle));
            if (found < AIM) {
                low = middle;
                excess = found;
            } else {
                high = middle;
            }
        }
        double share = Math.exp(low);
        steered.begin(share, excess);
        return share;
    }

    /** With a draw of the noise for each batch; where nothing is trained with it, with the units that would be kept. */
    private double excess(PenaltySteering steered, double share) {
        method.begin(fit(share));
        boolean[] kept = plan.epochs() == 0 ? network.decide().kept().kept() : new boolean[0];
        double loss = 0;
        double original = 0;
        try (BatchLoader loader = loader(Math.min(MEASURED_BATCH, plan.batchSize()));
                AutoGradMode off = new AutoGradMode(false)) {
            for (int i = 0; i < MEASURED; i++) {
                try (EngineLease lease = Engine.lease();
                        Scope scope = Scope.open()) {
                    Batch batch = loader.next();
                    Map<String, Tensor> inputs = objective.inputs(batch);
                    Map<String, Tensor> outputs = network.torch().forward(inputs, changes(kept), mode);
                    Map<String, Tensor> wanted = objective.wanted(0, batch, inputs, mode);
                    loss += objective.loss(outputs, wanted, batch).item_double() / MEASURED;
                    original += objective.loss(wanted, wanted, batch).item_double() / MEASURED;
                }
            }
        }
        // What is no number is too much noise.
        double found = steered.excess(loss, original);
        return Double.isNaN(found) ? Double.POSITIVE_INFINITY : found;
    }
}
