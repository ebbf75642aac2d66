package org.espalier.torch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.jspecify.annotations.Nullable;

/**
 * Which values of a graph are computed with channels of zeros at their end, so that channels fill whole vectors.
 *
 * <p>Pruning leaves odd numbers of channels, for which libtorch's batch normalisation of pictures with channels
 * innermost is slow: a step of a VGG-like network with 0.24 of its channels took 1.6 times as long as with 0.25 of
 * them. So what a convolution hands to one is padded, and stays so up to the next convolution, if nothing else than
 * activations, pooling and sums lies between them. Filters and factors are padded where they are read; the zeros stay
 * zeros and add nothing to any sum. Without batch normalisation it would not pay: LeNet-5's 20 channels would be 32.
 * It is for steps on the CPU whose gradients are wanted.
 */
final class PaddedChannels {
    /** Numbers of 32 bits that libtorch's normalisation handles at a time. */
    static final int FLOATS = 8;

    /** Numbers of 16 bits. */
    static final int HALVES = 16;

    /** A value may grow by this factor, at most. */
    private static final int LARGEST_GROWTH = 2;

    /** Where filters have more weights, late in a network, pictures are too small for padding to pay. */
    private static final long LARGEST_WEIGHT = 1 << 18;

    private static final Set<String> CHANNEL_BY_CHANNEL = Set.of("Relu", "LeakyRelu", "MaxPool", "AveragePool");

    private final Graph graph;
    private final int lanes;

    /** Channels without the zeros, by value. */
    private final Map<String, Long> channels = new HashMap<>();

    /**
     * Looks a graph through.
     *
     * @param lanes what numbers of channels shall be multiples of
     */
    PaddedChannels(Graph graph, int lanes) {
        this.graph = graph;
        this.lanes = lanes;
        graph.nodes().forEach(this::propose);
        boolean settled = false;
        while (!settled) {
            // What one value cannot have its neighbours cannot have, either.
            settled = !channels.keySet().removeIf(v -> !isPossible(v));
        }
    }

    private void propose(Node n) {
        TensorData w = filters(n);
        if (w != null) {
            long out = w.shape()[0];
            boolean pays = out % lanes != 0 && rounded(out) <= LARGEST_GROWTH * out && w.elements() <= LARGEST_WEIGHT;
            if (pays && isNormalized(n.output(0))) {
                channels.put(n.output(0), out);
            }
        } else if (passes(n) && channels.containsKey(n.input(0))) {
            channels.put(n.output(0), Objects.requireNonNull(channels.get(n.input(0))));
        }
    }

    private boolean isNormalized(String value) {
        return graph.consumers(value).stream().anyMatch(n -> n.opType().equals("BatchNormalization"));
    }

    private boolean isPossible(String value) {
        Node maker = graph.producer(value);
        boolean made = maker != null
                && (filters(maker) != null || dataOf(maker).stream().allMatch(this::contains));
        return made
                && graph.outputs().stream().map(Value::name).noneMatch(value::equals)
                && graph.consumers(value).stream().allMatch(n -> takes(n, value));
    }

    private boolean takes(Node n, String value) {
        if (filters(n) != null) {
            return n.inputs().indexOf(value) == 0 && n.inputs().lastIndexOf(value) == 0;
        }
        return passes(n) && contains(n.output(0)) && dataOf(n).stream().allMatch(this::contains);
    }

    private boolean contains(String value) {
        return channels.containsKey(value);
    }

    /** The filters of a convolution that sums over all channels of pictures; null for other nodes. */
    private @Nullable TensorData filters(Node n) {
        boolean whole = n.opType().equals("Conv") && n.getLong("group", 1) == 1;
        TensorData w = whole ? graph.initializer(n.input(1)) : null;
        return w != null && w.rank() == 4 ? w : null;
    }

    /** Whether zeros at the end of the input become zeros at the end of the only output. */
    private boolean passes(Node n) {
        if (n.outputs().size() != 1) {
            return false;
        }
        return switch (n.opType()) {
            case "BatchNormalization" ->
                n.inputs().subList(1, 5).stream().allMatch(p -> graph.initializer(p) != null)
                        && n.getLong("training_mode", 0) == 0;
            case "Add" -> sameChannels(n.input(0), n.input(1));
            default -> CHANNEL_BY_CHANNEL.contains(n.opType());
        };
    }

    private boolean sameChannels(String a, String b) {
        return contains(a) && Objects.equals(channels.get(a), channels.get(b));
    }

    private static List<String> dataOf(Node n) {
        return n.opType().equals("Add") ? n.inputs() : n.inputs().subList(0, 1);
    }

    private long rounded(long count) {
        return (count + lanes - 1) / lanes * lanes;
    }

    /** Whether there is something to pad, and a pass with these changes can be run so. */
    boolean allows(PassChanges changes) {
        return !channels.isEmpty()
                && changes.variances().isEmpty()
                && changes.values().keySet().stream().noneMatch(this::contains);
    }

    /**
     * Pads what a node reads beside its data, in place in {@code in}.
     *
     * @param mixed whether products are computed in bfloat16
     */
    void pad(Node n, @Nullable Tensor[] in, boolean mixed) {
        if (n.opType().equals("BatchNormalization") && contains(n.input(0))) {
            for (int i = 1; i < 4; i++) {
                pad(in, i, 0, 0);
            }
            // Not zeros, of which the inverse root would be infinite where there is no epsilon.
            pad(in, 4, 0, 1);
        } else if (filters(n) != null && (contains(n.input(0)) || contains(n.output(0)))) {
            Tensor w = in[1];
            if (w != null && mixed && w.scalar_type().intern() == ScalarType.Float) {
                in[1] = w.to(ScalarType.BFloat16);
            }
            if (contains(n.input(0))) {
                pad(in, 1, 1, 0);
            }
            if (contains(n.output(0))) {
                pad(in, 1, 0, 0);
                pad(in, 2, 0, 0);
            }
        }
    }

    private void pad(@Nullable Tensor[] in, int i, int axis, double value) {
        Tensor t = i < in.length ? in[i] : null;
        if (t != null) {
            in[i] = padded(t, axis, rounded(t.size(axis)), value);
        }
    }

    /**
     * A tensor with a value at the end of an axis, so that it has the given length; the same where it has.
     *
     * @throws IllegalArgumentException if it is longer
     */
    static Tensor padded(Tensor t, int axis, long length, double value) {
        long missing = length - t.size(axis);
        if (missing < 0) {
            throw new IllegalArgumentException(
                    "axis " + axis + ": expected at most " + length + " indices, found " + t.size(axis));
        }
        if (missing == 0) {
            return t;
        }
        long[] pads = new long[2 * ((int) t.dim() - axis)];
        pads[pads.length - 1] = missing;
        return torch.constant_pad_nd(t, pads, new Scalar(value));
    }

    /** Hands statistics of the batch that batch normalisation took in back to those without padding. */
    void keepStatistics(Node n, @Nullable Tensor[] own, @Nullable Tensor[] in) {
        if (!n.opType().equals("BatchNormalization") || !contains(n.input(0))) {
            return;
        }
        for (int i = 3; i < 5; i++) {
            Tensor to = own[i];
            Tensor from = in[i];
            if (to != null && from != null) {
                // As batch normalisation itself does it: autograd does not hear of it.
                to.data().copy_(from.narrow(0, 0, to.size(0)));
            }
        }
    }
}
