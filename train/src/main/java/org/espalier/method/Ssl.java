package org.espalier.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.shrink.Shrunk;
import org.espalier.torch.PassChanges;
import org.espalier.torch.ops.TensorConversions;
import org.jspecify.annotations.Nullable;

/**
 * Structured Sparsity Learning: group lasso on the weights that make a unit (a filter, a row) and on those that read
 * it (an input channel, a column), which drives whole groups to zero.
 *
 * <p>Adds Σ λᵤ·√n·‖W‖₂ over all groups W of n weights, λᵤ being the weight of the group's unit. A unit goes when the
 * weights on one of its sides have a root mean square below {@value #THRESHOLD} of the greatest in the same matrix.
 * What is left is fine-tuned without the lasso.
 *
 * <p>Source: Wen, Wu, Wang, Chen, Li, "Learning Structured Sparsity in Deep Neural Networks", NIPS 2016; the factor
 * √n by Yuan, Lin, "Model Selection and Estimation in Regression with Grouped Variables", 2006.
 */
public final class Ssl implements PruningMethod {
    /** Weights of a group that goes, relative to those of the strongest one. */
    public static final double THRESHOLD = 0.05;

    /** Added to squared norms: the derivative of the root stays finite at 0. */
    private static final double TINY = 1e-24;

    private static final String STATE = "lambda";

    private final ChannelGroups groups;
    private final double[] lambda;
    private final List<WeightAxis> axes;
    private Map<String, Tensor> current = Map.of();

    /**
     * Attaches the lasso to all groups.
     *
     * @param groups of the network
     * @param weights of each unit in nats per unit of √n·‖W‖₂, against the sum of the losses of all training examples
     */
    public Ssl(ChannelGroups groups, KlWeights weights) {
        this(groups, weights.of(groups));
    }

    private Ssl(ChannelGroups groups, double[] lambda) {
        this.groups = groups;
        this.lambda = lambda.clone();
        this.axes = WeightAxis.of(groups);
    }

    @Override
    public PassChanges changes(Map<String, Tensor> parameters) {
        current = parameters;
        return PassChanges.NONE;
    }

    @Override
    public @Nullable Tensor penalty() {
        if (current.isEmpty()) {
            throw new IllegalStateException(
                    "the lasso belongs to a step, expected trained weights from it, found none");
        }
        Tensor total = null;
        for (WeightAxis a : axes) {
            Tensor w = current.get(a.weight());
            // Constants that are not trained, such as a shift of which one number is left, are not shrunk either.
            if (w != null) {
                Tensor sum = lasso(a, w);
                total = total == null ? sum : total.add(sum);
            }
        }
        return total;
    }

    private Tensor lasso(WeightAxis a, Tensor w) {
        int length = a.units().length;
        long perIndex = w.numel() / length;
        int[] local = local(a.units());
        int count = Arrays.stream(local).max().orElse(0) + 1;
        float[] factor = new float[count];
        int[] indices = new int[count];
        for (int i = 0; i < length; i++) {
            indices[local[i]]++;
            int unit = a.units()[i];
            factor[local[i]] = unit < 0 ? 0 : (float) (lambda[unit] * Math.sqrt((double) indices[local[i]] * perIndex));
        }
        long[] others =
                LongStream.range(0, w.dim()).filter(axis -> axis != a.axis()).toArray();
        Tensor squares = others.length == 0 ? w.square() : w.square().sum(others, false, new ScalarTypeOptional());
        if (count < length) {
            long[] at = Arrays.stream(local).asLongStream().toArray();
            Tensor index = TensorConversions.longs(at, length).to(squares.device(), torch.ScalarType.Long);
            squares = torch.zeros(new long[] {count}, squares.options()).index_add(0, index, squares);
        }
        return squares.add(new Scalar(TINY))
                .sqrt()
                .dot(TensorConversions.floats(factor, count).to(squares.device(), squares.scalar_type()));
    }

    /** The units along an axis numbered from 0 in the order in which they appear; those that always stay are one. */
    private static int[] local(int[] units) {
        Map<Integer, Integer> numbers = new LinkedHashMap<>();
        return Arrays.stream(units)
                .map(u -> numbers.computeIfAbsent(Math.max(u, -1), k -> numbers.size()))
                .toArray();
    }

    @Override
    public List<Attached> parameters() {
        return List.of();
    }

    /** A unit is worth the relative root mean square of its weights, on the side where that is smaller. */
    @Override
    public Decision decide(Graph network) {
        double[] made = new double[groups.units()];
        double[] read = new double[groups.units()];
        Arrays.fill(made, -1);
        Arrays.fill(read, -1);
        for (WeightAxis a : axes) {
            double[] strength = strength(a, network);
            double[] best = a.read() ? read : made;
            for (int u : a.units()) {
                if (u >= 0) {
                    best[u] = Math.max(best[u], strength[u]);
                }
            }
        }
        double[] score = new double[groups.units()];
        boolean[] kept = new boolean[groups.units()];
        for (int u = 0; u < score.length; u++) {
            score[u] = made[u] < 0 ? read[u] : read[u] < 0 ? made[u] : Math.min(made[u], read[u]);
            kept[u] = score[u] >= THRESHOLD;
        }
        return new Decision(kept, score);
    }

    /** Root mean square of each unit's weights along an axis, relative to the greatest. */
    private double[] strength(WeightAxis a, Graph network) {
        TensorData t = Objects.requireNonNull(network.initializer(a.weight()), a.weight());
        float[] w = t.toFloats();
        int[] unit = a.unitOfElement(t);
        double[] squares = new double[groups.units()];
        int[] count = new int[groups.units()];
        for (int i = 0; i < w.length; i++) {
            if (unit[i] >= 0) {
                squares[unit[i]] += (double) w[i] * w[i];
                count[unit[i]]++;
            }
        }
        double greatest = 0;
        for (int u = 0; u < squares.length; u++) {
            squares[u] = Math.sqrt(squares[u] / Math.max(1, count[u]));
            greatest = Math.max(greatest, squares[u]);
        }
        for (int u = 0; u < squares.length; u++) {
            squares[u] = greatest > 0 ? squares[u] / greatest : 0;
        }
        return squares;
    }

    @Override
    public PruningMethod shrink(ChannelGroups smaller, Shrunk cut) {
        List<Double> left = new ArrayList<>();
        for (int u = 0; u < lambda.length; u++) {
            if (cut.keeps(u)) {
                left.add(lambda[u]);
            }
        }
        return new Ssl(smaller, left.stream().mapToDouble(v -> v).toArray());
    }

    @Override
    public Map<String, TensorData> state() {
        return Map.of(STATE, TensorData.ofDoubles(lambda, lambda.length));
    }

    @Override
    public void load(Map<String, TensorData> state) {
        TensorData value = state.get(STATE);
        if (value == null || value.elements() != lambda.length) {
            throw new IllegalArgumentException("lasso state '" + STATE + "': must hold one number per unit, expected "
                    + lambda.length + ", found " + value);
        }
        System.arraycopy(value.toDoubles(), 0, lambda, 0, lambda.length);
    }

    @Override
    public void close() {}
}
