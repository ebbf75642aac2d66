package org.espalier.torch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.Value;
import org.jspecify.annotations.Nullable;

/**
 * Which values of a graph are computed with channels of zeros at their end, so that channels fill whole vectors.
 *
 * <p>Pruning leaves odd numbers of channels, for which libtorch's batch normalisation of pictures with channels innermost is slow: a step
 * of a VGG-like network with 0.24 of its channels took 1.6 times as long as with 0.25 of them. So what a convolution hands to one is padded.
 * Filters and factors are padded where they are read; the zeros stay zeros through the operators that are let through here, and add
 * nothing to any sum. Without batch normalisation it would not pay: LeNet-5's 20 channels would be 32.
 */
final class PaddedChannels {
    /** Channels that libtorch handles at a time, at most. */
    private static final long LANES = 16;

    /** Where filters have more weights, late in a network, pictures are too small for padding to pay. */
    private static final long LARGEST_WEIGHT = 1 << 18;

    private static final Set<String> CHANNEL_BY_CHANNEL = Set.of("Relu", "LeakyRelu", "MaxPool", "AveragePool");

    private final Graph graph;

    /** Channels without the zeros, by value. */
    private final Map<String, Long> channels = new HashMap<>();

    PaddedChannels(Graph graph) {
        this.graph = graph;
        graph.nodes().forEach(this::propose);
        boolean settled = false;
        while (!settled) {
            // What one value cannot have its neighbours cannot have, either.
            settled = !channels.keySet().removeIf(v -> !isPossible(v));
        }
    }

    private void propose(Node n) {
        org.espalier.graph.Tensor w = filters(n);
        if (w != null) {
            long out = w.shape()[0];
            if (out % LANES != 0 && w.elements() <= LARGEST_WEIGHT && isNormalized(n.output(0))) {
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
    private org.espalier.graph.@Nullable Tensor filters(Node n) {
        boolean whole = n.opType().equals("Conv") && n.getLong("group", 1) == 1;
        org.espalier.graph.Tensor w = whole ? graph.initializer(n.input(1)) : null;
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

    /** Whether a pass with these changes can be run so. */
    boolean allows(Changes changes) {
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
            for (int i = 1; i < 5; i++) {
                pad(in, i, 0);
            }
        } else if (filters(n) != null && (contains(n.input(0)) || contains(n.output(0)))) {
            Tensor w = in[1];
            if (w != null && mixed) {
                in[1] = w.to(ScalarType.BFloat16);
            }
            if (contains(n.input(0))) {
                pad(in, 1, 1);
            }
            if (contains(n.output(0))) {
                pad(in, 1, 0);
                pad(in, 2, 0);
            }
        }
    }

    private static void pad(@Nullable Tensor[] in, int i, int axis) {
        Tensor t = i < in.length ? in[i] : null;
        if (t != null) {
            in[i] = padded(t, axis, (t.size(axis) + LANES - 1) / LANES * LANES);
        }
    }

    /** A tensor with zeros at the end of an axis, so that it has the given length; the same where it has. */
    static Tensor padded(Tensor t, int axis, long length) {
        long missing = length - t.size(axis);
        if (missing == 0) {
            return t;
        }
        long[] pads = new long[2 * ((int) t.dim() - axis)];
        pads[pads.length - 1] = missing;
        return torch.constant_pad_nd(t, pads);
    }

    /** Hands statistics that batch normalisation updated back to those without padding. */
    void keepStatistics(Node n, @Nullable Tensor[] own, @Nullable Tensor[] in) {
        if (!n.opType().equals("BatchNormalization") || !contains(n.input(0))) {
            return;
        }
        try (AutoGradMode off = new AutoGradMode(false)) {
            for (int i = 3; i < 5; i++) {
                Tensor to = own[i];
                Tensor from = in[i];
                if (to != null && from != null) {
                    to.copy_(from.narrow(0, 0, to.size(0)));
                }
            }
        }
    }
}
