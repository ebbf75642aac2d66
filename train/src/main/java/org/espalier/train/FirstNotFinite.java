package org.espalier.train;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Node;
import org.espalier.ops.TensorInfo;
import org.espalier.torch.PassChanges;
import org.espalier.torch.PassMode;

/**
 * Says where in a network the first value lies that is not finite. It takes a pass, so nobody asks before a loss is
 * not finite.
 */
final class FirstNotFinite {
    private final NetworkInTraining network;
    private final ChannelGroups groups;

    FirstNotFinite(NetworkInTraining network) {
        this.network = network;
        this.groups = network.groups();
    }

    /** The first weight that holds such a value, and its group; empty where all are finite. */
    Optional<String> weight() {
        return network.notFinite().map(name -> "weight '" + name + "'" + group(name));
    }

    /** The first layer that makes such a value of a batch, and its group; empty where all are finite. */
    Optional<String> layer(Map<String, Tensor> inputs, PassChanges changes, PassMode mode) {
        return network.torch()
                .firstNotFinite(inputs, changes, mode)
                .map(n -> "what " + n.label() + " makes" + group(n));
    }

    /** The group that a unit belongs to, in brackets. */
    String group(int unit) {
        return " (group '" + groups.groupOf(unit).name() + "')";
    }

    /** A unit by its number in the network, and in its group, in brackets. */
    String place(int unit) {
        ChannelGroup g = groups.groupOf(unit);
        return " (unit " + (unit - g.offset()) + " of group '" + g.name() + "')";
    }

    /** The group of the layer that reads a weight. */
    String group(String weight) {
        List<Node> readers = groups.graph().consumers(weight);
        return readers.isEmpty() ? "" : group(readers.get(0));
    }

    /** The group that a layer makes, or else the one that it reads. */
    private String group(Node node) {
        return node.outputs().stream()
                .flatMapToInt(this::unit)
                .mapToObj(this::group)
                .findFirst()
                .orElseGet(() -> read(node).replace("(group", "(reads group"));
    }

    private String read(Node node) {
        IntStream picked = groups.sites().stream()
                .filter(s -> node.inputs().contains(s.weight()))
                .flatMapToInt(s -> Arrays.stream(s.units()))
                .filter(u -> u >= 0);
        return IntStream.concat(node.inputs().stream().flatMapToInt(this::unit), picked)
                .mapToObj(this::group)
                .findFirst()
                .orElse("");
    }

    /** The first unit along any axis of a value; nothing where it has none, or is not in the network's graph. */
    private IntStream unit(String value) {
        TensorInfo info = groups.shapes().info(value);
        return IntStream.range(0, info == null ? 0 : info.rank())
                .mapToObj(axis -> groups.unitsOf(value, axis))
                .filter(Objects::nonNull)
                .flatMapToInt(Arrays::stream)
                .filter(u -> u >= 0)
                .limit(1);
    }
}
