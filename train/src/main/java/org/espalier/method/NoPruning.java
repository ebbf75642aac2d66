package org.espalier.method;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;
import org.espalier.shrink.Shrunk;
import org.espalier.torch.NativeHandles;
import org.espalier.torch.PassChanges;
import org.jspecify.annotations.Nullable;

/** Ordinary training: nothing is attached, nothing dropped. */
public final class NoPruning implements PruningMethod {
    private final ChannelGroups groups;

    /** Weights whose zeros stay. */
    private final Set<String> sparse;

    /** 0 where a weight stays zero, else 1, by the weight's name; empty before the first step. */
    private final Map<String, Tensor> masks = new LinkedHashMap<>();

    /**
     * Ordinary training.
     *
     * @param groups of the network
     */
    public NoPruning(ChannelGroups groups) {
        this(groups, Set.of());
    }

    private NoPruning(ChannelGroups groups, Set<String> sparse) {
        this.groups = groups;
        this.sparse = sparse;
    }

    /**
     * Ordinary training in which weights of units that are zero as it begins stay zero: after a method that drops
     * weights one by one.
     *
     * @param groups its groups of units
     * @return the method
     */
    public static NoPruning keepingZeros(ChannelGroups groups) {
        return new NoPruning(
                groups, WeightAxis.of(groups).stream().map(WeightAxis::weight).collect(Collectors.toSet()));
    }

    @Override
    public PassChanges changes(Map<String, Tensor> parameters) {
        if (sparse.isEmpty()) {
            return PassChanges.NONE;
        }
        if (masks.isEmpty()) {
            parameters.forEach((name, p) -> {
                if (sparse.contains(name)) {
                    masks.put(
                            name,
                            NativeHandles.keep(p.detach().ne(new Scalar(0)).to(p.scalar_type())));
                }
            });
        }
        Map<String, Tensor> masked = new LinkedHashMap<>();
        masks.forEach((name, mask) ->
                masked.put(name, Objects.requireNonNull(parameters.get(name)).mul(mask)));
        return PassChanges.ofValues(masked);
    }

    @Override
    public @Nullable Tensor penalty() {
        return null;
    }

    @Override
    public List<Attached> parameters() {
        return List.of();
    }

    @Override
    public Decision decide(Graph network) {
        boolean[] kept = new boolean[groups.units()];
        Arrays.fill(kept, true);
        double[] score = new double[groups.units()];
        Arrays.fill(score, 1);
        return new Decision(kept, score);
    }

    @Override
    public PruningMethod shrink(ChannelGroups smaller, Shrunk cut) {
        return new NoPruning(smaller, sparse);
    }

    @Override
    public Map<String, TensorData> state() {
        return Map.of();
    }

    @Override
    public void load(Map<String, TensorData> state) {}

    @Override
    public void close() {
        masks.values().forEach(NativeHandles::release);
        masks.clear();
    }
}
