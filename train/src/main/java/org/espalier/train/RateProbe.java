package org.espalier.train;

import java.util.Map;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.objective.TrainingLoss;
import org.espalier.torch.Engine;
import org.espalier.torch.EngineLease;
import org.espalier.torch.PassChanges;
import org.espalier.torch.PassMode;
import org.espalier.torch.Precision;
import org.espalier.torch.Scope;

/**
 * Whether a network that learns from itself stays itself at a learning rate. Adam takes whole steps however small a
 * gradient is, so that a network whose outputs hang on small weights is lost within a few of them.
 */
final class RateProbe {
    private static final int STEPS = 24;

    /** Share of the outputs' variance by which they may differ from what they were. */
    private static final double SAME = 1e-4;

    private final DataSet train;
    private final int batch;
    private final long seed;

    RateProbe(DataSet train, int batch, long seed) {
        this.train = train;
        this.batch = batch;
        this.seed = seed;
    }

    /**
     * Takes a few steps.
     *
     * @param network with a fresh optimizer; it is changed
     * @param objective the distance to the network as it was, alone
     * @param rate of the weights
     * @return whether it is the same still
     */
    boolean stays(NetworkInTraining network, TrainingLoss objective, double rate) {
        int fixed = objective.fixedBatch();
        try (BatchLoader loader = BatchLoader.of(train)
                .batchSize(fixed > 0 ? fixed : Math.min(batch, train.size()))
                .seed(seed)
                .dropLast(true)
                .build()) {
            double worst = 0;
            for (int i = 0; i < STEPS; i++) {
                network.setRates(rate, 0);
                worst = Math.max(worst, step(network, objective, loader.next()));
            }
            return worst <= SAME;
        }
    }

    /** One step; by how much the outputs differ after it, as a share of their variance; infinite if they are no numbers. */
    private double step(NetworkInTraining network, TrainingLoss objective, Batch batch) {
        try (EngineLease lease = Engine.lease();
                Scope scope = Scope.open()) {
            Engine.seed(seed);
            network.optimizer().zeroGrad();
            Map<String, Tensor> inputs = objective.inputs(batch);
            PassMode mode = PassMode.training(Precision.FLOAT32).withExact(true).withFrozenStatistics();
            Map<String, Tensor> wanted = objective.wanted(0, batch, inputs, mode);
            Map<String, Tensor> outputs = network.torch().forward(inputs, PassChanges.NONE, mode);
            objective.loss(outputs, wanted, batch).backward();
            network.optimizer().step();
            try (AutoGradMode off = new AutoGradMode(false)) {
                return difference(network.torch().forward(inputs, PassChanges.NONE, PassMode.evaluation()), wanted);
            }
        }
    }

    private static double difference(Map<String, Tensor> outputs, Map<String, Tensor> wanted) {
        double worst = 0;
        for (Map.Entry<String, Tensor> e : wanted.entrySet()) {
            Tensor y = outputs.get(e.getKey());
            if (y == null || y.numel() < 2) {
                continue;
            }
            Tensor t = e.getValue().reshape(-1);
            double variance = t.var(false).item_double();
            double apart = y.reshape(-1).sub(t).square().mean().item_double();
            if (!Double.isFinite(apart)) {
                return Double.POSITIVE_INFINITY;
            }
            worst = Math.max(worst, variance > 0 ? apart / variance : 0);
        }
        return worst;
    }
}
