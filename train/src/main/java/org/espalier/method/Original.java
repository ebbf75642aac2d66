package org.espalier.method;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.shrink.Shrunk;
import org.espalier.torch.Changes;
import org.jspecify.annotations.Nullable;

/** Ordinary training: nothing is attached, nothing dropped. */
public final class Original implements Method {
    private final ChannelGroups groups;

    public Original(ChannelGroups groups) {
        this.groups = groups;
    }

    @Override
    public Changes changes(Map<String, Tensor> parameters) {
        return Changes.NONE;
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
        return new Decision(kept, scale());
    }

    @Override
    public double[] scale() {
        double[] ones = new double[groups.units()];
        Arrays.fill(ones, 1);
        return ones;
    }

    @Override
    public Method shrink(ChannelGroups smaller, Shrunk cut) {
        return new Original(smaller);
    }

    @Override
    public Map<String, org.espalier.graph.Tensor> state() {
        return Map.of();
    }

    @Override
    public void load(Map<String, org.espalier.graph.Tensor> state) {}

    @Override
    public void close() {}
}
