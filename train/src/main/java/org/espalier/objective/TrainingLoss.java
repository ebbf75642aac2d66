package org.espalier.objective;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.espalier.data.Batch;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;
import org.espalier.recipe.DistillationSettings;
import org.espalier.recipe.PruningTask;
import org.espalier.torch.Engine;
import org.espalier.torch.PassMode;
import org.espalier.torch.ops.TensorConversions;
import org.jspecify.annotations.Nullable;

/**
 * The loss of a network with labels of any kind, or none, per example in nats.
 *
 * <ul>
 *   <li>Classes: see {@link ClassLoss}. Probabilities are taken at their word, one score stands for two classes.
 *   <li>Numbers t to predict: (y − t)² / (2 s²), the mean over the numbers, with s² = {@value #NOISE} of that
 *   number's variance over the training set: what a Gaussian of that width gives but for a constant.
 *   <li>Classes by position, and yes or no many times: see {@link NumericLoss}.
 *   <li>No labels: the cross-entropy with the classes' probabilities that the teacher gives, or what {@link
 *   TeacherDistance} says of all outputs.
 * </ul>
 *
 * <p>Outputs that no label belongs to, and numbers to predict, are compared with the teacher's by {@link
 * TeacherDistance}, with the teacher's share of the loss.
 *
 * <p>A teacher whose outputs are not known before they are needed takes longer than a step of a network that has lost
 * most of its units. It is asked in some steps only, its share of all of them, and counts alone there: the loss is
 * the same in the mean.
 */
public final class TrainingLoss {
    /**
     * Share of the variance of numbers to predict that counts as noise: one more percent of it unexplained costs 0.1
     * nats.
     */
    static final double NOISE = 0.05;

    private static final double SMALLEST = 1e-12;

    private final ClassLoss objective;
    private final BatchTensors feed;
    private final LabelledOutput head;
    private final @Nullable Teacher teacher;
    private final double share;
    private final boolean asksSometimes;
    private final @Nullable NumericLoss numeric;
    private final float[] factors;
    private final Map<String, TeacherDistance> distances;

    /**
     * Prepares.
     *
     * @param labelSmoothing share of the target over all classes
     * @param distillation share and temperature of the teacher's loss
     * @param graph the network
     * @param data the data set
     * @param task which output labels belong to
     * @param feed hands batches to libtorch
     * @param teacher the network before; null for none
     * @param always whether the teacher is to be asked in every step
     * @throws IllegalArgumentException if labels do not fit the network, or there are neither labels nor a teacher
     */
    public TrainingLoss(
            double labelSmoothing,
            DistillationSettings distillation,
            Graph graph,
            DataSet data,
            PruningTask task,
            BatchTensors feed,
            @Nullable Teacher teacher,
            boolean always) {
        this.objective = new ClassLoss(labelSmoothing, distillation.temperature());
        this.feed = feed;
        this.head = LabelledOutput.of(graph, data, task);
        this.numeric = head.labelled() && data.hasTargets() ? new NumericLoss(head, data) : null;
        this.teacher = teacher;
        this.share = teacher == null ? 0 : distillation.share();
        this.asksSometimes = !always && teacher != null && !teacher.isKnown() && head.labelled();
        if (!head.labelled() && teacher == null) {
            throw new IllegalArgumentException("data set '" + data.name()
                    + "': examples must have labels where nothing is learnt from the original network, found none");
        }
        this.factors = head.labelled() && head.kind() == LabelledOutput.Kind.NUMBERS
                ? factors(ErrorScore.targetVariances(data))
                : new float[0];
        this.distances = distances(InputMatch.sized(graph, data), data);
    }

    private Map<String, TeacherDistance> distances(Graph graph, DataSet data) {
        if (teacher == null) {
            return Map.of();
        }
        List<String> names = graph.outputs().stream()
                .filter(v -> v.type().isFloating())
                .map(Value::name)
                .filter(name -> !(head.isClasses() && name.equals(head.output())))
                .filter(name -> ExampleOutputs.hasExamples(graph, name))
                .distinct()
                .toList();
        if (names.isEmpty()) {
            return Map.of();
        }
        Map<String, double[]> variances = OutputVariances.of(teacher.network(), feed, data);
        Map<String, TeacherDistance> all = new LinkedHashMap<>();
        names.forEach(name -> all.put(name, new TeacherDistance(graph, name, objective, variances.get(name))));
        return all;
    }

    /** 1 / (2 s²) of each number; where one does not vary, as if its variance were 1. */
    private static float[] factors(double[] variances) {
        float[] factors = new float[variances.length];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = (float) (0.5 / (NOISE * (variances[i] > SMALLEST ? variances[i] : 1)));
        }
        return factors;
    }

    /**
     * A batch's inputs by the network's names.
     *
     * @param batch the batch
     * @return tensors of the open scope
     */
    public Map<String, Tensor> inputs(Batch batch) {
        return feed.inputs(batch);
    }

    /**
     * The one batch size that the network takes.
     *
     * @return examples, or 0 where any number will do
     */
    public int fixedBatch() {
        return feed.fixedBatch();
    }

    /**
     * What the teacher answers to a batch, by output; empty where it is not asked.
     *
     * @param step the step's number
     * @param batch the batch
     * @param inputs of the batch, as {@link #inputs} has them
     * @param mode how the outputs that are compared with it were computed
     * @return tensors of the open scope
     */
    public Map<String, Tensor> wanted(long step, Batch batch, Map<String, Tensor> inputs, PassMode mode) {
        boolean asked = !asksSometimes || Math.floor((step + 1) * share) > Math.floor(step * share);
        return teacher == null || !asked ? Map.of() : teacher.outputs(batch, inputs, mode);
    }

    /**
     * The mean loss of a batch.
     *
     * @param outputs the network's; the teacher's own, for its loss
     * @param wanted the teacher's, see {@link #wanted}
     * @param batch the batch
     * @return nats per example, a scalar
     */
    public Tensor loss(Map<String, Tensor> outputs, Map<String, Tensor> wanted, Batch batch) {
        Tensor y = Objects.requireNonNull(outputs.get(head.output()));
        Tensor distance = null;
        for (Map.Entry<String, Tensor> e : wanted.entrySet()) {
            TeacherDistance by = distances.get(e.getKey());
            if (by != null) {
                Tensor part = by.of(Objects.requireNonNull(outputs.get(e.getKey())), e.getValue(), batch.size());
                distance = distance == null ? part : distance.add(part);
            }
        }
        Tensor t = wanted.get(head.output());
        Tensor answer = t == null || !head.isClasses() ? null : logits(t, batch);
        if (!head.labelled()) {
            Tensor own = answer == null ? null : objective.distance(logits(y, batch), answer);
            return Objects.requireNonNull(own == null ? distance : distance == null ? own : own.add(distance));
        }
        double taught = wanted.isEmpty() ? 0 : asksSometimes ? 1 : share;
        Tensor labelled = head.isClasses()
                ? objective.loss(logits(y, batch), classes(batch), answer, taught)
                : other(objective, y, batch).mul(new Scalar(1 - taught));
        return distance == null ? labelled : labelled.add(distance.mul(new Scalar(taught)));
    }

    /**
     * Whether {@link #loss} is the loss with labels alone, or there are none.
     *
     * @return true if it is, so that it need not be computed again
     */
    public boolean isDataLoss() {
        return !head.labelled() || (share == 0 && objective.labelSmoothing() == 0);
    }

    /**
     * The mean loss of a batch with its labels alone: no smoothing, no teacher. Nothing is recorded for a backward
     * pass.
     *
     * @param outputs the network's
     * @param batch with labels
     * @return nats per example
     */
    public double dataLoss(Map<String, Tensor> outputs, Batch batch) {
        try (AutoGradMode off = new AutoGradMode(false)) {
            Tensor y = Objects.requireNonNull(outputs.get(head.output()));
            Tensor loss = head.isClasses()
                    ? new ClassLoss(0, 1).loss(logits(y, batch), classes(batch), null, 0)
                    : other(new ClassLoss(0, 1), y, batch);
            return loss.item_double();
        }
    }

    /** The batch's class numbers, int64 [N], which labels may say by zeros and a one. */
    private Tensor classes(Batch batch) {
        return numeric == null ? feed.labels(batch) : numeric.classes(feed.targets(batch, numeric.elements()));
    }

    /** The loss of labels that are not one class per example. */
    private Tensor other(ClassLoss by, Tensor y, Batch batch) {
        return numeric == null || head.kind() == LabelledOutput.Kind.NUMBERS
                ? numbers(y, batch)
                : numeric.loss(by, y, feed.targets(batch, numeric.elements()));
    }

    private Tensor numbers(Tensor y, Batch batch) {
        Tensor target = feed.targets(batch, (int) (y.numel() / batch.size()));
        return y.reshape(batch.size(), -1).sub(target).square().mul(scale()).mean();
    }

    private Tensor scale() {
        return TensorConversions.floats(factors, 1, factors.length).to(Engine.device(), torch.ScalarType.Float);
    }

    /**
     * A number whose squared derivatives have the curvature of the loss as their mean (Gauss and Newton's, which is the
     * Fisher information of the distributions that the outputs stand for), where the outputs are right: a sum over the
     * outputs with coefficients that are drawn, of the mean 0. One backward pass gives one sample for everything that the
     * outputs depend on.
     *
     * @param outputs the network's
     * @param batch the batch
     * @return a scalar
     */
    public Tensor probe(Map<String, Tensor> outputs, Batch batch) {
        double taught = teacher == null ? 0 : head.labelled() ? share : 1;
        Tensor sum = null;
        for (Map.Entry<String, TeacherDistance> e :
                teacher == null ? Map.<String, TeacherDistance>of().entrySet() : distances.entrySet()) {
            Tensor y = Objects.requireNonNull(outputs.get(e.getKey()));
            if (y.is_floating_point() && y.requires_grad()) {
                sum = added(sum, e.getValue().probe(y, batch.size()), taught);
            }
        }
        Tensor y = Objects.requireNonNull(outputs.get(head.output()));
        if (head.isClasses()) {
            sum = added(sum, objective.probe(logits(y, batch)), taught);
            sum = head.labelled() ? added(sum, new ClassLoss(0, 1).probe(logits(y, batch)), 1 - taught) : sum;
        } else if (head.labelled()) {
            Tensor own = numeric == null || head.kind() == LabelledOutput.Kind.NUMBERS
                    ? probe(y.reshape(batch.size(), -1), scale())
                    : numeric.probe(new ClassLoss(0, 1), y);
            sum = added(sum, own, 1 - taught);
        }
        return Objects.requireNonNull(sum);
    }

    /** Probes are added by the root of their weights, as the drawn coefficients are independent. */
    private static Tensor added(@Nullable Tensor sum, Tensor probe, double weight) {
        Tensor part = probe.mul(new Scalar(Math.sqrt(weight)));
        return sum == null ? part : sum.add(part);
    }

    /** The probe of mean(factor · (y − t)²): Σ ε·y, ε normal with the second derivative by y as its variance. */
    static Tensor probe(Tensor y, Tensor factor) {
        Tensor deviation = factor.mul(new Scalar(2.0 / y.numel())).sqrt();
        return y.mul(torch.randn_like(y.detach()).mul(deviation)).sum();
    }

    /** Scores of classes [N, classes] whose softmax the network means. */
    private Tensor logits(Tensor output, Batch batch) {
        Tensor flat = output.reshape(batch.size(), -1);
        return switch (head.kind()) {
            case PROBABILITIES -> logarithm(flat);
            case PROBABILITY -> noAndYes(flat);
            case SCORE -> torch.cat(new TensorVector(torch.zeros_like(flat), flat), 1);
            default -> flat;
        };
    }

    /** The logarithm of probabilities; of 0 that of the smallest one that counts. */
    static Tensor logarithm(Tensor probability) {
        return probability.clamp_min(new Scalar(1e-30)).log();
    }

    /** The logarithms of 1 − p and p [n, 2] for probabilities p [n, 1]. */
    static Tensor noAndYes(Tensor p) {
        return torch.cat(new TensorVector(logarithm(p.neg().add(new Scalar(1.0))), logarithm(p)), 1);
    }
}
